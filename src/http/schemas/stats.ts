import { z } from "zod";
import { SPANS } from "../../engine/statistics/fleet-reports.ts";
import { moment } from "./times.ts";

const count = z.int();
const quantiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable().meta({
  description: "In milliseconds, rounded up to the next of fifteen bounds; null where there was nothing.",
});

export const statPoint = z.object({
  at: moment("When the step began; of seconds, when it ended."),
  accepted: count,
  succeeded: count,
  failed: count,
  cancelled: count,
  retried: count.meta({ description: "Failed attempts that another one follows." }),
  wait_ms: quantiles,
  attempt_ms: quantiles,
});

export const statNow = z.object({
  ready: count,
  scheduled: count,
  running: count,
  parked: count,
  failed: z.object({ n: count, at_least: z.boolean() }),
  at_least: z
    .boolean()
    .meta({ description: "Whether one of the numbers stands for more: none is counted past 10 001." }),
  oldest_due_seconds: z.number().nullable(),
  counted_at: moment("When this was counted."),
  workers: count,
  slots: count.meta({ description: "Handlers that all workers may have at work." }),
});

export const statsAnswer = z.object({
  as_of: moment("The server's time."),
  step_seconds: count,
  of: z.enum(["process", "fleet"]).meta({
    description: "The last minute, in seconds, is of the process that answers; longer spans are of all.",
  }),
  points: z.array(statPoint),
  now: statNow,
});

export const statsQuery = z.strictObject({
  span: z.enum(SPANS).default("1h").meta({ description: "How far back: in seconds, minutes, hours, hours." }),
  task: z.string().meta({ description: "Only of this task; not of the last minute." }).optional(),
});

export type StatsAnswer = z.infer<typeof statsAnswer>;
