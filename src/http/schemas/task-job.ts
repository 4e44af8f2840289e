import { z } from "zod";
import { MOST_BEFORE } from "../../store/job-records.ts";
import { acceptedAnswer, jobAnswer, jobStatus, searched } from "./job.ts";
import { rows } from "./lists.ts";
import { milliseconds, moment } from "./times.ts";

export const progressAnswer = z
  .object({
    fraction: z.number().meta({ description: "From 0 to 1.", examples: [0.42] }),
    note: z
      .string()
      .nullable()
      .meta({ description: "What it is doing, for people to read; null if its handler did not say." }),
  })
  .meta({ description: "How far a running job has come, as its handler last reported; null if it has not." });

/** A job of any task; for a delivery it has everything that the webhook routes show, and more. */
export const taskJobAnswer = jobAnswer
  .extend({
    task: z.string().meta({ description: "The task that it runs.", examples: ["send-receipt"] }),
    lane: z
      .string()
      .meta({ description: "Jobs in one lane share its limits; workers take turns between lanes." }),
    key: z.string().nullable().meta({
      description: "Its deduplication key: only one queued or running job of the task may have it.",
    }),
    group_id: z
      .string()
      .nullable()
      .meta({ description: "The id of the group that it belongs to; null if none." }),
    on_settled: z
      .string()
      .nullable()
      .meta({ description: "The task that is enqueued once the job has ended; null if none." }),
    bulk_id: z.string().nullable().meta({
      description:
        "The id of the last bulk run that created it, re-queued it, made it due or cancelled it; null if none did.",
    }),
    trigger: z.string().nullable().meta({
      description: "manual if somebody redelivered its event by hand; otherwise null.",
    }),
    trace_id: z
      .string()
      .nullable()
      .meta({ description: "The id of the distributed trace that it was enqueued in; null if none." }),
    copy_of: z
      .string()
      .nullable()
      .meta({ description: "The id of the job that it is a copy of; null if it is not a copy." }),
    schedule: z
      .string()
      .nullable()
      .meta({ description: "The name of the schedule that created it; null if none did." }),
    scheduled_for: moment(
      "The scheduled time that it was created for; null if no schedule created it.",
    ).nullable(),
    target_url: z.string().nullable().meta({
      description:
        "Where a delivery goes; null for any other task, and for the delivery of an event, which goes to its endpoint's url.",
    }),
    held_by: z
      .string()
      .nullable()
      .meta({
        description:
          "What holds it up while it is queued: breaker (its endpoint's breaker is open); paused, disabled or unverified (its endpoint is); or behind (the one before it in an ordered lane has not ended). null: nothing.",
        examples: ["breaker"],
      }),
    held_until: moment(
      "In lists, for one that the breaker holds up: when its endpoint will be probed next.",
    ).optional(),
    progress: progressAnswer.nullable().meta({
      description: "How far it has come; null unless it is running and its handler has reported progress.",
    }),
    result: z.unknown().meta({ description: "What the handler returned; null until the job has succeeded." }),
  })
  .meta({ description: "A job of any task." });

export const taskJobPage = z
  .object({
    data: rows(taskJobAnswer),
    ...searched,
    searched: z
      .int()
      .meta({
        description:
          "With text: how many jobs were examined for this page, of those that meet the other conditions.",
      })
      .optional(),
  })
  .meta({ description: "Newest first." });

export type TaskJobPage = z.infer<typeof taskJobPage>;

export const taskAcceptedAnswer = acceptedAnswer
  .extend({
    status: jobStatus,
    existing: z
      .literal(true)
      .meta({
        description:
          "A queued or running job of the task has the same key: this is that job, and no new one was created.",
      })
      .optional(),
  })
  .meta({ description: "The job is on disk." });

export type TaskJobAnswer = z.infer<typeof taskJobAnswer>;

export const standingAnswer = z
  .object({
    worker_id: z
      .string()
      .nullable()
      .meta({ description: "The id of the worker that runs it; null unless one does." }),
    leased_at: moment("When that worker claimed it; null unless one runs it.").nullable(),
    times_out_at: moment("When its attempt times out; null unless it is running.").nullable(),
    lane_running: z.int().meta({ description: "How many jobs of its lane are running." }),
    lane_concurrency: z
      .int()
      .nullable()
      .meta({ description: "How many jobs of its lane may run at once; null: no limit." }),
    lane_rate: z
      .object({
        limit: z.int().meta({ description: "The number." }),
        per_ms: milliseconds("The span of time"),
      })
      .nullable()
      .meta({ description: "How many jobs of its lane may start per span of time; null: any number." }),
    before: z
      .int()
      .nullable()
      .meta({
        description: `How many due jobs are ahead of it in its lane; ${MOST_BEFORE} means that many or more. null unless it is due.`,
      }),
    next_place_at: moment(
      "When the lane's rate lets the next job start; null if no rate holds it up, or another worker keeps the count.",
    ).nullable(),
  })
  .meta({ description: "Where a live job stands." });

export type StandingAnswer = z.infer<typeof standingAnswer>;
