import { z } from "zod";
import { nextCursor } from "./job.ts";
import { givenDuration, givenMoment } from "./times.ts";

const LONGEST_NAME = 255;
const name = z.string().min(1).max(LONGEST_NAME);

export const enqueueOptions = z
  .strictObject({
    delay: givenDuration
      .meta({
        description: "How long to wait before it may start, at most a year. Not together with run_at.",
      })
      .optional(),
    run_at: givenMoment
      .meta({ description: "The earliest time to start, at most a year ahead. Not together with delay." })
      .optional(),
    max_attempts: z
      .int()
      .min(1)
      .max(1_000)
      .meta({ description: "How many attempts may fail before the job does." })
      .optional(),
    timeout: givenDuration.meta({ description: "For one attempt, from 100ms to 7d." }).optional(),
    priority: z.int().min(-100).max(100).meta({ description: "Lower runs first." }).optional(),
    key: name
      .meta({
        description:
          "Deduplication key: if a queued or running job of the task has it, that job is returned and no new one is created.",
        examples: ["receipt:42"],
      })
      .optional(),
    unique: z
      .enum(["live", "queued", "again"])
      .meta({
        description:
          "What the key is unique among: live (queued and running jobs), queued (a running job does not count), or again (as live, and once more when the running job has ended). Default: the task's.",
      })
      .optional(),
    lane: name
      .meta({
        description: "Jobs in one lane share its limits; workers take turns between lanes.",
        examples: ["customer-7"],
      })
      .optional(),
    retention: givenDuration.meta({ description: "How long the job is kept after it has ended." }).optional(),
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
    options: enqueueOptions.optional(),
  })
  .meta({ description: "One job of a task." });

const milliseconds = z.number();

export const taskAnswer = z.object({
  name: z.string().meta({ examples: ["send-receipt"] }),
  options: z
    .object({
      max_attempts: z.int(),
      retry_delays_ms: z
        .array(milliseconds)
        .meta({ description: "The pauses after failed attempts; the last repeats." }),
      retry_jitter: z.number().meta({ description: "The fraction by which they are varied at random." }),
      timeout_ms: milliseconds.meta({ description: "For one attempt." }),
      delay_ms: milliseconds,
      priority: z.int().meta({ description: "Lower runs first." }),
      lane_concurrency: z
        .int()
        .nullable()
        .meta({ description: "How many jobs of one lane may run at once." }),
      lane_rate: z
        .object({ limit: z.int(), per_ms: milliseconds })
        .nullable()
        .meta({ description: "How many jobs of one lane may start within a period." }),
      retention_ms: milliseconds
        .nullable()
        .meta({ description: "How long finished jobs are kept; null: as long as the database keeps jobs." }),
    })
    .meta({ description: "The defaults of its jobs." }),
  input_schema: z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ description: "JSON Schema 2020-12 of the input; null if the task's schema cannot provide one." }),
});

export const taskPage = z
  .object({ data: z.array(taskAnswer), next_cursor: nextCursor })
  .meta({ description: "All tasks, by name." });

export type EnqueueOptionsBody = z.infer<typeof enqueueOptions>;
export type TaskAnswer = z.infer<typeof taskAnswer>;
