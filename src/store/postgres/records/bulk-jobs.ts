import { firstIdAt } from "../../../core/id.ts";
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
import type { Database } from "../driver/database.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import { adHoc, arrayOf, columnOf, heard, statement } from "../driver/statement.ts";
import { eventIdOf, findableUuid, jobIdOf, uuidOf } from "../job-id.ts";
import { unclaimed } from "../queue/ends.ts";
import type { NewJobs } from "../queue/new-jobs.ts";
import { lockLanes } from "../queue/ordered-lanes.ts";
import type { Cancellation } from "./cancel.ts";
import { Filter } from "./filter.ts";
import { lastClass, ofLastAttempt } from "./fitting.ts";
import type { RerunByHand } from "./rerun.ts";
import { pageOf } from "./search.ts";

interface FoundRow extends Omit<FoundJob, "createdAt"> {
  readonly created_at: number;
}

const COLUMNS = `
  j.id, j.task, j.lane, j.created_at, j.tenant, j.event,
  coalesce(
    (select status from posthorn.finished where job = j.id limit 1),
    case when exists (select from posthorn.leases where job = j.id) then 'running' else 'queued' end
  ) as status,
  ${lastClass("j.id")} as class,
  ${ofLastAttempt("fingerprint", "j.id")} as fingerprint`;

/** Event by event: asked for all at once, and in their order, jobs are looked for among all that are younger. */
const DELIVERING = statement<FoundRow>(`
  select ${COLUMNS}
  from unnest($1::uuid[]) as wanted (event)
  cross join lateral (
    select id, task, lane, created_at, tenant, event
    from posthorn.jobs
    where event = wanted.event and lane = $2::text and id >= $3::uuid
    offset 0
  ) j
  order by j.id`);

// an attempt that was lost with its worker tells nothing of the receiver
const OUTCOMES = statement<Outcomes>(`
  with given as materialized (select unnest($1::uuid[]) as job),
  ended as (
    select f.status
    from given g
    join posthorn.finished f on f.job = g.job
  ),
  live as (
    select failures, '' as reason from posthorn.ready where job in (select job from given)
    union all
    select failures, '' from posthorn.scheduled where job in (select job from given)
    union all
    select failures, '' from posthorn.leases where job in (select job from given)
    union all
    select failures, reason from posthorn.parked where job in (select job from given)
  )
  select (select count(*)::int from ended where status = 'succeeded') as succeeded,
    (select count(*)::int from ended where status <> 'succeeded')
      + (select count(*)::int from live where failures > 0 or reason = 'breaker') as failing`);

const MARK = statement(`
  update posthorn.jobs
  set bulk = $2::text
  where id = any ($1::uuid[])`);

export interface BulkJobsParts {
  readonly db: Database;
  readonly session: ShelfSession;
  readonly reruns: RerunByHand;
  readonly cancellation: Cancellation;
  readonly newJobs: NewJobs;
}

/** Finds the jobs of bulk runs, and changes them together with the run. */
export class BulkJobs implements Contract {
  readonly #parts: BulkJobsParts;

  constructor(parts: BulkJobsParts) {
    this.#parts = parts;
  }

  async next(filter: JobFilter, { limit, after }: OldestPage): Promise<FoundJobs> {
    const values = new Filter();
    const text = `
      with ${pageOf(values, filter, { order: "asc", from: after ?? undefined }, Math.floor(limit))}
      select found.*, last.id as end_id
      from (select 1) as one
      left join last on true
      left join (
        select ${COLUMNS}
        from page p
        cross join lateral (select * from posthorn.jobs where id = p.id limit 1) j
      ) as found on true
      order by found.id`;
    type Row = Omit<FoundRow, "id"> & { readonly id: string | null; readonly end_id: string | null };
    const rows = await this.#parts.db.run(adHoc<Row>(text), ...values.values);
    const jobs = rows.flatMap(({ id, end_id: _, ...row }) => (id === null ? [] : foundJob({ ...row, id })));
    const end = rows[0]?.end_id ?? null;
    if (jobs.length === limit) return { jobs, last: jobs.at(-1)?.id ?? null };
    return { jobs, last: end === null ? null : jobIdOf(end) };
  }

  async delivering(lane: string, eventIds: readonly string[], since: number): Promise<FoundJob[]> {
    const first = uuidOf(firstIdAt("job", since));
    const rows = await this.#parts.db.run(DELIVERING, arrayOf(eventIds.map(uuidOf)), lane, first);
    return rows.map(foundJob);
  }

  async outcomes(jobIds: readonly string[]): Promise<Outcomes> {
    const [outcomes] = await this.#parts.db.run(OUTCOMES, arrayOf(uuidsOf(jobIds)));
    return outcomes ?? { succeeded: 0, failing: 0 };
  }

  change(changes: JobChanges, now: number): Promise<ChangedJobs | undefined> {
    const { db, session, reruns, cancellation, newJobs } = this.#parts;
    const { bulk, guard, record, make = [], again = [], runNow = [], cancel, erase } = changes;
    return db.write(async (transaction) => {
      if ((await session.run(transaction, guard)).length === 0) return undefined;
      void lockLanes(transaction, make);
      const requeued = await reruns.requeueFor(transaction, uuidsOf(again), bulk, now);
      const ranNow = runNow.length > 0 ? await reruns.makeDue(transaction, uuidsOf(runNow), now) : [];
      const cancelled =
        cancel === undefined
          ? []
          : await cancellation.cancelFor(transaction, uuidsOf(cancel.jobIds), cancel, now);
      const marked = [...requeued.again, ...ranNow, ...cancelled];
      if (marked.length > 0) void heard(transaction.run(MARK, columnOf(marked, uuidOf), bulk));
      if (make.length > 0) {
        transaction.tell("work");
        void newJobs.insert(transaction, unclaimed(make), now);
      }
      const erased = erase ? (await session.run(transaction, erase)).length : 0;
      const changed = { ...requeued, ranNow, cancelled, made: make.length, erased };
      await session.run(transaction, record(changed));
      return changed;
    });
  }
}

function uuidsOf(jobIds: readonly string[]): string[] {
  return jobIds.flatMap((id) => findableUuid(id) ?? []);
}

function foundJob({ created_at: createdAt, id, event, ...row }: FoundRow): FoundJob {
  return { ...row, id: jobIdOf(id), event: event === null ? null : eventIdOf(event), createdAt };
}
