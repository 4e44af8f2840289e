import type { EndpointAnswer } from "../../../src/http/schemas/endpoint.ts";
import type { HealthAnswer } from "../../../src/http/schemas/endpoint-health.ts";
import type { WorkerAnswer } from "../../../src/http/schemas/fleet.ts";
import type { StandingAnswer, TaskJobAnswer } from "../../../src/http/schemas/task-job.ts";
import { clockTime, relative, span } from "./times.ts";

type Worker = Pick<WorkerAnswer, "worker_id" | "host" | "tasks" | "concurrency" | "running" | "draining">;

/** What is known around a job that may explain why it waits; what is not known is left out. */
export interface Surroundings {
  /** The server's time, in milliseconds since the epoch. */
  readonly now: number;
  readonly zone: string;
  readonly endpoint?:
    | Pick<EndpointAnswer, "status" | "status_reason" | "status_actor" | "status_changed_at">
    | undefined;
  readonly health?: Pick<HealthAnswer, "breaker" | "next_probe_at" | "last_error"> | undefined;
  readonly workers?: readonly Worker[] | undefined;
  readonly standing?: StandingAnswer | undefined;
}

/** As many, or more: the server counts no further. */
const MOST_BEFORE = 1_000;

/** Why a job is where it is, in one sentence: the first reason that holds. */
export function headline(job: TaskJobAnswer, around: Surroundings): string {
  switch (job.status) {
    case "succeeded":
      return `Succeeded${attemptsTold(job)}${took(job)}`;
    case "failed":
      return `Failed permanently${attemptsTold(job)}: ${job.error ?? "no reason was recorded"}`;
    case "cancelled":
      return `Cancelled ${job.error ? `because ${job.error}` : "by hand"}`;
    case "running":
      return running(job, around);
    case "queued":
      return waiting(job, around);
  }
}

function running(job: TaskJobAnswer, { now, workers, standing }: Surroundings): string {
  const since = Date.parse(standing?.leased_at ?? job.started_at ?? job.created_at);
  const host = workers?.find(({ worker_id }) => worker_id === standing?.worker_id)?.host;
  const endsAt = standing?.times_out_at ? Date.parse(standing.times_out_at) : undefined;
  const left =
    endsAt === undefined ? "" : endsAt > now ? `, times out in ${span(endsAt - now)}` : ", its time is up";
  return `Runs${host ? ` on ${host}` : ""} for ${span(now - since)}${left}; attempt ${job.attempts} of ${job.max_attempts}`;
}

function waiting(job: TaskJobAnswer, around: Surroundings): string {
  const { now, zone } = around;
  const dueAt = job.run_at === null ? undefined : Date.parse(job.run_at);
  if (dueAt !== undefined && dueAt > now) {
    const after =
      job.attempts > 0
        ? `, after attempt ${job.attempts} of ${job.max_attempts} failed${job.error ? ` (${job.error})` : ""}`
        : "";
    return `Waits for ${clockTime(dueAt, zone)}, ${relative(dueAt, now)}${after}`;
  }
  return (
    stopped(job, around) ??
    unhandled(job, around) ??
    (job.held_by === "behind" || dueAt === undefined
      ? "Waits for its turn: in its ordered lane, the job before it has not ended"
      : due(now - dueAt, job, around))
  );
}

/** Because of its endpoint. */
function stopped(
  { held_by }: TaskJobAnswer,
  { now, zone, endpoint, health }: Surroundings,
): string | undefined {
  if (endpoint && endpoint.status !== "active") {
    const since = clockTime(Date.parse(endpoint.status_changed_at), zone);
    const by = endpoint.status_actor ? ` by ${endpoint.status_actor}` : "";
    return `Its endpoint has been ${endpoint.status} since ${since}${by}${because(endpoint.status_reason)}`;
  }
  if (health && health.breaker !== "closed") {
    const next = health.next_probe_at;
    return `Its endpoint's breaker is open${next ? `; the next probe is ${relative(Date.parse(next), now)}` : ""}`;
  }
  return held_by === "unverified" ? "Its endpoint has not confirmed yet that it wants events" : undefined;
}

function unhandled({ task }: TaskJobAnswer, { workers }: Surroundings): string | undefined {
  if (workers?.length === 0) return "No worker is alive: nothing runs jobs now";
  if (workers?.every(({ draining }) => draining))
    return "The living workers are stopping: they start no more jobs";
  return workers?.every(({ tasks }) => !tasks.includes(task))
    ? `No living worker handles ${task}`
    : undefined;
}

/** It could run, if there were room. */
function due(waitedMs: number, { task }: TaskJobAnswer, { now, workers, standing }: Surroundings): string {
  const before = standing?.before ?? 0;
  const line =
    before === 0
      ? ""
      : `; ${before >= MOST_BEFORE ? "at least " : ""}${before.toLocaleString("en")} before it`;
  const { lane_running: taken = 0, lane_concurrency: most = null, lane_rate: rate = null } = standing ?? {};
  if (most !== null && taken >= most) return `Its lane runs ${taken} of ${most}${line}`;
  if (rate && standing?.next_place_at) {
    const next = span(Date.parse(standing.next_place_at) - now);
    return `Its lane's rate is ${rateText(rate)}: next place in ${next}${line}`;
  }
  const able = workers?.filter(({ tasks }) => tasks.includes(task));
  const slots = able?.reduce((sum, { concurrency }) => sum + concurrency, 0);
  const busy = able?.reduce((sum, { running }) => sum + (running ?? 0), 0) ?? 0;
  const room =
    slots === undefined
      ? ""
      : busy >= slots
        ? `, workers are busy (${busy} of ${slots})`
        : `; workers have ${slots} slots`;
  return `Due for ${span(waitedMs)}${room}${line}`;
}

const UNITS: ReadonlyMap<number, string> = new Map([
  [1_000, "s"],
  [60_000, "min"],
  [3_600_000, "h"],
]);

function rateText({ limit, per_ms }: NonNullable<StandingAnswer["lane_rate"]>): string {
  return `${limit}/${UNITS.get(per_ms) ?? span(per_ms)}`;
}

function because(reason: string | null): string {
  return reason ? `: ${reason}` : "";
}

function attemptsTold({ attempts }: TaskJobAnswer): string {
  return attempts === 1 ? " at the first attempt" : ` after ${attempts} attempts`;
}

function took({ created_at, finished_at }: TaskJobAnswer): string {
  return finished_at === null
    ? ""
    : `, ${span(Date.parse(finished_at) - Date.parse(created_at))} after it was accepted`;
}
