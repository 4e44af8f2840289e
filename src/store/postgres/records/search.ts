import type { JobStatus } from "../../../core/job.ts";
import type { JobFilter, JobPage, Page } from "../../job-records.ts";
import type { Database } from "../driver/database.ts";
import { adHoc } from "../driver/statement.ts";
import { findableUuid, jobIdOf, uuidOf } from "../job-id.ts";
import { FIRST_UUID, Filter, isDead } from "./filter.ts";
import { type JobRow, SELECT_JOB, toJob } from "./job-row.ts";

/** So many are looked at for a page that stays empty, in some tens of milliseconds of the server's. */
const MOST_ROWS = 5_000;

/** Where to walk jobs in the order of their ids. */
interface Place {
  /** A table by the name `q`; `job` and `lane` are its columns. */
  readonly walked: string;
  readonly job: string;
  readonly lane: string;
  /** What else is asked of its rows. */
  readonly columns: string;
  /** Answered by the index. */
  readonly within?: string;
  /** What is looked up for each row, in order to tell whether it fits. */
  readonly joined?: string;
  readonly where?: string;
  /** What an index holds of the lane, before the job. */
  readonly laneKey?: string;
  /** What to put its rows in the order of, where no index should be walked in the order of their jobs. */
  readonly sortKey?: string;
}

const WITH_JOB = "cross join lateral (select * from posthorn.jobs j where j.id = q.job limit 1) j";

const QUEUE = { job: "q.job", lane: "q.lane", columns: "q.lane", joined: WITH_JOB };
const JOBS = {
  walked: "posthorn.jobs q",
  job: "q.id",
  lane: "q.lane",
  columns: "q.lane, q.task, q.created_at, q.tenant, q.event",
};
const FINISHED = { ...QUEUE, walked: "posthorn.finished q" };
const FAILED = { ...FINISHED, within: isDead("q.status", "failed") };
const CANCELLED = { ...FINISHED, within: isDead("q.status", "cancelled") };

const BY_STATUS: Readonly<Record<JobStatus | "any", readonly [Place, ...Place[]]>> = {
  any: [JOBS],
  queued: [
    { ...QUEUE, walked: "posthorn.ready q" },
    { ...QUEUE, walked: "posthorn.scheduled q" },
    { ...QUEUE, walked: "posthorn.parked q" },
  ],
  running: [{ ...QUEUE, walked: "posthorn.leases q" }],
  succeeded: [{ ...FINISHED, columns: "q.status", where: "q.status = 'succeeded'" }],
  failed: [FAILED],
  cancelled: [CANCELLED],
};

const JOBS_OF_LANE = { ...JOBS, laneKey: "hashtextextended(q.lane, 0)" };

/** Those of one lane, where the tables above would step over other lanes'. */
const BY_LANE: Readonly<Partial<Record<JobStatus | "any", readonly [Place]>>> = {
  any: [JOBS_OF_LANE],
  succeeded: [
    {
      ...JOBS_OF_LANE,
      joined: "cross join lateral (select * from posthorn.finished f where f.job = q.job limit 1) f",
      where: "f.status = 'succeeded'",
    },
  ],
  failed: [{ ...FAILED, laneKey: "q.lane" }],
  cancelled: [{ ...CANCELLED, laneKey: "q.lane" }],
};

/** Those of one event, which the planner might otherwise look for among all jobs, in the order of these. */
const OF_EVENT: Place = { ...JOBS, sortKey: `q.id::text collate "C"` };

interface FoundRow extends Omit<JobRow, "id"> {
  /** Null in the one row of an empty page. */
  readonly id: string | null;
  readonly end_id: string | null;
  readonly end_created_at: number | null;
}

/**
 * The newest jobs that fit, among a bounded number that is looked at. The walk is read only until there are enough; where it
 * ends is asked when there are not.
 */
export async function search(db: Database, filter: JobFilter, page: Page): Promise<JobPage> {
  const values = new Filter();
  const limit = Math.floor(page.limit);
  const fits = fitting(values.begin(), filter);
  const rows = fits.isEmpty ? limit : MOST_ROWS;
  const [{ joined = "", laneKey }] = placesFor(filter);
  const order = laneKey ? "order by q.lane_key desc, q.job desc" : "order by q.job desc";
  const text = `
    with page as materialized (
      select q.job as id
      from (${walk(values, filter, page, rows)}) q
      ${joined}
      ${fits.text}
      ${order}
      limit ${limit}
    ),
    last as materialized (
      select q.job as id
      from (${walk(values, filter, page, rows)}) q
      where (select count(*) from page) < ${limit}
      ${order}
      limit 1 offset ${rows - 1}
    )
    select found.*, last.id as end_id,
      (select created_at from posthorn.jobs where id = last.id limit 1) as end_created_at
    from (select 1) as one
    left join last on true
    left join (${SELECT_JOB}) as found on true
    order by found.id desc`;
  const answer = await db.run(adHoc<FoundRow>(text), ...values.values);
  const jobs = answer.flatMap(({ id, ...row }) => (id === null ? [] : toJob({ ...row, id })));
  const { end_id: end = null, end_created_at: createdAt = null } = answer[0] ?? {};
  return { jobs, searchedTo: end === null || createdAt === null ? null : { id: jobIdOf(end), createdAt } };
}

function placesFor(filter: JobFilter): readonly [Place, ...Place[]] {
  const { lane, event, status = "any" } = filter;
  if (event !== undefined && status === "any") return [OF_EVENT];
  const byLane = lane === undefined ? undefined : BY_LANE[status];
  return byLane ?? BY_STATUS[status];
}

/** The first so many rows of all places together, each of which is in order. */
function walk(values: Filter, filter: JobFilter, page: Page, rows: number): string {
  const walks = placesFor(filter).map((place) => {
    const { walked, job, columns, laneKey, sortKey = job } = place;
    const selected = laneKey
      ? `${job} as job, ${laneKey} as lane_key, ${columns}`
      : `${job} as job, ${columns}`;
    const order = laneKey ? `${laneKey} desc, ${job} desc` : `${sortKey} desc`;
    const span = within(values.begin(), place, filter, page);
    return `select ${selected} from ${walked} ${span.text} order by ${order} limit ${rows}`;
  });
  if (walks.length === 1) return walks.join();
  const all = walks.map((each) => `(${each})`).join(" union all ");
  return `select * from (${all}) walks order by job desc limit ${rows}`;
}

/** What the indexes answer: rows outside are not stepped over. */
function within(span: Filter, place: Place, filter: JobFilter, page: Page): Filter {
  const { job, lane: laneColumn, laneKey } = place;
  const { lane, event } = filter;
  const before = page.before === undefined ? undefined : (findableUuid(page.before) ?? FIRST_UUID);
  if (place.within) span.where(place.within);
  if (event !== undefined && place === OF_EVENT) span.where("q.event = ?::uuid", uuidOf(event));
  if (lane !== undefined && laneKey) span.ofLane(laneKey, laneColumn, job, lane, { before });
  else if (before !== undefined) span.where(`${job} < ?::uuid`, before);
  return span.createdAbout(job, filter);
}

/** What each row of the walk is looked at for. */
function fitting(conditions: Filter, filter: JobFilter): Filter {
  const [{ where, laneKey, joined }] = placesFor(filter);
  const { lane } = filter;
  if (where) conditions.where(where);
  // some lanes share their hash
  if (lane !== undefined && laneKey !== "q.lane") conditions.where("q.lane = ?::text", lane);
  return conditions.fits(joined === WITH_JOB ? "j" : "q", filter);
}
