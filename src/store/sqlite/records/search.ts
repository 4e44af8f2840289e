import type { JobStatus } from "../../../core/job.ts";
import type { JobFilter } from "../../job-records.ts";
import type { Database } from "../driver/database.ts";
import { hashOf, type LaneJobs } from "./lane-jobs.ts";
import { isDead, type Place, type Walk, Walks } from "./walk.ts";

/** What a look came to, by the keys of jobs. */
export interface Found {
  /** Highest first. */
  readonly keys: readonly number[];
  /** How far the look went, where it ended before there were enough. */
  readonly end: number | undefined;
}

/** A place to walk, and what is asked of its rows. */
interface StatusPlace extends Place {
  /** Answered by the index. */
  readonly within?: string;
  readonly where?: string;
  readonly lane: string;
}

const OF_QUEUE = { key: "q.job", joined: "cross join jobs j on j.seq = q.job", lane: "q.lane" };
const JOBS = { walked: "jobs j", key: "j.seq", joined: "", lane: "j.lane" };
const FINISHED = { ...OF_QUEUE, walked: "finished q" };

const BY_STATUS: Readonly<Record<JobStatus | "any", readonly StatusPlace[]>> = {
  any: [JOBS],
  queued: [
    { ...OF_QUEUE, walked: "ready q" },
    { ...OF_QUEUE, walked: "scheduled q" },
    { ...OF_QUEUE, walked: "parked q", lane: "+q.lane" }, // not by its key, which begins with the lane: in the order of jobs
  ],
  running: [{ ...OF_QUEUE, walked: "leases q" }],
  succeeded: [{ ...FINISHED, where: "q.status = 'succeeded'" }],
  failed: [{ ...FINISHED, within: isDead("q.status", "failed") }],
  cancelled: [{ ...FINISHED, within: isDead("q.status", "cancelled") }],
};

const LANE_JOBS = {
  walked: "lane_jobs x",
  key: "x.job",
  joined: "cross join jobs j on j.seq = x.job",
  lane: "j.lane",
};
/** Those of one event: by the index on it, whatever the planner thinks of that. */
const OF_EVENT: StatusPlace = { ...JOBS, walked: "jobs j indexed by jobs_by_event" };
const OF_MODE = "select id from tenants where mode = ?";
const END = "cross join finished f on f.job = j.seq";
const IS_SUCCEEDED = "f.status = 'succeeded'";

/** Those of one lane, where the tables above would step over other lanes': what is indexed by lane, and what is too new to be. */
const BY_LANE: Readonly<Partial<Record<JobStatus | "any", { indexed: StatusPlace; new: StatusPlace }>>> = {
  any: { indexed: LANE_JOBS, new: JOBS },
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
   * The newest that fit.
   * @param before only those with lower keys.
   * @param rows how many to look at, at most.
   */
  find(filter: JobFilter, before: number | undefined, limit: number, rows: number): Found {
    const walks = this.#walksFor(filter, before);
    const ends = walks.flatMap((walk) => walk.end("desc", Math.ceil(rows / walks.length)) ?? []);
    const end = ends.length > 0 ? Math.max(...ends) : undefined;
    const keys = walks
      .flatMap((walk) => walk.keys("desc", limit, end))
      .sort((a, b) => b - a)
      .slice(0, limit);
    return { keys, end: keys.length === limit ? undefined : end };
  }

  #walksFor(filter: JobFilter, before: number | undefined): Walk[] {
    const { lane, event, status = "any" } = filter;
    if (event !== undefined && status === "any")
      return [this.#walk(OF_EVENT, filter, before).within("j.event = ?", event)];
    const byLane = lane === undefined ? undefined : BY_LANE[status];
    if (lane === undefined || !byLane)
      return BY_STATUS[status].map((place) => this.#walk(place, filter, before));
    return [
      this.#walk(byLane.indexed, filter, before).within("x.lane_hash = ?", hashOf(lane)),
      this.#walk(byLane.new, filter, before).within("j.seq > ?", this.#laneJobs.upto),
    ];
  }

  #walk(place: StatusPlace, filter: JobFilter, before: number | undefined): Walk {
    const { lane, tasks, tenant, event, mode } = filter;
    const walk = this.#walks.at(place);
    if (place.within) walk.within(place.within);
    if (place.where) walk.where(place.where);
    if (before !== undefined) walk.within(`${place.key} < ?`, before);
    // the indexes of ended jobs hold the lane too
    if (lane !== undefined && place.within) walk.within(`${place.lane} = ?`, lane);
    else if (lane !== undefined) walk.where(`${place.lane} = ?`, lane);
    if (tasks) walk.where(`j.task in (${tasks.map(() => "?").join(", ")})`, ...tasks);
    if (tenant !== undefined) walk.where("j.tenant = ?", tenant);
    if (event !== undefined && place !== OF_EVENT) walk.where("j.event = ?", event);
    if (mode !== undefined) walk.where(`j.tenant in (${OF_MODE})`, mode);
    return walk.createdBetween(filter);
  }
}
