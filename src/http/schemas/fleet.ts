import { z } from "zod";
import { nextCursor } from "./job.ts";
import { rows } from "./lists.ts";
import { moment } from "./times.ts";

export const groupAnswer = z
  .object({
    group_id: z
      .string()
      .meta({ description: "The group's id.", examples: ["grp_01k9zq3v7n8r2m4w6x8y0z1a3b"] }),
    total: z.int().meta({ description: "How many jobs it has." }),
    succeeded: z.int().meta({ description: "How many of them have succeeded." }),
    failed: z.int().meta({ description: "How many of them have failed permanently." }),
    cancelled: z.int().meta({ description: "How many of them were cancelled." }),
    created_at: moment("When it was enqueued."),
    settled_at: moment("When all of its jobs had ended for the first time; null until then.").nullable(),
  })
  .meta({ description: "Jobs that were enqueued together, and how they have ended so far." });

export const scheduleAnswer = z
  .object({
    name: z.string().meta({ description: "The schedule's name.", examples: ["nightly-cleanup"] }),
    cron: z
      .string()
      .meta({ description: "When it creates jobs, as a cron expression.", examples: ["0 3 * * *"] }),
    time_zone: z
      .string()
      .meta({ description: "The IANA time zone of the expression.", examples: ["Europe/Berlin"] }),
    missed: z.enum(["skip", "once", "all"]).meta({
      description:
        "What happens to runs that were due while no worker was running: nothing (skip), one job makes up for all of them (once), or each gets its job (all).",
    }),
    task: z.string().meta({ description: "The task of its jobs.", examples: ["clean-up"] }),
    lane: z.string().meta({ description: "The lane of its jobs." }),
    paused: z
      .boolean()
      .meta({ description: "Whether it is paused. If so, it creates no jobs until it is resumed." }),
    next_at: moment("When it creates its next job; null while it is paused, or if it never will.").nullable(),
    next_runs: z
      .array(moment("When it creates a job."))
      .meta({ description: "When it creates its next five jobs; empty while it is paused." }),
    last_at: moment("When it last created a job; null if never.").nullable(),
  })
  .meta({ description: "A schedule, which creates jobs of a task." });

export const schedulePage = z
  .object({ data: rows(scheduleAnswer), next_cursor: nextCursor })
  .meta({ description: "All schedules, by name." });

export const scheduleRun = z
  .object({
    job_id: z.string().meta({
      description: "The job's id.",
      examples: ["job_01k9zq3v7n8r2m4w6x8y0z1a3b"],
    }),
    existing: z.boolean().meta({
      description: "true: a job with the key of the schedule's jobs already existed, and none was created.",
    }),
  })
  .meta({ description: "A schedule's job, run by hand." });

export const workerAnswer = z
  .object({
    worker_id: z.string().meta({
      description: "The worker's id, new with each start.",
      examples: ["wrk_01k9zq3v7n8r2m4w6x8y0z1a3b"],
    }),
    host: z.string().meta({ description: "The host name of its machine." }),
    pid: z.int().meta({ description: "Its process id." }),
    concurrency: z.int().meta({ description: "How many handlers it runs at once." }),
    slots_held: z.int().meta({
      description:
        "How many of its slots are taken by handlers that have outlived their attempts by ten seconds or more; they run nothing else meanwhile.",
    }),
    running: z.int().nullable().meta({
      description:
        "How many handlers it is running; null while it reports nothing, as when it is idle on SQLite.",
    }),
    claims_per_second: z
      .number()
      .nullable()
      .meta({ description: "How many jobs it claims per second; null while it reports nothing." }),
    loop_delay_ms: z.number().nullable().meta({
      description:
        "The 99th percentile of its event loop's delay, in milliseconds; null while it is idle or reports nothing.",
    }),
    reported_at: moment(
      "When it reported these numbers, as it does every five seconds; null if it never did.",
    ).nullable(),
    version: z.string().meta({ description: "The version of Posthorn that it runs." }),
    draining: z.boolean().meta({
      description:
        "Whether it claims no more jobs and only finishes those that it runs, because it is stopping or was asked to drain.",
    }),
    drain_asked_at: moment("When somebody asked it to drain; null if nobody has.").nullable(),
    tasks: z.array(z.string()).meta({
      description: "The names of the tasks that it handles; empty while it drains.",
    }),
    started_at: moment("When it started."),
    seen_at: moment(
      "When it last reported that it is alive: every few seconds, but on SQLite only while it has jobs.",
    ),
    deadline: moment("Unless it reports again, its jobs go to another worker after this time."),
  })
  .meta({ description: "A process that claims and runs jobs." });

export const workerPage = z.object({ data: rows(workerAnswer), next_cursor: nextCursor }).meta({
  description: "The workers that have registered, and have neither left nor been found dead since.",
});

export type GroupAnswer = z.infer<typeof groupAnswer>;
export type ScheduleAnswer = z.infer<typeof scheduleAnswer>;
export type WorkerAnswer = z.infer<typeof workerAnswer>;
