import { z } from "zod";
import { SPANS } from "../../engine/statistics/fleet-reports.ts";
import { ENDPOINT_SPANS } from "../../webhooks/endpoints/endpoint-stats.ts";
import { milliseconds, moment } from "./times.ts";

const count = (description: string) => z.int().meta({ description });

const quantile = (share: string) => milliseconds(`${share} took no longer`);

export function quantiles(what: string) {
  return z
    .object({ p50: quantile("Half of them"), p95: quantile("95%"), p99: quantile("99%") })
    .nullable()
    .meta({ description: `${what} Rounded up to the next of fifteen bounds; null if there were none.` });
}

export const statPoint = z.object({
  at: moment("When the step started; for a step of one second, when it ended."),
  accepted: count("Jobs that were accepted."),
  succeeded: count("Jobs that succeeded."),
  failed: count("Jobs that failed permanently."),
  cancelled: count("Jobs that were cancelled."),
  retried: count("Attempts that failed and will be followed by another."),
  wait_ms: quantiles("How long jobs waited from when they were due until they started."),
  attempt_ms: quantiles("How long attempts took."),
});

const statNow = z.object({
  ready: count("Jobs that are due and wait for a worker."),
  scheduled: count("Jobs that are not due yet."),
  running: count("Jobs that are running."),
  parked: count("Jobs that something holds up, such as a paused endpoint or an open breaker."),
  failed: z
    .object({
      n: count("The number."),
      at_least: z.boolean().meta({ description: "Whether there are more: at most 10 001 are counted." }),
    })
    .meta({ description: "Jobs that have failed permanently and are still kept." }),
  at_least: z.boolean().meta({
    description: "Whether one of these numbers stands for more: at most 10 001 are counted of each.",
  }),
  oldest_due_seconds: z.number().nullable().meta({
    description: "How long the oldest due job has been waiting, in seconds; null if none is due.",
  }),
  oldest_due_job_id: z
    .string()
    .nullable()
    .meta({ description: "The id of that job, which may have started since; null if none is due." }),
  counted_at: moment("When this was counted."),
  workers: count("How many workers there are."),
  slots: count("How many handlers all workers together can run at once, except those that are draining."),
  unhandled: z
    .array(
      z.object({
        task: z.string().meta({ description: "The task's name." }),
        oldest_due_at: moment("When its oldest job became due."),
      }),
    )
    .meta({
      description:
        "Tasks that no living worker handles, with a job that has been due for thirty seconds or more; the longest due first.",
    }),
});

export const statsAnswer = z
  .object({
    as_of: moment("The server's time."),
    step_seconds: count("How long each step is, in seconds."),
    of: z.enum(["process", "fleet"]).meta({
      description:
        "process: of the process that answers only, as always for 1m. fleet: of all processes that share the database.",
    }),
    points: z.array(statPoint).meta({
      description: "What happened in each step, oldest first, including steps in which nothing did.",
    }),
    now: statNow.meta({
      description: "How much there is to do now, and how many workers there are to do it.",
    }),
  })
  .meta({ description: "How much happened, step by step, and how much waits." });

/** Of an endpoint, hour by hour. */
export const endpointStatsAnswer = z
  .object({
    as_of: moment("The server's time."),
    step_seconds: count("How long each step is, in seconds: an hour."),
    points: z
      .array(
        z.object({
          at: moment("When the hour started."),
          succeeded: count("Deliveries that succeeded."),
          failed: count("Deliveries that failed permanently."),
          retried: count("Attempts that failed and will be followed by another."),
          attempt_ms: quantiles("How long attempts took."),
        }),
      )
      .meta({
        description:
          "What happened in each hour, oldest first, including hours in which nothing did. The last one is not over yet.",
      }),
  })
  .meta({ description: "How deliveries to an endpoint went, hour by hour." });

export const endpointStatsQuery = z.strictObject({
  span: z.enum(ENDPOINT_SPANS).default("24h").meta({ description: "How far back to go." }),
});

export const statsQuery = z.strictObject({
  span: z.enum(SPANS).default("1h").meta({
    description: "How far back. The steps are seconds for 1m, minutes for 1h, and hours for 24h and 30d.",
  }),
  task: z
    .string()
    .meta({ description: "Only this task's jobs; ignored for 1m. Default: all jobs." })
    .optional(),
});

export type EndpointStatsAnswer = z.infer<typeof endpointStatsAnswer>;
export type StatsAnswer = z.infer<typeof statsAnswer>;
