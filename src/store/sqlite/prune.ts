import { firstIdAt } from "../../core/id.ts";
import type { PrunedBatch } from "../retention.ts";
import type { Database, Statement } from "./driver/database.ts";
import type { LaneJobs } from "./records/lane-jobs.ts";

/** Deletes what is past its retention, in small batches. */
export class Pruning {
  readonly #old: Statement<{ job: number }>;
  readonly #expired: Statement<{ job: number }>;
  readonly #laneJobs: LaneJobs;
  readonly #dropJob: Statement<{ lane: string }>;
  readonly #dropFinished: Statement;
  readonly #dropAttempts: Statement;
  readonly #dropKeys: Statement;

  constructor(db: Database, laneJobs: LaneJobs) {
    this.#laneJobs = laneJobs;
    // in the order of age, no further than jobs created before the bound
    this.#old = db.prepare(`
      select job from finished
      where job > ? and finished_at < ? and expires_at is null
        and job <= coalesce((select seq from jobs where id < ? order by id desc limit 1), 0)
      order by job
      limit ?`);
    this.#expired = db.prepare(`
      select job from finished
      where expires_at is not null and expires_at <= ?
      order by expires_at
      limit ?`);
    this.#dropJob = db.prepare("delete from jobs where seq = ? returning lane");
    this.#dropFinished = db.prepare("delete from finished where job = ?");
    this.#dropAttempts = db.prepare("delete from attempts where job = ?");
    this.#dropKeys = db.prepare(`
      delete from idempotency_keys
      where (scope, key) in (select scope, key from idempotency_keys where expires_at <= ? order by expires_at limit ?)`);
  }

  jobs(finishedBefore: number, after: string | null, limit: number): PrunedBatch {
    const old = this.#old.all(Number(after ?? 0), finishedBefore, firstIdAt("job", finishedBefore), limit);
    this.#drop(old);
    return { pruned: old.length, last: old.length < limit ? null : String(old.at(-1)?.job) };
  }

  expired(now: number, limit: number): number {
    const expired = this.#expired.all(now, limit);
    this.#drop(expired);
    return expired.length;
  }

  keys(now: number, limit: number): number {
    return this.#dropKeys.run(now, limit);
  }

  #drop(jobs: readonly { readonly job: number }[]): void {
    for (const { job } of jobs) {
      this.#dropAttempts.run(job);
      this.#dropFinished.run(job);
      const lane = this.#dropJob.get(job)?.lane;
      if (lane !== undefined) this.#laneJobs.remove(lane, job);
    }
    if (jobs.length > 0) this.#laneJobs.stepBack();
  }
}
