import { firstIdAt } from "../../core/id.ts";
import {
  type EndedBefore,
  type FinishedWeight,
  MOST_LOOKED_AT,
  type PrunedBatch,
  type Retention,
} from "../retention.ts";
import type { Database, Statement } from "./driver/database.ts";
import { FreePages } from "./free-pages.ts";
import type { AttemptLog } from "./records/attempt-log.ts";
import type { LaneJobs } from "./records/lane-jobs.ts";
import { isDead } from "./records/walk.ts";
import { Weights } from "./weights.ts";

/** Deletes what is past its retention, in small batches, and keeps the index of lanes up. */
export class Upkeep implements Retention {
  readonly #db: Database;
  readonly #bound: Statement<{ seq: number }>;
  readonly #farthest: Statement<{ job: number }>;
  readonly #old: Statement<{ job: number }>;
  readonly #dead: Readonly<Record<"failed" | "cancelled", Statement<{ job: number }>>>;
  readonly #expired: Statement<{ job: number }>;
  readonly #laneJobs: LaneJobs;
  readonly #freePages: FreePages;
  readonly #weights: Weights;
  readonly #log: AttemptLog;
  readonly #dropJob: Statement<{ lane: string; tags: string | null }>;
  readonly #dropFinished: Statement<{ n: number; started_at: number | null }>;
  readonly #dropAttempts: Statement<{ n: number; started_at: number }>;
  readonly #dropGroups: Statement;
  readonly #dropKeys: Statement;
  readonly #oldEvents: Statement<{ id: string; is_needed: number }>;
  readonly #dropEvent: Statement<{ tenant: string; event_id: string | null }>;
  readonly #dropEventKey: Statement;
  readonly #used: Statement<{ bytes: number }>;

