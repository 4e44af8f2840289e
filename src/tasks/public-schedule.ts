import { dateOrNull } from "../core/instant.ts";
import type { Schedule } from "../store/shelves/schedules.ts";

/** A recurring job. */
export interface PublicSchedule {
  readonly name: string;
  readonly cron: string;
  /** An IANA name. */
  readonly timeZone: string;
  /** What happens to runs that were due while no process was running. */
  readonly missed: "skip" | "once" | "all";
  /** The task of its jobs, and their lane. */
  readonly task: string;
  readonly lane: string;
  readonly paused: boolean;
  /** When it creates its next job; null while it is paused, or if it never will. */
  readonly nextAt: Date | null;
  /** When it last created a job. */
  readonly lastAt: Date | null;
}

export function publicSchedule(schedule: Schedule): PublicSchedule {
  const { name, cron, timeZone, missed, job, paused, nextAt, lastAt } = schedule;
  return {
    name,
    cron,
    timeZone,
    missed,
    task: job.task,
    lane: job.lane,
    paused,
    nextAt: dateOrNull(paused ? null : nextAt),
    lastAt: dateOrNull(lastAt),
  };
}
