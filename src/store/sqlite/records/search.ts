import type { JobStatus } from "../../../core/job.ts";
import { isWalkedAlone, type JobFilter, statusesOf, type Waiting } from "../../job-records.ts";
import type { Database } from "../driver/database.ts";
import { fitting } from "./fitting.ts";
import { hashOf, hashOfTag, type LaneJobs } from "./lane-jobs.ts";
import { isDead, type Place, type Walk, Walks } from "./walk.ts";

/** How many jobs are searched before other work gets a turn: a millisecond or two. */
export const ROWS_AT_ONCE = 1_000;

/** The result of a search, as keys of jobs. */
export interface Found {
  /** In the order of the walk. */
  readonly keys: readonly number[];
  /** How far the search went, if it ended before there were enough. */
  readonly end: number | undefined;
}

/** Which way to walk, and from where: only keys beyond that. */
export interface Way {
  readonly order: "asc" | "desc";
  readonly from: number | undefined;
}

/** A place to walk, and what is asked of its rows. */
interface StatusPlace extends Place {
  /** Answered by the index. */
  readonly within?: string;
  readonly where?: string;
  readonly lane: string;
  /** Whether the index answers which lane, too. */
  readonly isByLane?: boolean;
}

const OF_QUEUE = { key: "q.job", joined: "cross join jobs j on j.seq = q.job", lane: "q.lane" };
const JOBS = { walked: "jobs j", key: "j.seq", joined: "", lane: "j.lane" };
const FINISHED = { ...OF_QUEUE, walked: "finished q" };

const BY_WAITING: Readonly<Record<Waiting, StatusPlace>> = {
  ready: { ...OF_QUEUE, walked: "ready q" },
  scheduled: { ...OF_QUEUE, walked: "scheduled q" },
  held: { ...OF_QUEUE, walked: "parked q", lane: "+q.lane" }, // not by its key, which begins with the lane: in the order of jobs
};

const BY_STATUS: Readonly<Record<JobStatus | "any", readonly StatusPlace[]>> = {
  any: [JOBS],
  queued: Object.values(BY_WAITING),
  running: [{ ...OF_QUEUE, walked: "leases q" }],
  succeeded: [{ ...FINISHED, where: "q.status = 'succeeded'" }],
  failed: [{ ...FINISHED, within: isDead("q.status", "failed"), isByLane: true }],
  cancelled: [{ ...FINISHED, within: isDead("q.status", "cancelled"), isByLane: true }],
};

/** The jobs that failed in the same way. */
const FAILED_ALIKE: StatusPlace = {
  ...FINISHED,
  walked: "finished q indexed by finished_by_fingerprint",
  within: "q.status = 'failed'",
};

const LANE_JOBS = {
  walked: "lane_jobs x",
  key: "x.job",
  joined: "cross join jobs j on j.seq = x.job",
  lane: "j.lane",
};
/** Uses an index with few jobs in it, whatever the planner would prefer. */
const OF_EVENT: StatusPlace = { ...JOBS, walked: "jobs j indexed by jobs_by_event" };
const OF_BULK: StatusPlace = { ...JOBS, walked: "jobs j indexed by jobs_by_bulk" };
const OF_TRIGGER: StatusPlace = { ...JOBS, walked: "jobs j indexed by jobs_by_trigger" };
const OF_IDS: StatusPlace = { ...JOBS, walked: "jobs j indexed by jobs_by_id" };
const END = "cross join finished f on f.job = j.seq";
const IS_SUCCEEDED = "f.status = 'succeeded'";

/** What is indexed by lane and tag, and what is too new to be. */
interface HashedPlaces {
  readonly indexed: StatusPlace;
  readonly new: StatusPlace;
}

const ANY: HashedPlaces = { indexed: LANE_JOBS, new: JOBS };

/** Those of one lane, where the tables above would step over other lanes'. */
const BY_LANE: Readonly<Partial<Record<JobStatus | "any", HashedPlaces>>> = {
  any: ANY,
  succeeded: {
    indexed: { ...LANE_JOBS, joined: `${LANE_JOBS.joined} ${END}`, where: IS_SUCCEEDED },
    new: { ...JOBS, joined: END, where: IS_SUCCEEDED },
  },
};

