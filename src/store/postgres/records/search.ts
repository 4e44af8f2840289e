import type { JobStatus } from "../../../core/job.ts";
import type { JobColumns } from "../../job-columns.ts";
import {
  isWalkedAlone,
  type JobFilter,
  type JobPage,
  type Page,
  statusesOf,
  type Waiting,
} from "../../job-records.ts";
import type { Database } from "../driver/database.ts";
import { adHoc, arrayOf } from "../driver/statement.ts";
import { findableUuid, jobIdOf, uuidOf } from "../job-id.ts";
import { FIRST_UUID, Filter, isDead } from "./filter.ts";
import { fits } from "./fitting.ts";
import { SELECT_JOB, toJob } from "./job-row.ts";

/** How many jobs are searched for a page that stays empty, which takes the server some tens of milliseconds. */
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
  columns: "q.lane, q.task, q.created_at, q.tenant, q.event, q.bulk, q.trigger, q.tags, q.ties",
};
const FINISHED = { ...QUEUE, walked: "posthorn.finished q" };
const FAILED = { ...FINISHED, within: isDead("q.status", "failed") };
const CANCELLED = { ...FINISHED, within: isDead("q.status", "cancelled") };

const BY_WAITING: Readonly<Record<Waiting, Place>> = {
  ready: { ...QUEUE, walked: "posthorn.ready q" },
  scheduled: { ...QUEUE, walked: "posthorn.scheduled q" },
  held: { ...QUEUE, walked: "posthorn.parked q" },
};

const BY_STATUS: Readonly<Record<JobStatus | "any", readonly [Place, ...Place[]]>> = {
  any: [JOBS],
  queued: [BY_WAITING.ready, BY_WAITING.scheduled, BY_WAITING.held],
  running: [{ ...QUEUE, walked: "posthorn.leases q" }],
  succeeded: [{ ...FINISHED, columns: "q.status", where: "q.status = 'succeeded'" }],
  failed: [FAILED],
  cancelled: [CANCELLED],
};

/** The jobs that failed in the same way. */
const FAILED_ALIKE: Place = { ...FINISHED, within: "q.status = 'failed'", laneKey: "q.fingerprint" };

