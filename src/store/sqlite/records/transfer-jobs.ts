import { SKEW_MS } from "../../../core/clock.ts";
import { StoreUnusableError } from "../../../core/errors.ts";
import { parseTies } from "../../../core/ties.ts";
import { BEHIND } from "../../../core/transition.ts";
import { PAGE_BYTES } from "../../page-bytes.ts";
import type { JobTransfer } from "../../shelves/transfers.ts";
import {
  ATTEMPT_COLUMNS,
  type AttemptRecord,
  END_COLUMNS,
  failedAs,
  JOB_COLUMNS,
  type JobRecord,
  withoutLease,
} from "../../transfer.ts";
import type { Database, Statement } from "../driver/database.ts";
import { OrderedLanes } from "../queue/ordered-lanes.ts";
import { Parked } from "../queue/parked.ts";
import { Queued } from "../queue/queued.ts";
import type { AttemptLog } from "./attempt-log.ts";

interface FoundRow extends Omit<JobRecord, "history"> {
  readonly seq: number;
  readonly leased_at: number | null;
}

/** Jobs with where they stand and all that belongs to them. */
export class TransferJobs implements JobTransfer {
  readonly #db: Database;
  readonly #log: AttemptLog;
  readonly #queued: Queued;
  readonly #parked: Parked;
  readonly #ordered: OrderedLanes;
  readonly #keys: Statement<{ seq: number }>;
  readonly #find: Statement<FoundRow>;
  readonly #history: Statement<AttemptRecord>;
  readonly #isThere: Statement;
  readonly #newest: Statement<{ created_at: number }>;
  readonly #insert: Statement;
  readonly #finish: Statement;
  readonly #record: Statement;
  readonly #takeKey: Statement;

  constructor(db: Database, log: AttemptLog) {
    this.#db = db;
    this.#log = log;
    this.#queued = new Queued(db);
    this.#parked = new Parked(db, this.#queued);
    this.#ordered = new OrderedLanes(db, this.#queued);
    this.#keys = db.prepare("select seq from jobs where id > ? order by id limit ?");
    this.#find = db.prepare(`
      select j.seq, ${JOB_COLUMNS.map((name) => `j.${name}`).join(", ")},
        coalesce(f.status, 'queued') as status,
        coalesce(f.attempts, l.attempts, r.attempts, s.attempts, p.attempts, 0) as attempts,
        coalesce(f.started_at, l.started_at, r.started_at, s.started_at, p.started_at) as started_at,
        coalesce(l.failures, r.failures, s.failures, p.failures, 0) as failures,
        coalesce(l.losses, r.losses, s.losses, p.losses, 0) as losses,
        coalesce(r.due_at, s.run_at, p.run_at) as run_at,
        f.finished_at, f.expires_at, f.result, f.error, f.began_at, f.duration_ms, f.code, f.class, f.excerpt,
        l.leased_at
      from jobs j
      left join finished f on f.job = j.seq
      left join leases l on l.job = j.seq
      left join ready r on r.job = j.seq
      left join scheduled s on s.job = j.seq
      left join parked p on p.job = j.seq
      where j.seq = ?`);
    this.#history = db.prepare(`
      select ${ATTEMPT_COLUMNS.join(", ")}
      from attempts
      where job = ?
      order by n`);
    this.#isThere = db.prepare("select 1 from jobs where id = ?");
    this.#newest = db.prepare("select created_at from jobs order by seq desc limit 1");
    this.#insert = db.prepare(insertInto("jobs", JOB_COLUMNS));
    this.#finish = db.prepare(insertInto("finished", ["job", "lane", "fingerprint", ...END_COLUMNS]));
    this.#record = db.prepare(insertInto("attempts", ["job", ...ATTEMPT_COLUMNS]));
    this.#takeKey = db.prepare(
      "insert into live_keys (task, key, job) values (?, ?, ?) on conflict do nothing",
    );
  }

  /** Goes through all of it; prepared for the occasion, which is rare. */
  count(): Promise<number> {
    return this.#db.read(
      () => this.#db.prepare<{ n: number }>("select count(*) as n from jobs").get()?.n ?? 0,
    );
  }

  page(after: string | null, limit: number): Promise<JobRecord[]> {
    return this.#db.read(() => this.#page(after ?? "", limit));
  }

  add(jobs: readonly JobRecord[], now: number): Promise<number> {
    return this.#db.write(() => {
      const fresh = jobs.filter(({ id }) => this.#isThere.get(id) === undefined);
      this.#refuseOlder(fresh);
      for (const job of fresh) this.#add(job, now);
      return fresh.length;
    });
  }

  #page(after: string, limit: number): JobRecord[] {
    const page: JobRecord[] = [];
    let bytes = 0;
    for (const { seq } of this.#keys.all(after, limit)) {
      const row = this.#find.get(seq);
      if (!row) continue;
      const { seq: _, ...found } = row;
      const history = this.#history.all(seq).map((attempt) => ({ ...attempt }));
      page.push(withoutLease({ ...found, history }));
      bytes += found.payload.length;
      if (bytes >= PAGE_BYTES) break;
    }
    return page;
  }

  /** The numbers of jobs rise with their times, give or take a moment; every list and every pruning goes by that. */
  #refuseOlder([first]: readonly JobRecord[]): void {
    const newest = this.#newest.get()?.created_at ?? 0;
    if (!first || first.created_at >= newest - SKEW_MS) return;
    throw new StoreUnusableError(
      `${this.#db.file} holds jobs that are newer than the ones to be imported; a SQLite file only accepts an import ` +
        "before it has taken jobs of its own: import into a new file, or into PostgreSQL",
    );
  }

  #add(job: JobRecord, now: number): void {
    const seq = this.#insert.insert(...JOB_COLUMNS.map((name) => job[name]));
    for (const attempt of job.history) {
      this.#record.run(seq, ...ATTEMPT_COLUMNS.map((name) => attempt[name]));
      const { n, outcome, started_at: startedAt } = attempt;
      this.#log.ended(seq, job.lane, { n, outcome, startedAt });
    }
    const { attempts: n, began_at: startedAt } = job;
    if (startedAt !== null) this.#log.ended(seq, job.lane, { n, outcome: "succeeded", startedAt });
    if (job.status === "queued") this.#queue(seq, job, now);
    else this.#end(seq, job);
  }

  #queue(seq: number, job: JobRecord, now: number): void {
    const { key, ordered } = parseTies(job.ties) ?? {};
    const runAt = job.run_at ?? now;
    const place = ordered ? this.#ordered.enter(job.lane, seq) : undefined;
    if (place === undefined) this.#queued.put(seq, job, job, job.started_at, runAt, now);
    else
      this.#parked.put(
        seq,
        job,
        job,
        job.started_at,
        { status: "parked", reason: BEHIND, runAt, place },
        now,
      );
    if (key !== undefined) this.#takeKey.run(job.task, key, seq);
  }

  #end(seq: number, job: JobRecord): void {
    const lane = job.status === "succeeded" ? null : job.lane;
    this.#finish.run(seq, lane, failedAs(job), ...END_COLUMNS.map((name) => job[name]));
  }
}

function insertInto(table: string, columns: readonly string[]): string {
  return `insert into ${table} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`;
}
