import { z } from "zod";
import { jobStatus } from "./job.ts";
import { givenMoment } from "./times.ts";

const MOST = 200;
const DEFAULT = 50;

/** Query parameters arrive as strings. */
export function limitOf(most: number) {
  return z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text), { error: "must be a whole number", abort: true })
    .transform(Number)
    .pipe(z.int().min(1).max(most))
    .default(DEFAULT)
    .meta({
      description: `At most this many: 1 to ${most}, ${DEFAULT} by default.`,
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

const span = {
  status: jobStatus.optional(),
  created_from: givenMoment.meta({ description: "Created at or after." }).optional(),
  created_before: givenMoment.meta({ description: "Created before." }).optional(),
  bulk: z
    .string()
    .meta({ description: "Only jobs that this bulk run made or queued again: qtask_…" })
    .optional(),
};

export const jobsQuery = z.strictObject({
  target_url: z
    .string()
    .meta({ format: "uri", description: "Only deliveries to this target, ignoring its query string." })
    .optional(),
  ...span,
  limit,
  cursor,
});

export const taskJobsQuery = z.strictObject({
  task: z.string().meta({ description: "Only jobs of this task." }).optional(),
  lane: z.string().meta({ description: "Only jobs of this lane." }).optional(),
  ...span,
  limit,
  cursor,
});

export type PageQuery = z.infer<typeof pageQuery>;
export type JobsSpan = Pick<z.infer<typeof jobsQuery>, keyof typeof span>;
