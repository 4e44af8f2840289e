import { z } from "zod";
import { JOB_STATUSES } from "../../core/job.ts";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import { labels, rows } from "./lists.ts";
import { milliseconds, moment } from "./times.ts";

export const jobId = z
  .string()
  .meta({ description: "The job's id.", examples: ["job_01k9zq3v7n8r2m4w6x8y0z1a3b"] });

export const attemptClass = z.enum(ATTEMPT_CLASSES).meta({
  description:
    "How the attempt ended. For an answer, the class of its status, with 410 and 429 on their own. Without one: timeout, connect, dns, tls, broken (the connection was lost, or the answer could not be read), blocked (the target is not allowed), auth (no access token could be obtained), error (the handler threw), lost (its worker died or fell silent).",
});

export const jobStatus = z.enum(JOB_STATUSES).meta({
  description:
    "queued (now, or at run_at) → running → succeeded, failed (attempts used up, or not worth repeating) or cancelled.",
});

const step = (description: string) =>
  z
    .number()
    .meta({ description, examples: [12.4] })
    .optional();

const timing = z
  .object({
    dns_ms: step("Looking up the name."),
    connect_ms: step("Connecting; through an egress proxy, opening the tunnel."),
    tls_ms: step("The TLS handshake."),
    first_byte_ms: step("From sending the request to the start of the answer."),
  })
  .meta({
    description:
      "How long each step of a delivery took, in milliseconds. Steps that were not taken are absent, such as all but the last on a connection that was already open. A step that failed is measured until it did.",
  });

/** A result. Other tasks' results can be anything, so this describes those of the two webhook tasks. */
const result = z
  .union([
    z.object({
      delivered_to: z.string().meta({ description: "The target that answered." }),
      http_status: z.int().meta({ description: "The status of its answer.", examples: [204] }),
      duration_ms: milliseconds("From the start of the attempt to the end of the answer"),
      note: z
        .string()
        .meta({ description: "Why the body of the answer is incomplete, if it is." })
        .optional(),
      timing: timing.optional(),
    }),
    z.object({ redelivered: z.int().meta({ description: "How many deliveries were re-queued." }) }),
    z.object({ retried: z.int().meta({ description: "The same, under the operation's old name." }) }),
  ])
  .meta({
    description:
      "The result of a delivery, or of a redelivery by filter (`retried` if it was requested under its old name); null until it has succeeded.",
  });

export const jobAnswer = z
  .object({
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
      description:
        "Where it goes; null for a redelivery by filter, and for the delivery of an event, which goes to its endpoint's url.",
    }),
    tenant: z
      .string()
      .meta({ description: "For the delivery of an event: the id of the tenant." })
      .optional(),
    event_id: z
      .string()
      .meta({ description: "For the delivery of an event: the id of the event." })
      .optional(),
    endpoint_id: z
      .string()
      .meta({ description: "For the delivery of an event: the id of the endpoint that it goes to." })
      .optional(),
    created_at: moment("When it was accepted."),
    started_at: moment("When a worker first claimed it; null until then.").nullable(),
    finished_at: moment("When it ended; null until then.").nullable(),
    run_at: moment("When it is due, while it is queued; otherwise null.").nullable(),
    result: result.nullable(),
    error: z.string().nullable().meta({
      description:
        "The error of the last attempt, until one succeeds. For a cancelled job, why it was cancelled, unless it was by hand.",
    }),
    duration_ms: milliseconds("How long the last completed attempt took", "null until then").nullable(),
    tags: labels("Its tags; for a delivery of an event, the event's."),
  })
  .meta({ description: "A job of a webhook task, usually one delivery." });

export const acceptedAnswer = z
  .object({
    job_id: jobId,
    status: z.literal("queued").meta({ description: "Always queued: every job starts like that." }),
  })
  .meta({ description: "The job is on disk." });

export const nextCursor = z
  .string()
  .nullable()
  .meta({ description: "Pass it as cursor to get the next page; null on the last." });

/** Of every list that a filter searches. */
export const searched = {
  next_cursor: nextCursor,
  searched_to: moment(
    "Where few jobs match the filters, a page may end early: then, only jobs created since this time were examined. null if it did not end early.",
  ).nullable(),
  complete: z.boolean().meta({
    description: "false if the page ended early: it may be short or empty, and next_cursor may lead to more.",
  }),
};

export const jobPage = z
  .object({ data: rows(jobAnswer), ...searched })
  .meta({ description: "Newest first." });

/** Of an error that was thrown, and of those that it has in it. */
export const errorDetail = z
  .object({
    name: z.string().meta({ description: "The error's class.", examples: ["TypeError"] }),
    message: z.string().meta({ description: "The error's message." }),
    code: z
      .string()
      .meta({ description: "The error's code, if it has one.", examples: ["ECONNREFUSED"] })
      .optional(),
    stack: z.string().meta({ description: "The stack trace." }).optional(),
    get cause() {
      return errorDetail.optional();
    },
    get errors() {
      return z
        .array(errorDetail)
        .readonly()
        .meta({ description: "The errors of an AggregateError." })
        .optional();
    },
  })
  .meta({
    description: "What the handler threw: its stack and causes, of bounded length and without secrets.",
  });

export const attemptAnswer = z
  .object({
    attempt: z.int().meta({ description: "Its number; 1 for the first." }),
    outcome: z.enum(["succeeded", "failed", "lost", "cancelled"]).meta({
      description:
        "succeeded; failed; cancelled while it ran; or lost: its worker's process ended, or was silent for longer than its lease, which does not count against max_attempts.",
    }),
    http_status: z.int().nullable().meta({
      description:
        "The HTTP status of the receiver's answer; null without one, and for tasks other than deliveries.",
    }),
    class: attemptClass.nullable(),
    error: z
      .string()
      .nullable()
      .meta({ description: "What went wrong, without secrets; null if nothing did." }),
    started_at: moment("When it started."),
    duration_ms: milliseconds("How long it took"),
    response: z.string().nullable().meta({
      description:
        "The first 16 KiB of the receiver's answer; null without one, and for tasks other than deliveries.",
    }),
    fingerprint: z.string().nullable().meta({
      description: "Identifies the group of similar failures that it belongs to; null if it did not fail.",
    }),
    detail: errorDetail.nullable().meta({ description: "What the handler threw; null if it threw nothing." }),
    timing: timing.nullable().meta({
      description:
        "Kept for deliveries that failed, took a second or longer, or opened a connection; null for all others.",
    }),
  })
  .meta({ description: "One attempt to run a job." });

export const attemptPage = z
  .object({ data: rows(attemptAnswer), next_cursor: nextCursor })
  .meta({ description: "Newest first." });

export type JobAnswer = z.infer<typeof jobAnswer>;
export type AttemptAnswer = z.infer<typeof attemptAnswer>;
