import type { EndpointAnswer } from "../../../src/http/schemas/endpoint.ts";
import type { HealthAnswer } from "../../../src/http/schemas/endpoint-health.ts";
import type { WorkerAnswer } from "../../../src/http/schemas/fleet.ts";
import type { TaskJobAnswer } from "../../../src/http/schemas/task-job.ts";
import { clockTime, relative, span } from "./times.ts";

/** What is known around a job that may explain why it waits; what is not known is left out. */
export interface Surroundings {
  /** The server's time, in milliseconds since the epoch. */
  readonly now: number;
  readonly zone: string;
  readonly endpoint?: Pick<EndpointAnswer, "status" | "status_reason" | "status_changed_at"> | undefined;
  readonly health?: Pick<HealthAnswer, "breaker" | "next_probe_at" | "last_error"> | undefined;
  readonly workers?: readonly Pick<WorkerAnswer, "tasks" | "concurrency" | "draining">[] | undefined;
}

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
      return `Has been running for ${span(around.now - Date.parse(job.started_at ?? job.created_at))}, attempt ${job.attempts} of ${job.max_attempts}`;
    case "queued":
      return waiting(job, around);
  }
}

function waiting(job: TaskJobAnswer, { now, zone, endpoint, health, workers }: Surroundings): string {
  const dueAt = job.run_at === null ? undefined : Date.parse(job.run_at);
  if (endpoint?.status === "paused")
    return `Its endpoint has been paused since ${clockTime(Date.parse(endpoint.status_changed_at), zone)}${because(endpoint.status_reason)}`;
  if (endpoint?.status === "disabled")
    return `Its endpoint has been disabled since ${clockTime(Date.parse(endpoint.status_changed_at), zone)}${because(endpoint.status_reason)}`;
  if (health && health.breaker !== "closed") {
    const next = health.next_probe_at;
    return `Its endpoint's breaker is open${next ? `; the next probe is ${relative(Date.parse(next), now)}` : ""}`;
  }
  if (dueAt !== undefined && dueAt > now) {
    const after =
      job.attempts > 0
        ? `, after attempt ${job.attempts} of ${job.max_attempts} failed${job.error ? ` (${job.error})` : ""}`
        : "";
    return `Waits for ${clockTime(dueAt, zone)}, ${relative(dueAt, now)}${after}`;
  }
  if (workers?.length === 0) return "No worker is alive: nothing runs jobs now";
  if (workers?.every(({ draining }) => draining))
    return "The living workers are stopping: they start no more jobs";
  const able = workers?.filter(({ tasks }) => tasks.includes(job.task));
  if (able?.length === 0) return `No living worker handles ${job.task}`;
  if (dueAt === undefined) return "Waits for its turn: the job before it in its lane has not ended";
  const slots = able?.reduce((sum, { concurrency }) => sum + concurrency, 0);
  return `Due for ${span(now - dueAt)}${slots === undefined ? "" : `; workers have ${slots} slots`}`;
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
