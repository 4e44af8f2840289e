import type { z } from "zod";
import type { Job } from "../../core/job.ts";
import { DELIVER_TASK } from "../../webhooks/accept/delivery-options.ts";
import { OLD_REDELIVER_TASK, REDELIVER_TASK } from "../../webhooks/redeliver/redeliver-request.ts";
import type { Operation } from "../route.ts";
import { acceptedAnswer, type JobAnswer, jobAnswer, jobPage } from "../schemas/job.ts";
import { type TaskJobAnswer, taskAcceptedAnswer, taskJobAnswer, taskJobPage } from "../schemas/task-job.ts";
import { jobView, taskJobView } from "./job-view.ts";

/** A path below which jobs are looked up and changed, and how they are shown there. */
export interface JobPlace {
  readonly path: string;
  readonly tag: Operation["tag"];
  /** The tasks whose jobs are found there; undefined for every task. */
  readonly tasks: readonly string[] | undefined;
  readonly operationIds: Readonly<
    Record<"list" | "get" | "input" | "attempts" | "again" | "retry" | "cancel", string>
  >;
  /** The last part of the path that queues one of them again. */
  readonly again: "redeliver" | "rerun";
  readonly accepted: z.ZodType;
  readonly job: z.ZodType;
  readonly page: z.ZodType;
  readonly example: JobAnswer;
  /** @param probeAt when the breaker that holds it lets a delivery try, if that was asked for. */
  view(job: Job, probeAt?: Date): JobAnswer | TaskJobAnswer;
}

const delivery = {
  job_id: "job_01k9zq3v7n8r2m4w6x8y0z1a3b",
  task: "webhook.deliver",
  status: "succeeded",
  attempts: 1,
  max_attempts: 10,
  target_url: "https://example.com/hooks",
  created_at: "2026-01-31T09:00:00.000Z",
  started_at: "2026-01-31T09:00:00.002Z",
  finished_at: "2026-01-31T09:00:00.041Z",
  run_at: null,
  result: { delivered_to: "https://example.com/hooks", http_status: 200, duration_ms: 38 },
  error: null,
  duration_ms: 39,
  tags: [] as readonly string[],
} as const satisfies JobAnswer;

export const webhookJobs: JobPlace = {
  path: "/webhooks/jobs",
  tag: "Webhooks",
  tasks: [DELIVER_TASK, REDELIVER_TASK, OLD_REDELIVER_TASK],
  operationIds: {
    list: "listJobs",
    get: "getJob",
    input: "getJobInput",
    attempts: "listAttempts",
    again: "redeliverJob",
    retry: "retryJob",
    cancel: "cancelJob",
  },
  again: "redeliver",
  accepted: acceptedAnswer,
  job: jobAnswer,
  page: jobPage,
  example: delivery,
  view: jobView,
};

export const taskJobs: JobPlace = {
  path: "/jobs",
  tag: "Jobs",
  tasks: undefined,
  operationIds: {
    list: "listTaskJobs",
    get: "getTaskJob",
    input: "getTaskJobInput",
    attempts: "listTaskJobAttempts",
    again: "rerunTaskJob",
    retry: "retryTaskJob",
    cancel: "cancelTaskJob",
  },
  again: "rerun",
  accepted: taskAcceptedAnswer,
  job: taskJobAnswer,
  page: taskJobPage,
  example: {
    ...delivery,
    task: "send-receipt",
    lane: "send-receipt",
    key: "receipt:42",
    group_id: null,
    on_settled: null,
    bulk_id: null,
    trigger: null,
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    copy_of: null,
    schedule: null,
    scheduled_for: null,
    target_url: null,
    max_attempts: 5,
    held_by: null,
    progress: null,
    result: { sent: true },
  } as TaskJobAnswer & JobAnswer, // its result has another shape than a webhook task's
  view: taskJobView,
};
