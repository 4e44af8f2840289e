import type { NewJob } from "./queue.ts";

/** Recurring jobs. A schedule stands here as text; when it is due is worked out by whoever fires it. */
export interface ScheduleShelf {
  /**
   * Keeps a schedule, new or changed; one that is there already with the same `cron` and `timeZone` keeps its `nextAt`, and any
   * keeps whether it is paused.
   */
  declare(schedule: NewSchedule): Promise<void>;
  /** By name. */
  list(): Promise<Schedule[]>;
  /**
   * One fire: queues the jobs and moves the schedule on, unless it is paused, gone, or no longer due at `dueAt` (another process
   * was first). Whether it did. A job whose key a live job has is not made.
   */
  fire(firing: Firing, now: number): Promise<boolean>;
  /** Undefined when there is no such schedule. A resumed one is due next at `nextAt`. */
  pause(name: string, paused: boolean, nextAt: number | null): Promise<Schedule | undefined>;
  /** Whether there was one. */
  remove(name: string): Promise<boolean>;
}

export interface NewSchedule {
  readonly name: string;
  readonly cron: string;
  /** An IANA name. */
  readonly timeZone: string;
  /** What becomes of runs that nobody was there for. */
  readonly missed: "skip" | "once" | "all";
  readonly job: ScheduledJob;
  /** The next moment it is due; null when there is none. */
  readonly nextAt: number | null;
}

/** What a schedule makes each time. */
export type ScheduledJob = Pick<
  NewJob,
  "task" | "lane" | "priority" | "options" | "payload" | "maxAttempts" | "ties"
>;

/** A recurring job as it is kept. Times are milliseconds since the epoch. */
export interface Schedule extends NewSchedule {
  readonly paused: boolean;
  /** When it last made a job. */
  readonly lastAt: number | null;
}

export interface Firing {
  readonly name: string;
  /** The `nextAt` that was seen. */
  readonly dueAt: number;
  readonly nextAt: number | null;
  /** None to pass over a run that was missed. */
  readonly jobs: readonly NewJob[];
}