/** Finds jobs by looking at a bounded number of them. */
export class Search {
  readonly #walks: Walks;
  readonly #laneJobs: LaneJobs;

  constructor(db: Database, laneJobs: LaneJobs) {
    this.#walks = new Walks(db);
    this.#laneJobs = laneJobs;
  }

  /**
   * The first on the way that fit.
   * @param rows how many to look at, at most.
   */
  find(filter: JobFilter, way: Way, limit: number, rows: number): Found {
    const { order } = way;
    const walks = this.#walksFor(filter, way);
    const ends = walks.flatMap((walk) => walk.end(order, Math.ceil(rows / walks.length)) ?? []);
    const end = ends.length === 0 ? undefined : order === "asc" ? Math.min(...ends) : Math.max(...ends);
    const keys = walks
      .flatMap((walk) => walk.keys(order, limit, end))
      .sort((a, b) => (order === "asc" ? a - b : b - a))
      .slice(0, limit);
    return { keys, end: keys.length === limit ? undefined : end };
  }

  #walksFor(filter: JobFilter, way: Way): Walk[] {
    const { lane, event, bulk, ids, trigger, tag, fingerprint, waiting } = filter;
    if (ids !== undefined)
      return [
        this.#walk(OF_IDS, filter, way, true).within(
          "j.id in (select value from json_each(?))",
          JSON.stringify(ids),
        ),
      ];
    if (bulk !== undefined) return [this.#walk(OF_BULK, filter, way, true).within("j.bulk = ?", bulk)];
    if (event !== undefined) return [this.#walk(OF_EVENT, filter, way, true).within("j.event = ?", event)];
    if (trigger !== undefined)
      return [this.#walk(OF_TRIGGER, filter, way, true).within("j.trigger = ?", trigger)];
    if (tag !== undefined) return this.#hashed(ANY, hashOfTag(tag), filter, way, true);
    const statuses = statusesOf(filter);
    const [status = "any", ...more] = statuses;
    if (waiting !== undefined && isWalkedAlone(filter)) return [this.#walk(BY_WAITING[waiting], filter, way)];
    if (fingerprint !== undefined && status === "failed" && more.length === 0)
      return [this.#walk(FAILED_ALIKE, filter, way).within("q.fingerprint = ?", fingerprint)];
    if (more.length > 0 && !statuses.includes("succeeded"))
      return statuses.flatMap((each) => BY_STATUS[each].map((place) => this.#walk(place, filter, way)));
    const walked = more.length > 0 ? "any" : status;
    const byLane = lane === undefined ? undefined : BY_LANE[walked];
    if (lane === undefined || !byLane)
      return BY_STATUS[walked].map((place) => this.#walk(place, filter, way, more.length > 0));
    return this.#hashed(byLane, hashOf(lane), filter, way, more.length > 0);
  }

  /** Those of a lane or a tag. */
  #hashed(places: HashedPlaces, hash: number, filter: JobFilter, way: Way, ofAnyStatus: boolean): Walk[] {
    const { upto } = this.#laneJobs;
    return [
      this.#walk(places.indexed, filter, way, ofAnyStatus)
        .within("x.lane_hash = ?", hash)
        .within("x.job <= ?", upto),
      this.#walk(places.new, filter, way, ofAnyStatus).within("j.seq > ?", upto),
    ];
  }

  /** @param ofAnyStatus whether the place holds jobs of other statuses too. */
  #walk(place: StatusPlace, filter: JobFilter, { order, from }: Way, ofAnyStatus = false): Walk {
    const { lane } = filter;
    const walk = this.#walks.at(place);
    if (place.within) walk.within(place.within);
    if (place.where) walk.where(place.where);
    if (from !== undefined) walk.within(`${place.key} ${order === "asc" ? ">" : "<"} ?`, from);
    if (lane !== undefined && place.isByLane) walk.within(`${place.lane} = ?`, lane);
    else if (lane !== undefined) walk.where(`${place.lane} = ?`, lane);
    for (const { text, values } of fitting(filter, ofAnyStatus ? statusesOf(filter) : []))
      walk.where(text, ...values);
    return walk.createdBetween(filter);
  }
}
