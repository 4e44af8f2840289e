import { hash } from "node:crypto";
import type { Database, Statement } from "../driver/database.ts";

/** How many wait before some are indexed. */
const ENOUGH = 1_000;
/** How many are indexed in one transaction, which takes a few milliseconds. */
const BATCH = 100;

interface NewJobRow {
  readonly seq: number;
  readonly lane: string;
}

/**
 * Finds the jobs of a lane. The index is a table of its own, kept in bulk and in the order of the lanes, so that a batch
 * touches each page once; jobs younger than that are few, and are looked through.
 */
export class LaneJobs {
  readonly #upto: Statement<{ upto: number }>;
  readonly #newest: Statement<{ seq: number }>;
  readonly #newJobs: Statement<NewJobRow>;
  readonly #add: Statement;
  readonly #progress: Statement;
  readonly #remove: Statement;

  constructor(db: Database) {
    this.#upto = db.prepare("select upto from lane_jobs_progress where only = 1");
    this.#newest = db.prepare("select seq from jobs order by seq desc limit 1");
    this.#newJobs = db.prepare("select seq, lane from jobs where seq > ? order by seq limit ?");
    this.#add = db.prepare("insert into lane_jobs (lane_hash, job) values (?, ?)");
    this.#progress = db.prepare("update lane_jobs_progress set upto = ? where only = 1");
    this.#remove = db.prepare("delete from lane_jobs where lane_hash = ? and job = ?");
  }

  /** Jobs up to this one are in the index. */
  get upto(): number {
    return this.#upto.get()?.upto ?? 0; // the row is made by the migration
  }

  /** Whether enough has come to be worth a batch. A read. */
  get isBehind(): boolean {
    return (this.#newest.get()?.seq ?? 0) - this.upto >= ENOUGH;
  }

  catchUp(): void {
    const jobs = this.#newJobs.all(this.upto, BATCH);
    const last = jobs.at(-1)?.seq;
    if (last === undefined) return;
    const hashes = new Map<string, number>();
    for (const { lane } of jobs) if (!hashes.has(lane)) hashes.set(lane, hashOf(lane));
    const rows = jobs.map(({ seq, lane }) => ({ seq, hash: hashes.get(lane) ?? hashOf(lane) }));
    rows.sort((a, b) => a.hash - b.hash || a.seq - b.seq);
    for (const { hash, seq } of rows) this.#add.run(hash, seq);
    this.#progress.run(last);
  }

  remove(lane: string, job: number): void {
    this.#remove.run(hashOf(lane), job);
  }

  /** To be called after jobs were deleted: the numbers of the newest of them are given out again. */
  stepBack(): void {
    const newest = this.#newest.get()?.seq ?? 0;
    if (newest < this.upto) this.#progress.run(newest);
  }
}

/** 48 bits, which a JavaScript number holds exactly. Lanes that share them are told apart by the job's own row. */
export function hashOf(lane: string): number {
  return Number.parseInt(hash("sha256", lane).slice(0, 12), 16);
}
