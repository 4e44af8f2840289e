import { hash } from "node:crypto";
import { readable } from "../../../core/readable.ts";
import type { Database, Statement } from "../driver/database.ts";

/** How many are indexed together. */
const BATCH = 1_000;
/** How many of them in one transaction, which takes a few milliseconds. */
const STEP = 100;

interface NewJobRow {
  readonly seq: number;
  readonly id: string;
  readonly lane: string;
  readonly tags: string | null;
}

interface Row {
  readonly seq: number;
  readonly hash: number;
}

/**
 * Finds the jobs of a lane, and those of a tag. The index is a table of its own, kept in bulk and in the order of lanes and tags, so that a batch
 * touches each page once, whatever the number of its steps; jobs younger than the last whole batch are few, and are looked through.
 */
export class LaneJobs {
  readonly #upto: Statement<{ upto: number }>;
  readonly #newest: Statement<{ seq: number }>;
  readonly #newJobs: Statement<NewJobRow>;
  readonly #id: Statement<{ id: string }>;
  readonly #add: Statement;
  readonly #progress: Statement;
  readonly #remove: Statement;
  /** What is left of the batch under way, and its last job. */
  #left: readonly Row[] = [];
  #last: NewJobRow | undefined;

  constructor(db: Database) {
    db.onRollback(() => {
      this.#left = [];
    });
    this.#upto = db.prepare("select upto from lane_jobs_progress where only = 1");
    this.#newest = db.prepare("select seq from jobs order by seq desc limit 1");
    this.#newJobs = db.prepare("select seq, id, lane, tags from jobs where seq > ? order by seq limit ?");
    this.#id = db.prepare("select id from jobs where seq = ?");
    this.#add = db.prepare("insert or ignore into lane_jobs (lane_hash, job) values (?, ?)");
    this.#progress = db.prepare("update lane_jobs_progress set upto = ? where only = 1");
    this.#remove = db.prepare("delete from lane_jobs where lane_hash = ? and job = ?");
  }

  /** Jobs up to this one are in the index; of later ones, some may be. */
  get upto(): number {
    return this.#upto.get()?.upto ?? 0; // the row is made by the migration
  }

  /** Whether enough has come to be worth a batch. A read. */
  get isBehind(): boolean {
    return (this.#newest.get()?.seq ?? 0) - this.upto >= BATCH;
  }

  /** A step. A batch that is begun again, here or by another process, adds the same rows. */
  catchUp(): void {
    if (this.#left.length === 0) this.#begin();
    for (const { hash, seq } of this.#left.slice(0, STEP)) this.#add.run(hash, seq);
    this.#left = this.#left.slice(STEP);
    if (this.#left.length === 0 && this.#last) this.#complete(this.#last);
  }

  #begin(): void {
    const jobs = this.#newJobs.all(this.upto, BATCH);
    this.#last = jobs.at(-1);
    const hashes = new Map<string, number>();
    for (const { lane } of jobs) if (!hashes.has(lane)) hashes.set(lane, hashOf(lane));
    const rows = jobs.flatMap(({ seq, lane, tags }) => {
      const hash = hashes.get(lane) ?? hashOf(lane);
      return [hash, ...hashesOfTags(tags)].map((each) => ({ seq, hash: each }));
    });
    this.#left = rows.sort((a, b) => a.hash - b.hash || a.seq - b.seq);
  }

  /** Numbers are given out again from the newest down: while the last job is the same, so are the others. */
  #complete({ seq, id }: NewJobRow): void {
    if (seq > this.upto && this.#id.get(seq)?.id === id) this.#progress.run(seq);
  }

  /** @param tags of the job, as its row has them. */
  remove(lane: string, tags: string | null, job: number): void {
    for (const hash of [hashOf(lane), ...hashesOfTags(tags)]) this.#remove.run(hash, job);
  }

  /** To be called before a job's row loses its tags. */
  removeTags(tags: string | null, job: number): void {
    for (const hash of hashesOfTags(tags)) this.#remove.run(hash, job);
    this.#left = []; // they may be in the rest of the batch
  }

  /** To be called after jobs were deleted: the numbers of the newest of them are given out again. */
  stepBack(): void {
    this.#left = []; // some of the batch may be gone
    const newest = this.#newest.get()?.seq ?? 0;
    if (newest < this.upto) this.#progress.run(newest);
  }
}

/** As `hashOf`. A tag that is a lane's name as well has a number of its own. */
export function hashOfTag(tag: string): number {
  return hashOf(`tag ${tag}`);
}

function hashesOfTags(tags: string | null): readonly number[] {
  if (tags === null) return [];
  return (readable(tags, parseTags) ?? []).map(hashOfTag);
}

function parseTags(text: string): readonly string[] {
  return JSON.parse(text) as string[]; // only NewJobs and an import write them
}

/** 48 bits, which a JavaScript number holds exactly. Lanes that share them are told apart by the job's own row. */
export function hashOf(lane: string): number {
  return Number.parseInt(hash("sha256", lane).slice(0, 12), 16);
}