/** The jobs that have a tag. */
const TAGGED: Place = {
  walked: "posthorn.job_tags q",
  job: "q.job",
  lane: "j.lane",
  columns: "q.tag",
  joined: WITH_JOB,
  laneKey: "q.tag",
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

/** Those that an index on few jobs holds, which the planner might otherwise look for among all jobs, in the order of these. */
const FEW: Place = { ...JOBS, sortKey: `q.id::text collate "C"` };
/** Of one bulk run: its index is in the order of the jobs. */
const OF_BULK: Place = { ...JOBS };
/** Of one trigger: so is its. */
const OF_TRIGGER: Place = { ...JOBS };

/** Which way to walk, and from where: only jobs beyond that. */
export interface Way {
  readonly order: "asc" | "desc";
  readonly from: string | undefined;
}

interface FoundRow extends Omit<JobColumns, "id"> {
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
  const text = `
    with ${pageOf(values, filter, { order: "desc", from: page.before }, Math.floor(page.limit))}
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

/** Two tables: `page`, the ids of the first on the way that fit; `last`, where the look ended, if there were not enough. */
export function pageOf(values: Filter, filter: JobFilter, way: Way, limit: number): string {
  const fits = fitting(values.begin(), filter);
  const rows = fits.isEmpty ? limit : MOST_ROWS;
  const [{ joined = "", laneKey }] = placesFor(filter);
  const order = `order by ${laneKey ? `q.lane_key ${way.order}, ` : ""}q.job ${way.order}`;
  return `page as materialized (
      select q.job as id
      from (${walk(values, filter, way, rows)}) q
      ${joined}
      ${fits.text}
      ${order}
      limit ${limit}
    ),
    last as materialized (
      select q.job as id
      from (${walk(values, filter, way, rows)}) q
      where (select count(*) from page) < ${limit}
      ${order}
      limit 1 offset ${rows - 1}
    )`;
}

function placesFor(filter: JobFilter): readonly [Place, ...Place[]] {
  const { lane, event, bulk, ids, trigger, tag, fingerprint, waiting } = filter;
  if (bulk !== undefined && ids === undefined) return [OF_BULK];
  if (ids !== undefined || event !== undefined) return [FEW];
  if (trigger !== undefined) return [OF_TRIGGER];
  if (tag !== undefined) return [TAGGED];
  const statuses = statusesOf(filter);
  const [status = "any", ...more] = statuses;
  if (waiting !== undefined && isWalkedAlone(filter)) return [BY_WAITING[waiting]];
  if (fingerprint !== undefined && status === "failed" && more.length === 0) return [FAILED_ALIKE];
  if (more.length > 0 && areKeptAlike(statuses)) {
    const [first, ...others] = statuses.flatMap(
      (each) => (lane === undefined ? undefined : BY_LANE[each]) ?? BY_STATUS[each],
    );
    if (first) return [first, ...others];
  }
  const walked = more.length > 0 ? "any" : status;
  const byLane = lane === undefined ? undefined : BY_LANE[walked];
  return byLane ?? BY_STATUS[walked];
}

/** Whether the places of these hold rows of one shape, and only of these statuses. */
function areKeptAlike(statuses: readonly JobStatus[]): boolean {
  const areDead = statuses.every((each) => each === "failed" || each === "cancelled");
  return areDead || statuses.every((each) => each === "queued" || each === "running");
}

/** Whether the places of a filter hold jobs of other statuses too. */
function areOfAnyStatus(filter: JobFilter): boolean {
  const [place] = placesFor(filter);
  return place === TAGGED || (place.walked === JOBS.walked && place.where === undefined);
}

/** The first so many rows of all places together, each of which is in order. */
function walk(values: Filter, filter: JobFilter, way: Way, rows: number): string {
  const walks = placesFor(filter).map((place) => {
    const { walked, job, columns, laneKey, sortKey = job } = place;
    const selected = laneKey
      ? `${job} as job, ${laneKey} as lane_key, ${columns}`
      : `${job} as job, ${columns}`;
    const order = laneKey ? `${laneKey} ${way.order}, ${job} ${way.order}` : `${sortKey} ${way.order}`;
    const span = within(values.begin(), place, filter, way);
    return `select ${selected} from ${walked} ${span.text} order by ${order} limit ${rows}`;
  });
  if (walks.length === 1) return walks.join();
  const all = walks.map((each) => `(${each})`).join(" union all ");
  return `select * from (${all}) walks order by job ${way.order} limit ${rows}`;
}

/** What the indexes answer: rows outside are not stepped over. */
function within(span: Filter, place: Place, filter: JobFilter, { order, from }: Way): Filter {
  const { job, laneKey } = place;
  const { event, ids, bulk, trigger } = filter;
  const [of, column] = sharedIn(place, filter);
  const bound = from === undefined ? undefined : (findableUuid(from) ?? FIRST_UUID);
  if (place.within) span.where(place.within);
  if (place === OF_BULK && bulk !== undefined) span.where("q.bulk = ?::text", bulk);
  if (place === OF_TRIGGER && trigger !== undefined) span.where("q.trigger = ?::text", trigger);
  if (place === FEW && ids !== undefined)
    span.where("q.id = any (?::uuid[])", arrayOf(ids.flatMap((id) => findableUuid(id) ?? [])));
  if (place === FEW && ids === undefined && event !== undefined)
    span.where("q.event = ?::uuid", uuidOf(event));
  if (of !== undefined && laneKey)
    span.ofLane(laneKey, column, job, of, order === "asc" ? { after: bound } : { before: bound });
  else if (bound !== undefined) span.where(`${job} ${order === "asc" ? ">" : "<"} ?::uuid`, bound);
  return span.createdAbout(job, filter);
}

/** What the jobs of a place with a `laneKey` share, and the column that holds it. */
function sharedIn(
  place: Place,
  { lane, tag, fingerprint }: JobFilter,
): readonly [string | undefined, string] {
  if (place === FAILED_ALIKE) return [fingerprint, "q.fingerprint"];
  if (place === TAGGED) return [tag, "q.tag"];
  return [lane, place.lane];
}

/** What each row of the walk is looked at for. */
function fitting(conditions: Filter, filter: JobFilter): Filter {
  const [place] = placesFor(filter);
  const { where, laneKey, joined } = place;
  const { lane } = filter;
  if (where) conditions.where(where);
  // some lanes share their hash
  if (lane !== undefined && laneKey !== "q.lane")
    conditions.where(`${place === TAGGED ? place.lane : "q.lane"} = ?::text`, lane);
  const [row, job] = joined === WITH_JOB ? (["j", "j.id"] as const) : (["q", "q.job"] as const);
  return fits(conditions, row, job, filter, areOfAnyStatus(filter) ? statusesOf(filter) : []);
}
