import { firstIdAt } from "../../../core/id.ts";
import { canCancel, canRerun } from "../../../core/transition.ts";
import type {
  ChangedJobs,
  BulkJobs as Contract,
  FoundJob,
  FoundJobs,
  JobChanges,
  OldestPage,
  Outcomes,
} from "../../bulk.ts";
import type { JobFilter } from "../../job-records.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import type { Enqueues } from "../queue/enqueue.ts";
import type { TiedJobs } from "../queue/tied-jobs.ts";
import type { Cancellation } from "./cancel.ts";
import { LAST_CLASS, ofLastAttempt } from "./fitting.ts";
import type { LaneJobs } from "./lane-jobs.ts";
import type { Records } from "./records.ts";
import type { RerunByHand } from "./rerun.ts";
import { ROWS_AT_ONCE, Search } from "./search.ts";

interface FoundRow extends Omit<FoundJob, "createdAt"> {
  readonly created_at: number;
}

const SELECT_FOUND = `
  select j.id, j.task, j.lane, j.created_at, j.tenant, j.event,
    coalesce(f.status, iif(exists (select 1 from leases where job = j.seq), 'running', 'queued')) as status,
    ${LAST_CLASS} as class,
    ${ofLastAttempt("fingerprint")} as fingerprint
  from jobs j
  left join finished f on f.job = j.seq`;

export interface BulkJobsParts {
  readonly db: Database;
  readonly laneJobs: LaneJobs;
  readonly records: Records;
  readonly reruns: RerunByHand;
  readonly cancellation: Cancellation;
  readonly tied: TiedJobs;
  readonly enqueues: Enqueues;
  readonly session: ShelfSession;
}

/** Finds the jobs of bulk runs, and changes them together with the run. */
export class BulkJobs implements Contract {
  readonly #parts: BulkJobsParts;
  readonly #search: Search;
  readonly #byKey: Statement<FoundRow>;
  readonly #ofEvent: Statement<FoundRow>;
  readonly #bound: Statement<{ key: number }>;
  readonly #idOf: Statement<{ id: string }>;
  readonly #live: Statement<{ failures: number; losses: number }>;
  readonly #isParked: Statement<{ reason: string }>;
  readonly #mark: Statement;
  readonly #bulkOf: Statement<{ bulk: string | null }>;

  constructor(parts: BulkJobsParts) {
    this.#parts = parts;
    const { db, laneJobs } = parts;
    this.#search = new Search(db, laneJobs);
    this.#byKey = db.prepare(`${SELECT_FOUND} where j.seq = ?`);
    this.#ofEvent = db.prepare(
      `${SELECT_FOUND} where j.event = ? and j.lane = ? and j.id >= ? order by j.seq`,
    );
    this.#bound = db.prepare("select seq as key from jobs where id <= ? order by id desc limit 1");
    this.#idOf = db.prepare("select id from jobs where seq <= ? order by seq desc limit 1");
    this.#live = db.prepare(`
      select failures, losses from ready where job = ?1
      union all
      select failures, losses from scheduled where job = ?1
      union all
      select failures, losses from parked where job = ?1
      union all
      select failures, losses from leases where job = ?1`);
    this.#isParked = db.prepare("select reason from parked where job = ?");
    this.#mark = db.prepare("update jobs set bulk = ? where seq = ?");
    this.#bulkOf = db.prepare("select bulk from jobs where seq = ?");
  }

  next(filter: JobFilter, { limit, after }: OldestPage): Promise<FoundJobs> {
    return this.#parts.db.read(() => {
      const from = after === null ? undefined : (this.#bound.get(after)?.key ?? 0);
      const { keys, end } = this.#search.find(filter, { order: "asc", from }, limit, ROWS_AT_ONCE);
      const jobs = keys.flatMap((key) => this.#byKey.get(key) ?? []).map(foundJob);
      if (keys.length === limit) return { jobs, last: jobs.at(-1)?.id ?? null };
      return { jobs, last: end === undefined ? null : (this.#idOf.get(end)?.id ?? null) };
    });
  }

  delivering(lane: string, eventIds: readonly string[], since: number): Promise<FoundJob[]> {
    const first = firstIdAt("job", since);
    return this.#parts.db.read(() =>
      eventIds.flatMap((event) => this.#ofEvent.all(event, lane, first).map(foundJob)),
    );
  }

  outcomes(jobIds: readonly string[]): Promise<Outcomes> {
    return this.#parts.db.read(() => {
      const outcomes = { succeeded: 0, failing: 0 };
      for (const id of jobIds) {
        const found = this.#parts.records.find(id);
        if (found?.status === "succeeded") outcomes.succeeded++;
        else if (found && this.#isFailing(found)) outcomes.failing++;
      }
      return outcomes;
    });
  }

  change(changes: JobChanges, now: number): Promise<ChangedJobs | undefined> {
    const { db, session, enqueues } = this.#parts;
    const { guard, record, make = [], again = [], runNow = [], cancel, erase } = changes;
    return db.write(() => {
      if (session.run(guard).length === 0) return undefined;
      const keyHeld: string[] = [];
      const changed = {
        again: again.filter((id) => this.#queueAgain(id, changes.bulk, keyHeld, now)),
        keyHeld,
        ranNow: runNow.filter((id) => this.#makeDue(id, changes.bulk, now)),
        cancelled: cancel?.jobIds.filter((id) => this.#cancel(id, changes.bulk, cancel, now)) ?? [],
        made: make.filter((job) => enqueues.add({ job }, now, undefined).kind === "created").length,
        erased: erase ? session.run(erase).length : 0,
      };
      session.run(record(changed));
      return changed;
    });
  }

  #queueAgain(id: string, bulk: string, keyHeld: string[], now: number): boolean {
    const { records, tied, reruns } = this.#parts;
    const found = records.find(id);
    const job = found && canRerun(found.status) ? tied.find(found.key) : undefined;
    if (!job || this.#bulkOf.get(job.handle)?.bulk === bulk) return false;
    if (reruns.requeue(job, now, 1) !== undefined) {
      keyHeld.push(id);
      return false;
    }
    this.#mark.run(bulk, job.handle);
    return true;
  }

  #makeDue(id: string, bulk: string, now: number): boolean {
    const { records, reruns } = this.#parts;
    const found = records.find(id);
    if (found?.status !== "queued" || !reruns.makeDue(found.key, now)) return false;
    this.#mark.run(bulk, found.key);
    return true;
  }

  #cancel(
    id: string,
    bulk: string,
    { reason, unbegunOnly }: NonNullable<JobChanges["cancel"]>,
    now: number,
  ): boolean {
    const { records, cancellation } = this.#parts;
    const found = records.find(id);
    if (!found || !canCancel(found.status)) return false;
    if (unbegunOnly && (found.status === "running" || this.#hasBegun(found.key))) return false;
    cancellation.cancelFound(found, now, reason);
    this.#mark.run(bulk, found.key);
    return true;
  }

  #hasBegun(key: number): boolean {
    const live = this.#live.get(key);
    return live !== undefined && live.failures + live.losses > 0;
  }

  #isFailing({ key, status }: { key: number; status: string }): boolean {
    if (status === "failed" || status === "cancelled") return true;
    // an attempt that was lost with its worker tells nothing of the receiver
    return (this.#live.get(key)?.failures ?? 0) > 0 || this.#isParked.get(key)?.reason === "breaker";
  }
}

function foundJob({ created_at: createdAt, ...row }: FoundRow): FoundJob {
  return { ...row, createdAt };
}
