import { z } from "zod";
import { MOST_BEFORE } from "../../store/job-records.ts";
import { acceptedAnswer, jobAnswer, jobStatus, searched } from "./job.ts";
import { rows } from "./lists.ts";
import { milliseconds, moment } from "./times.ts";

export const progressAnswer = z
  .object({
    fraction: z.number().meta({ description: "From 0 to 1.", examples: [0.42] }),
    note: z.string().nullable().meta({ description: "What it is doing, for people to read." }),
  })
  .meta({ description: "How far a running job has come, as its handler reported last." });

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
    group_id: z.string().nullable().meta({ description: "The group that it belongs to, if any." }),
    on_settled: z
      .string()
      .nullable()
      .meta({ description: "The task that is enqueued once this job has ended; null if none is." }),
    bulk_id: z.string().nullable().meta({
      description:
        "The last bulk run that created it, queued it again, made it due or cancelled it; null if none did.",
    }),
    trigger: z.string().nullable().meta({
      description:
        "manual if somebody had the event delivered again; null if it was simply enqueued, or its event sent.",
    }),
    trace_id: z
      .string()
      .nullable()
      .meta({ description: "The id of the distributed trace that it was enqueued in, if any." }),
    copy_of: z
      .string()
      .nullable()
      .meta({ description: "The job that it is a copy of; null if it is not one." }),
    schedule: z
      .string()
      .nullable()
      .meta({ description: "The name of the schedule that created it; null if none did." }),
    scheduled_for: moment(
      "The scheduled time that it was created for; null if no schedule created it.",
    ).nullable(),
    target_url: z.string().nullable().meta({
      description:
        "Where a delivery goes; null for any other task, and for an event, which goes to its endpoint's url.",
    }),
    held_by: z
      .string()
      .nullable()
      .meta({
        description:
          "What keeps it from being sent, while it is queued: its endpoint's breaker is open (breaker), or the endpoint is paused, disabled or unverified, or it waits behind the one before it, in order. null: nothing.",
        examples: ["breaker"],
      }),
    held_until: moment(
      "For one that the breaker holds, in lists: when its endpoint is probed next.",
    ).optional(),
    progress: progressAnswer.nullable(),
    result: z.unknown().meta({ description: "What the handler returned, once succeeded; null before." }),
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
    worker_id: z.string().nullable().meta({ description: "The worker that runs it; null unless one does." }),
    leased_at: moment("When that worker took it; null likewise.").nullable(),
    times_out_at: moment("When its attempt is out of time; null unless it runs.").nullable(),
    lane_running: z.int().meta({ description: "How many jobs of its lane run." }),
    lane_concurrency: z.int().nullable().meta({ description: "How many of them may; null: no limit." }),
    lane_rate: z
      .object({
        limit: z.int().meta({ description: "How many." }),
        per_ms: milliseconds("In which span of time"),
      })
      .nullable()
      .meta({ description: "How many jobs of its lane may start in a span of time; null: any number." }),
    before: z
      .int()
      .nullable()
      .meta({
        description: `How many due jobs of its lane are before it; ${MOST_BEFORE} stands for that many or more. null unless it is due.`,
      }),
    next_place_at: moment(
      "When the rate lets the next job of the lane start; null if no rate holds it up, or another worker keeps it.",
    ).nullable(),
  })
  .meta({ description: "Where a live job stands." });

export type StandingAnswer = z.infer<typeof standingAnswer>;
