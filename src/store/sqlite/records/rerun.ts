import { afterRerun, behind, canRerun } from "../../../core/transition.ts";
import type { Changed, RerunBatch, RerunFilter } from "../../job-records.ts";
import type { Call } from "../../shelves/tables/session.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import type { Live, Place, Queued } from "../queue/queued.ts";
import type { Settlements } from "../queue/settle.ts";
import type { TiedJob, TiedJobs } from "../queue/tied-jobs.ts";
import type { Records } from "./records.ts";
import { isDead, Walks } from "./walk.ts";

/** How many jobs are searched for one batch, which holds the database for some milliseconds. */
const ROWS_OF_BATCH = 1_000;

const ENDED = { walked: "finished f", key: "f.job", joined: "cross join jobs j on j.seq = f.job" };

export interface RerunParts {
  readonly db: Database;
  readonly records: Records;
  readonly queued: Queued;
  readonly settlements: Settlements;
  readonly tied: TiedJobs;
  readonly session: ShelfSession;
}

/** Queues jobs again that have ended, and sooner what waits. */
export class RerunByHand {
  readonly #db: Database;
  readonly #session: ShelfSession;
  readonly #records: Records;
  readonly #queued: Queued;
  readonly #settlements: Settlements;
  readonly #tied: TiedJobs;
  readonly #walks: Walks;
  readonly #leaveFinished: Statement<
    Pick<Live, "attempts" | "started_at"> & { status: "failed" | "cancelled" }
  >;
  readonly #place: Statement<Place>;
  readonly #leaveScheduled: Statement<Live>;

  constructor({ db, records, queued, settlements, tied, session }: RerunParts) {
    this.#session = session;
    this.#db = db;
    this.#records = records;
    this.#queued = queued;
    this.#settlements = settlements;
    this.#tied = tied;
    this.#walks = new Walks(db);
    this.#leaveFinished = db.prepare(
      "delete from finished where job = ? returning attempts, started_at, status",
    );
    this.#place = db.prepare("select priority, lane from jobs where seq = ?");
    this.#leaveScheduled = db.prepare(`
      delete from scheduled
      where job = ?
      returning priority, lane, attempts, failures, losses, started_at`);
  }

  rerun(jobId: string, now: number, audit?: Call<unknown>): Promise<Changed | undefined> {
    return this.#db.write(() => {
      const found = this.#records.find(jobId);
      if (!found) return undefined;
      const { key, status: from } = found;
      const job = canRerun(from) ? this.#tied.find(key) : undefined;
      if (!job) return { from, changed: false };
      const keyHolder = this.requeue(job, now);
      if (keyHolder !== undefined) return { from, changed: false, keyHolder };
      if (audit) this.#session.run(audit);
      return { from, changed: true };
    });
  }

  rerunMany(filter: RerunFilter, limit: number, now: number): Promise<RerunBatch> {
    return this.#db.write(() => {
      const { keys, last } = this.#toRerun(filter, limit);
      let rerun = 0;
      for (const key of keys) {
        const job = this.#tied.find(key);
        if (job && this.requeue(job, now) === undefined) rerun++;
      }
      return { rerun, last: last === undefined ? null : String(last) };
    });
  }

  runNow(jobId: string, now: number, audit?: Call<unknown>): Promise<Changed | undefined> {
    return this.#db.write(() => {
      const found = this.#records.find(jobId);
      if (!found) return undefined;
      const { key, status: from } = found;
      const changed = from === "queued" && this.makeDue(key, now);
      if (changed && audit) this.#session.run(audit);
      return { from, changed };
    });
  }

  /** In the caller's transaction. Whether it was queued for later. */
  makeDue(key: number, now: number): boolean {
    const live = this.#leaveScheduled.get(key);
    if (live) this.#queued.put(key, live, live, live.started_at, now, now);
    return live !== undefined;
  }

  /**
   * In the caller's transaction. If a live job has its key, changes nothing and returns that job's id.
   * @param later by how much it gives way to others of its priority.
   */
  requeue(job: TiedJob, now: number, later = 0): string | undefined {
    const keyHolder = this.#tied.keyHolder(job);
    if (keyHolder !== undefined) return keyHolder;
    const ended = this.#leaveFinished.get(job.handle);
    const place = this.#place.get(job.handle);
    if (!ended || !place) return undefined;
    const inLine = this.#tied.cameBack(job, place.lane, ended.status);
    const back = afterRerun(ended, now);
    const transition = inLine === undefined ? back : behind(back, inLine);
    const { lane, priority } = place;
    this.#settlements.write(job, { lane, priority: priority + later }, ended.started_at, transition, now);
    return undefined;
  }

  #toRerun(filter: RerunFilter, limit: number): { keys: number[]; last: number | undefined } {
    const { status, task, lane, finishedBefore, after } = filter;
    const walk = this.#walks
      .at(ENDED)
      .within(isDead("f.status", status))
      .within("f.job > ?", Number(after ?? 0))
      .where("f.finished_at < ?", finishedBefore)
      .where("j.task = ?", task);
    if (lane !== undefined) walk.within("f.lane = ?", lane);
    walk.createdBetween(filter);
    const end = walk.end("asc", ROWS_OF_BATCH);
    const keys = walk.keys("asc", limit, end);
    return { keys, last: keys.length < limit ? end : keys.at(-1) };
  }
}
