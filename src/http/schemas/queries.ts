import { z } from "zod";
import { isId } from "../../core/id.ts";
import { JOB_STATUSES, type JobStatus } from "../../core/job.ts";
import { SOUGHT_LENGTH } from "../../core/job-content.ts";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import { WAITING } from "../../store/job-records.ts";
import { givenDuration, givenMoment } from "./times.ts";

const MOST = 200;
const DEFAULT = 50;

/** Query parameters arrive as strings. */
export function limitOf(most: number, byDefault = DEFAULT) {
  return z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text), { error: "must be a whole number", abort: true })
    .transform(Number)
    .pipe(z.int().min(1).max(most))
    .default(byDefault)
    .meta({
      description: `How many to return at most: 1 to ${most}. Default: ${byDefault}.`,
      type: "integer",
      minimum: 1,
      maximum: most,
    });
}

const limit = limitOf(MOST);

const cursor = z
  .string()
  .meta({
    description: "The next_cursor of the previous page.",
    minLength: 1,
    pattern: "^[A-Za-z0-9_-]+$",
  })
  .optional();

export const noQuery = z.strictObject({});

export const pageQuery = z.strictObject({ limit, cursor });

/** One, or several with commas between them. */
const statuses = z
  .string()
  .refine((text) => text.split(",").every((each) => JOB_STATUSES.some((status) => status === each)), {
    error: `must be one or more of ${JOB_STATUSES.join(", ")}`,
    abort: true,
  })
  .transform((text) => text.split(",") as JobStatus[]) // as was just seen
  .meta({
    description: `Only jobs with this status, or with one of several separated by commas: ${JOB_STATUSES.join(", ")}.`,
    examples: ["failed", "failed,cancelled"],
  });

/** As many as a page holds, which an address has room for. */
const ids = z
  .string()
  .refine((text) => text.split(",").every((id) => isId("job", id)) && text.split(",").length <= MOST, {
    error: `must be at most ${MOST} ids of jobs, job_…, separated by commas`,
    abort: true,
  })
  .transform((text) => text.split(","))
  .meta({
    description: `Only the jobs with these ids: at most ${MOST}, separated by commas.`,
    examples: ["job_01k9x2v6e3f8r0a1b2c3d4e5f6"],
  });

const named = (description: string) => z.string().min(1).meta({ description }).optional();

/** As the filters of bulk runs are named. */
const filter = {
  status: statuses.optional(),
  tenant: named("Only jobs of this tenant: its uid or id."),
  endpoint: named("Only deliveries to this endpoint of the tenant: its uid or id."),
  event: named("Only deliveries of this event: msg_…"),
  tag: named("Only jobs that have this tag, or whose event has it."),
  group: named("Only jobs in the group with this id."),
  key: named("Only jobs with this key."),
  trigger: named("Only jobs with this trigger: manual, for events that somebody redelivered by hand."),
  fingerprint: named("Only jobs whose last attempt failed with this fingerprint."),
  class: z
    .enum(ATTEMPT_CLASSES)
    .meta({ description: "Only jobs whose last attempt has this class." })
    .optional(),
  attempts_from: z
    .string()
    .refine((text) => /^\d{1,6}$/.test(text), { error: "must be a whole number" })
    .transform(Number)
    .meta({ description: "Only jobs with at least this many attempts.", type: "integer", minimum: 0 })
    .optional(),
  finished_from: givenMoment.meta({ description: "Only jobs that ended at or after this time." }).optional(),
  finished_before: givenMoment.meta({ description: "Only jobs that ended before this time." }).optional(),
  due_from: givenMoment
    .meta({ description: "Only queued jobs that are due at or after this time." })
    .optional(),
  due_before: givenMoment.meta({ description: "Only queued jobs that are due before this time." }).optional(),
  waiting: z
    .enum(WAITING)
    .meta({
      description:
        "Only queued jobs that wait for a worker (ready), are due later (scheduled), or are held up (held), for example by a paused endpoint, an open breaker, or the job before them in an ordered lane.",
    })
    .optional(),
  duration_from: givenDuration
    .meta({
      description:
        "Only jobs whose last completed attempt took at least this long, such as 30s, or that have been running for that long.",
    })
    .optional(),
  ids: ids.optional(),
  created_from: givenMoment.meta({ description: "Only jobs created at or after this time." }).optional(),
  created_before: givenMoment.meta({ description: "Only jobs created before this time." }).optional(),
  bulk: z
    .string()
    .meta({ description: "Only jobs that this bulk run created, re-queued, made due or cancelled: qtask_…" })
    .optional(),
};

export const jobsQuery = z.strictObject({
  target_url: z
    .string()
    .meta({ format: "uri", description: "Only deliveries to this target, ignoring its query string." })
    .optional(),
  ...filter,
  limit,
  cursor,
});

/** What the content of jobs has to hold. */
function textOf(more = "") {
  return z
    .string()
    .min(SOUGHT_LENGTH.least)
    .max(SOUGHT_LENGTH.most)
    .meta({
      description: `Only jobs whose payload or input, result or error contains exactly this string; or, as \`$.data.id = 42\`, whose payload, input or result has this value at this path. What is hidden from the key is not found, and payloads of more than 64 KiB are not searched.${more}`,
      examples: ["order-42", "$.data.id = 42"],
    })
    .optional();
}

const taskJobsQuery = z.strictObject({
  task: z.string().meta({ description: "Only jobs of this task." }).optional(),
  lane: z.string().meta({ description: "Only jobs in this lane." }).optional(),
  ...filter,
  limit,
  cursor,
});

export const taskJobsSearchQuery = taskJobsQuery.extend({
  text: textOf(" Each page examines a few thousand jobs: continue with next_cursor until complete is true."),
});

const MOST_EXPORTED = 100_000;

export const jobExportQuery = z.strictObject({
  ...taskJobsQuery.shape,
  text: textOf(),
  limit: limitOf(MOST_EXPORTED, MOST_EXPORTED),
  cursor: cursor.meta({ description: "The next_cursor of an earlier export." }),
});

/** The last line of an export. */
export interface JobExportEnd {
  readonly end: true;
  readonly jobs: number;
  readonly next_cursor: string | null;
}

export type TaskJobsFilter = Omit<z.infer<typeof taskJobsQuery>, "limit" | "cursor">;
export type PageQuery = z.infer<typeof pageQuery>;
export type JobsFilter = Pick<z.infer<typeof jobsQuery>, keyof typeof filter>;
