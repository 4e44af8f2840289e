import type { Attempt } from "../../../core/job.ts";
import { tenantOf } from "../../lane-order.ts";
import type { Database, Statement } from "../driver/database.ts";
import { hashOf } from "./lane-jobs.ts";

/** How many attempts, or transactions that ended some, wait before some are indexed. */
const ENOUGH = 1_000;
const MOST_ROWS = 64;
/** How many attempts are indexed in one transaction, which takes a few milliseconds; the last one's row is taken whole. */
const BATCH = 100;

/** One that ended: its job, its number, 1 if it succeeded, and when it began. */
type Ended = readonly [job: number, n: number, isSuccess: 0 | 1, startedAt: number];

interface LogRow {
  readonly seq: number;
  readonly attempts: string;
  readonly count: number;
}

interface Begun {
  readonly n: number;
  readonly started_at: number | null;
}

/** Where an attempt stands in the index. */
export interface IndexedAttempt {
  readonly is_success: number;
  readonly started_at: number;
  readonly job: number;
  readonly n: number;
}

/**
 * Finds the attempts of an endpoint. The index is kept in bulk, in the order of the endpoints, so that a batch touches each of its
 * pages once. Until then a transaction keeps what it ended in one row, whatever it settled.
 */
export class AttemptLog {
  #ended: Ended[] = [];
  readonly #append: Statement;
  readonly #counts: Statement<{ count: number }>;
  readonly #rows: Statement<LogRow>;
  readonly #take: Statement;
  readonly #lane: Statement<{ lane: string }>;
  readonly #add: Statement;
  readonly #remove: Statement;

  constructor(db: Database) {
    db.beforeCommit(() => this.#write());
    db.onRollback(() => {
      this.#ended = [];
    });
    this.#append = db.prepare("insert into ended_attempts (attempts, count) values (?, ?)");
    this.#counts = db.prepare("select count from ended_attempts order by seq limit ?");
    this.#rows = db.prepare("select seq, attempts, count from ended_attempts order by seq limit ?");
    this.#take = db.prepare("delete from ended_attempts where seq = ?");
    this.#lane = db.prepare("select lane from jobs where seq = ?");
    this.#add = db.prepare(`
      insert into endpoint_attempts (lane_hash, is_success, started_at, job, n)
      values (?, ?, ?, ?, ?)
      on conflict do nothing`);
    this.#remove = db.prepare(`
      delete from endpoint_attempts
      where lane_hash = ? and is_success = ? and started_at = ? and job = ? and n = ?`);
  }

  /** Remembers it until the transaction ends. */
  ended(job: number, lane: string, attempt: Pick<Attempt, "n" | "outcome" | "startedAt">): void {
    if (tenantOf(lane) === undefined) return;
    this.#ended.push([job, attempt.n, attempt.outcome === "succeeded" ? 1 : 0, attempt.startedAt]);
  }

  /** Whether enough has come to be worth a batch. A read. */
  get isBehind(): boolean {
    const counts = this.#counts.all(MOST_ROWS);
    return counts.length === MOST_ROWS || counts.reduce((sum, { count }) => sum + count, 0) >= ENOUGH;
  }

  catchUp(): void {
    const ended: Ended[] = [];
    for (const { seq, attempts } of this.#rows.all(MOST_ROWS)) {
      ended.push(...parsed(attempts));
      this.#take.run(seq);
      if (ended.length >= BATCH) break;
    }
    const found = ended.flatMap((each) => this.#indexed(each) ?? []);
    const hashes = new Map<string, number>();
    for (const { lane } of found) if (!hashes.has(lane)) hashes.set(lane, hashOf(lane));
    const rows = found.map(({ lane, ...row }) => ({ ...row, hash: hashes.get(lane) ?? hashOf(lane) }));
    rows.sort((a, b) => a.hash - b.hash || a.is_success - b.is_success || a.started_at - b.started_at);
    for (const { hash, is_success, started_at, job, n } of rows)
      this.#add.run(hash, is_success, started_at, job, n);
  }

  /** Those of a lane that are not in the index yet. */
  tail(lane: string): IndexedAttempt[] {
    return this.#rows
      .all(Number.MAX_SAFE_INTEGER)
      .flatMap(({ attempts }) => parsed(attempts))
      .flatMap((each) => this.#indexed(each) ?? [])
      .filter((each) => each.lane === lane);
  }

  /** @param failed the job's attempts that did not succeed. @param last the one that it ended with. */
  remove(lane: string, job: number, failed: readonly Begun[], last: Begun | undefined): void {
    if (tenantOf(lane) === undefined) return;
    const hash = hashOf(lane);
    for (const { n, started_at } of failed) this.#remove.run(hash, 0, started_at, job, n);
    if (last) this.#remove.run(hash, 1, last.started_at, job, last.n);
  }

  /** Undefined once it was pruned. */
  #indexed([job, n, is_success, started_at]: Ended): (IndexedAttempt & { lane: string }) | undefined {
    const lane = this.#lane.get(job)?.lane;
    return lane === undefined ? undefined : { lane, is_success, started_at, job, n };
  }

  #write(): void {
    if (this.#ended.length === 0) return;
    this.#append.run(JSON.stringify(this.#ended), this.#ended.length);
    this.#ended = [];
  }
}

function parsed(attempts: string): Ended[] {
  return JSON.parse(attempts) as Ended[]; // only `#write` makes it
}
