import { knownAnywhere } from "../core/known-anywhere.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import type { TaskDefinition } from "./task-definition.ts";

/** When a schedule creates jobs, and which. */
export interface ScheduleOptions<Given, Input = Given, Result = unknown> {
  /** Five fields (minute, hour, day of month, month, day of week), or six with seconds first, or `@daily` and the like; not a time. */
  readonly cron: string;
  /** An IANA name, such as `Europe/Berlin`. Default `UTC`. */
  readonly timeZone?: string;
  readonly task: TaskDefinition<Given, Input, Result>;
  readonly input: NoInfer<Given>;
  /**
   * What happens to runs that were due while no worker was running and are more than a minute late: `skip` leaves them out, `once` makes up
   * for all of them with a single run, `all` makes up for each. Default `skip`.
   */
  readonly missed?: "skip" | "once" | "all";
  /** Options of each of its jobs. */
  readonly options?: Omit<EnqueueOptions, "delay" | "runAt" | "copyOf" | "trace">;
}

/** A recurring job. It does nothing until it is passed to `openPosthorn`. */
export class ScheduleDefinition {
  static {
    knownAnywhere(ScheduleDefinition, "ScheduleDefinition");
  }

  readonly name: string;
  readonly options: ScheduleOptions<unknown>;

  constructor(name: string, options: ScheduleOptions<unknown>) {
    this.name = name;
    this.options = options;
  }
}

/**
 * Defines a schedule. Every process may declare the same one; it fires once, in one of them.
 * @param name identifies it in lists and when pausing it: 1 to 100 letters, digits, `.`, `_` and `-`; do not change it. Errors are found by
 * `openPosthorn`, which throws ConfigurationError.
 * @example
 * const nightly = schedule("nightly-cleanup", { cron: "0 3 * * *", timeZone: "Europe/Berlin", task: cleanUp, input: { days: 30 } });
 * const posthorn = await openPosthorn({ database: "app.db", tasks: [cleanUp], schedules: [nightly] });
 */
export function schedule<Given, Input, Result>(
  name: string,
  options: ScheduleOptions<Given, Input, Result>,
): ScheduleDefinition {
  return new ScheduleDefinition(name, options as unknown as ScheduleOptions<unknown>); // the task checks the input when the schedule is declared
}
