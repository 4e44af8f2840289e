import { z } from "zod";
import { LONGEST_NAME } from "../../tasks/new-job.ts";
import { copyOf } from "./deliver.ts";
import { nextCursor } from "./job.ts";
import { labels, rows } from "./lists.ts";
import { givenDuration, givenMoment, milliseconds } from "./times.ts";

const name = z.string().min(1).max(LONGEST_NAME);

export const enqueueOptions = z
  .strictObject({
    delay: givenDuration
      .meta({
        description: "How long to wait before it may start, at most a year. Cannot be combined with run_at.",
      })
      .optional(),
    run_at: givenMoment
      .meta({
        description: "The earliest time to start, at most a year ahead. Cannot be combined with delay.",
      })
      .optional(),
    max_attempts: z
      .int()
      .min(1)
      .max(1_000)
      .meta({ description: "How many attempts may fail before the job does. Default: the task's." })
      .optional(),
    timeout: givenDuration
      .meta({ description: "How long one attempt may take, from 100ms to 7d. Default: the task's." })
      .optional(),
    priority: z
      .int()
      .min(-100)
      .max(100)
      .meta({ description: "Lower runs first. Default: the task's." })
      .optional(),
    key: name
      .meta({
        description:
          "Deduplication key: if a queued or running job of the task already has it, that job is returned, and no new one is created.",
        examples: ["receipt:42"],
      })
      .optional(),
    unique: z
      .enum(["live", "queued", "again"])
      .meta({
        description:
          "What the key is unique among: live (queued and running jobs), queued (a running job does not count), or again (as live, but a running job runs once more when it has ended). Default: the task's.",
      })
      .optional(),
    lane: name
      .meta({
        description:
          "Jobs in one lane share its limits; workers take turns between lanes. Default: the task's.",
        examples: ["customer-7"],
      })
      .optional(),
    tags: labels("Labels to find the job by: at most 10.").optional(),
    copy_of: copyOf.optional(),
    retention: givenDuration
      .meta({ description: "How long the job is kept after it has ended. Default: the task's." })
      .optional(),
  })
  .meta({
    description:
      "The options that this job sets differently from its task. Durations are strings such as 500ms, 30s, 1h30m, 7d.",
    not: { required: ["delay", "run_at"] },
  });

export const taskBody = z
  .strictObject({
    input: z
      .unknown()
      .meta({
        description: "The task's input, which must match its input_schema (GET /tasks/{name}).",
        examples: [{ orderId: "42" }],
      })
      .optional(),
    options: enqueueOptions.meta({ description: "What this job sets differently from its task." }).optional(),
  })
  .meta({ description: "One job of a task." });

export const taskAnswer = z
  .object({
    name: z.string().meta({ description: "The task's name, as in its path.", examples: ["send-receipt"] }),
    options: z
      .object({
        max_attempts: z.int().meta({ description: "How many attempts may fail before the job does." }),
        retry_delays_ms: z.array(z.number()).meta({
          description:
            "The pauses after failed attempts, in milliseconds: after the first, the second, and so on; the last one repeats.",
          examples: [[1_000, 5_000, 25_000]],
        }),
        retry_jitter: z.number().meta({
          description: "The fraction by which each pause is varied at random.",
          examples: [0.2],
        }),
        timeout_ms: milliseconds("How long one attempt may take"),
        delay_ms: milliseconds("How long a job waits before it may start"),
        priority: z.int().meta({ description: "Lower runs first." }),
        lane_concurrency: z.int().nullable().meta({
          description: "How many jobs of one lane may run at once; null: as many as workers have slots for.",
        }),
        lane_rate: z
          .object({
            limit: z.int().meta({ description: "The number." }),
            per_ms: milliseconds("The span of time"),
          })
          .nullable()
          .meta({ description: "How many jobs of one lane may start per span of time; null: any number." }),
        retention_ms: milliseconds(
          "How long ended jobs are kept",
          "null: as long as the database keeps jobs",
        ).nullable(),
      })
      .meta({ description: "The defaults of its jobs." }),
    input_schema: z.record(z.string(), z.unknown()).nullable().meta({
      description: "JSON Schema 2020-12 of the input; null if the task's schema cannot provide one.",
    }),
  })
  .meta({ description: "A task that this server knows." });

export const taskPage = z
  .object({ data: rows(taskAnswer), next_cursor: nextCursor })
  .meta({ description: "All tasks, by name." });

export type EnqueueOptionsBody = z.infer<typeof enqueueOptions>;
export type TaskAnswer = z.infer<typeof taskAnswer>;
