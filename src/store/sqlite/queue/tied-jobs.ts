import { followUpJob, settledJob } from "../../../core/follow-up.ts";
import { expiryOf, parseTies, type Ties } from "../../../core/ties.ts";
import type { Ended, Transition } from "../../../core/transition.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { Groups } from "./groups.ts";
import type { LiveKeys } from "./live-keys.ts";
import type { NewJobs } from "./new-jobs.ts";
import type { OrderedLanes } from "./ordered-lanes.ts";

/** A job, and what it is tied to. */
export interface TiedJob {
  /** Its key in all tables. */
  readonly handle: number;
  readonly id: string;
  readonly task: string;
  readonly ties: Ties | undefined;
}

interface TiesRow {
  readonly id: string;
  readonly task: string;
  readonly ties: string | null;
}

/** What a job's end, and its coming back, mean for what it is tied to: its key, its group, its line, its follow-up, its retention. */
export class TiedJobs {
  readonly #keys: LiveKeys;
  readonly #groups: Groups;
  readonly #newJobs: NewJobs;
  readonly #ordered: OrderedLanes;
  readonly #row: Statement<TiesRow>;
  readonly #expire: Statement;

  constructor(db: Database, keys: LiveKeys, groups: Groups, newJobs: NewJobs, ordered: OrderedLanes) {
    this.#keys = keys;
    this.#groups = groups;
    this.#newJobs = newJobs;
    this.#ordered = ordered;
    this.#row = db.prepare("select id, task, ties from jobs where seq = ?");
    this.#expire = db.prepare("update finished set expires_at = ? where job = ?");
  }

  find(handle: number): TiedJob | undefined {
    const row = this.#row.get(handle);
    return row && { handle, id: row.id, task: row.task, ties: parseTies(row.ties) };
  }

  /** To be called once its row stands in `finished`. */
  ended(job: TiedJob, ties: Ties, lane: string, transition: Transition<Ended>, now: number): void {
    if (ties.ordered) this.#ordered.ended(lane, job.handle, now);
    const again = ties.key === undefined ? undefined : this.#keys.free(job.task, ties.key, job.handle, now);
    if (again) this.#newJobs.make(again, now);
    if (ties.groupId !== undefined) this.#groups.ended(ties.groupId, transition.next.status, now);
    const expiresAt = expiryOf(ties, now);
    if (expiresAt !== null) this.#expire.run(expiresAt, job.handle);
    if (ties.onSettled) {
      this.#newJobs.make(followUpJob(ties.onSettled, settledJob(job, transition), now), now);
    }
  }

  /** The id of the live job that has its key, which keeps it from coming back. */
  keyHolder({ task, ties }: TiedJob): string | undefined {
    return ties?.key === undefined ? undefined : this.#keys.holder(task, ties.key);
  }

  /** The job is live again; no other job may have its key. Returns its place in its lane's line, if it has to wait there. */
  cameBack({ handle, task, ties }: TiedJob, lane: string, from: "failed" | "cancelled"): number | undefined {
    if (ties?.key !== undefined) this.#keys.take(task, ties.key, handle);
    if (ties?.groupId !== undefined) this.#groups.reopened(ties.groupId, from);
    return ties?.ordered ? this.#ordered.enter(lane, handle) : undefined;
  }
}