  constructor(db: Database, laneJobs: LaneJobs, log: AttemptLog) {
    this.#db = db;
    this.#laneJobs = laneJobs;
    this.#freePages = new FreePages(db);
    this.#weights = new Weights(db);
    this.#log = log;
    this.#bound = db.prepare("select seq from jobs where id < ? order by id desc limit 1");
    this.#farthest = db.prepare(`
      select job from finished
      where job > ? and job <= ?
      order by job
      limit 1 offset ${MOST_LOOKED_AT - 1}`);
    this.#old = db.prepare(`
      select job from finished
      where job > ? and job <= ? and finished_at < case status when 'succeeded' then ? else ? end and expires_at is null
      order by job
      limit ?`);
    const dead = (status: "failed" | "cancelled") =>
      db.prepare<{ job: number }>(`
        select job from finished
        where ${isDead("status", status)} and job > ? and job <= ? and finished_at < ? and expires_at is null
        order by job
        limit ?`);
    this.#dead = { failed: dead("failed"), cancelled: dead("cancelled") };
    this.#expired = db.prepare(`
      select job from finished
      where expires_at is not null and expires_at <= ?
      order by expires_at
      limit ?`);
    this.#dropJob = db.prepare("delete from jobs where seq = ? returning lane, tags");
    this.#dropFinished = db.prepare(
      "delete from finished where job = ? returning attempts as n, began_at as started_at",
    );
    this.#dropAttempts = db.prepare("delete from attempts where job = ? returning n, started_at");
    this.#dropGroups = db.prepare(`
      delete from groups
      where id in (select id from groups where settled_at < ? order by settled_at limit ?)`);
    this.#oldEvents = db.prepare(`
      select id, exists (select 1 from jobs where event = events.id) as is_needed
      from events
      where id > ? and id < ?
      order by id
      limit ?`);
    this.#dropEvent = db.prepare("delete from events where id = ? returning tenant, event_id");
    this.#dropEventKey = db.prepare("delete from event_keys where tenant = ? and event_id = ? and event = ?");
    this.#used = db.prepare(`
      select (page_count - freelist_count) * page_size as bytes
      from pragma_page_count, pragma_freelist_count, pragma_page_size`);
    this.#dropKeys = db.prepare(`
      delete from idempotency_keys
      where (scope, key) in (select scope, key from idempotency_keys where expires_at <= ? order by expires_at limit ?)`);
  }

  async maintain(): Promise<boolean> {
    for (const index of [this.#laneJobs, this.#log]) {
      if (!(await this.#db.read(() => index.isBehind))) continue;
      await this.#db.writeUnsynced(() => index.catchUp());
      return true;
    }
    await this.#freePages.giveBack(); // a step with each look is enough
    return false;
  }

  usedBytes(): Promise<number> {
    return this.#db.read(() => this.#used.get()?.bytes ?? 0);
  }

  weigh(after: string | null, limit: number): Promise<readonly FinishedWeight[]> {
    return this.#weights.page(after, limit);
  }

  pruneJobs(before: EndedBefore, after: string | null, limit: number): Promise<PrunedBatch> {
    return this.#db.writeUnsynced(() => {
      const from = Number(after ?? 0);
      const bound = this.#lastMadeBefore(before.madeBefore ?? before.succeeded);
      const farthest = this.#farthest.get(from, bound)?.job;
      const old = this.#old.all(from, farthest ?? bound, before.succeeded, before.failed, limit);
      this.#drop(old);
      const last = old.length < limit ? farthest : old.at(-1)?.job;
      return { pruned: old.length, last: last === undefined ? null : String(last) };
    });
  }

  pruneDead(
    status: "failed" | "cancelled",
    before: number,
    after: string | null,
    limit: number,
    madeBefore = before,
  ): Promise<PrunedBatch> {
    return this.#db.writeUnsynced(() => {
      const bound = this.#lastMadeBefore(madeBefore);
      const old = this.#dead[status].all(Number(after ?? 0), bound, before, limit);
      this.#drop(old);
      return { pruned: old.length, last: old.length < limit ? null : String(old.at(-1)?.job) };
    });
  }

  /** No job made later can have ended before then. */
  #lastMadeBefore(ms: number): number {
    return this.#bound.get(firstIdAt("job", ms))?.seq ?? 0;
  }

  pruneExpired(now: number, limit: number): Promise<number> {
    return this.#db.writeUnsynced(() => {
      const expired = this.#expired.all(now, limit);
      this.#drop(expired);
      return expired.length;
    });
  }

  pruneGroups(settledBefore: number, limit: number): Promise<number> {
    return this.#db.writeUnsynced(() => this.#dropGroups.run(settledBefore, limit));
  }

  pruneEvents(createdBefore: number, after: string | null, limit: number): Promise<PrunedBatch> {
    return this.#db.writeUnsynced(() => {
      const old = this.#oldEvents.all(after ?? "", firstIdAt("msg", createdBefore), limit);
      const unneeded = old.filter((event) => event.is_needed === 0);
      for (const { id } of unneeded) {
        const { tenant, event_id } = this.#dropEvent.get(id) ?? {};
        if (tenant !== undefined && event_id) this.#dropEventKey.run(tenant, event_id, id);
      }
      return { pruned: unneeded.length, last: old.length < limit ? null : (old.at(-1)?.id ?? null) };
    });
  }

  pruneIdempotencyKeys(now: number, limit: number): Promise<number> {
    return this.#db.writeUnsynced(() => this.#dropKeys.run(now, limit));
  }

  #drop(jobs: readonly { readonly job: number }[]): void {
    for (const { job } of jobs) {
      const attempts = this.#dropAttempts.all(job);
      const last = this.#dropFinished.get(job);
      const dropped = this.#dropJob.get(job);
      if (!dropped) continue;
      const { lane, tags } = dropped;
      this.#laneJobs.remove(lane, tags, job);
      this.#log.remove(lane, job, attempts, last);
    }
    if (jobs.length > 0) this.#laneJobs.stepBack();
  }
}
