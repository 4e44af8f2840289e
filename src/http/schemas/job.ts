import { z } from "zod";
import { JOB_STATUSES } from "../../core/job.ts";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import { moment } from "./times.ts";

export const jobId = z.string().meta({ examples: ["job_01k9zq3v7n8r2m4w6x8y0z1a3b"] });

export const jobStatus = z.enum(JOB_STATUSES).meta({
  description:
    "queued (now, or at run_at) → running → succeeded, failed (attempts used up, or not worth repeating) or cancelled.",
});

/** A result. Other tasks' results can be anything, so this describes those of the two webhook tasks. */
const result = z
  .union([
    z.object({
      delivered_to: z.string(),
      http_status: z.int(),
      duration_ms: z.number(),
      note: z
        .string()
        .meta({ description: "Why the body of the answer is incomplete, if it is." })
        .optional(),
    }),
    z.object({ redelivered: z.int() }),
    z.object({ retried: z.int() }),
  ])
  .meta({
    description:
      "The result, once succeeded: of a delivery, or of a redelivery by filter (one requested under its old name counts `retried`).",
  });

export const jobAnswer = z.object({
  job_id: jobId,
  task: z.string().meta({
    description:
      "webhook.deliver; or webhook.redeliver for a redelivery by filter (under its old name: webhook.retry).",
    examples: ["webhook.deliver"],
  }),
  status: jobStatus,
  attempts: z.int().meta({ description: "Attempts so far, including the running one and lost ones." }),
  max_attempts: z.int().meta({ description: "How many attempts may fail before the job does." }),
  target_url: z.string().nullable().meta({
    description: "null for a redelivery by filter, and for an event, which goes to its endpoint's url.",
  }),
  tenant: z.string().meta({ description: "Of a delivery of an event: its tenant's id." }).optional(),
  event_id: z.string().meta({ description: "Of a delivery of an event: its id." }).optional(),
  endpoint_id: z.string().meta({ description: "Of a delivery of an event: where it goes." }).optional(),
  created_at: moment("When it was accepted."),
  started_at: moment("When a worker first took it.").nullable(),
  finished_at: moment("When it ended.").nullable(),
  run_at: moment("When it is due, while it is queued.").nullable(),
  result: result.nullable(),
  error: z.string().nullable().meta({
    description:
      "What the last attempt failed with, until one succeeds; or why it was cancelled, unless by hand.",
  }),
});

export const acceptedAnswer = z
  .object({ job_id: jobId, status: z.literal("queued") })
  .meta({ description: "The job is on disk." });

export const nextCursor = z
  .string()
  .nullable()
  .meta({ description: "Pass it as cursor for the next page; null on the last." });

/** Of every list that a filter searches. */
export const searched = {
  next_cursor: nextCursor,
  searched_to: moment(
    "A page may end early where few jobs match its filter: only jobs created since this time were examined. Null when complete.",
  ).nullable(),
  complete: z.boolean().meta({
    description: "false: the page may be short or empty, and its next_cursor may lead to more.",
  }),
};

export const jobPage = z
  .object({ data: z.array(jobAnswer), ...searched })
  .meta({ description: "Newest first." });

/** Of an error that was thrown, and of those that it has in it. */
export const errorDetail = z
  .object({
    name: z.string(),
    message: z.string(),
    code: z.string().optional(),
    stack: z.string().optional(),
    get cause() {
      return errorDetail.optional();
    },
    get errors() {
      return z.array(errorDetail).optional();
    },
  })
  .meta({
    description: "What the handler threw: its stack and causes, of bounded length and without secrets.",
  });

export const attemptAnswer = z.object({
  attempt: z.int().meta({ description: "1 for the first." }),
  outcome: z.enum(["succeeded", "failed", "lost", "cancelled"]).meta({
    description:
      "lost: its worker's process ended, or was silent for longer than its lease. It does not count against max_attempts.",
  }),
  http_status: z.int().nullable(),
  class: z.enum(ATTEMPT_CLASSES).nullable().meta({
    description:
      "The class of the answer's status; or, without an answer, how the attempt failed: timeout, connect, dns, tls, broken (the connection, or the data on it), blocked (the target is not allowed), error, lost (its worker was).",
  }),
  error: z.string().nullable(),
  started_at: moment("When it began."),
  duration_ms: z.number(),
  response: z.string().nullable().meta({ description: "The beginning of the receiver's answer." }),
  fingerprint: z
    .string()
    .nullable()
    .meta({ description: "The same for failures that differ only in numbers, ids and times." }),
  detail: errorDetail.nullable(),
});

export const attemptPage = z
  .object({ data: z.array(attemptAnswer), next_cursor: nextCursor })
  .meta({ description: "Newest first." });

export type JobAnswer = z.infer<typeof jobAnswer>;
export type AttemptAnswer = z.infer<typeof attemptAnswer>;
