import type { Cancel, Clock } from "../../core/clock.ts";
import { newId } from "../../core/id.ts";
import { metaOfSchedule } from "../../core/origin.ts";
import type { Instrument } from "../../observe/instrument.ts";
import { scheduleSpan } from "../../observe/traces/schedule-span.ts";
import type { NewJob } from "../../store/queue.ts";
import type { Schedule } from "../../store/shelves/schedules.ts";
import type { Store } from "../../store/store.ts";
import type { Part } from "../part.ts";
import { lastRun, nextRun } from "./cron.ts";

/** A run that is no later than this was not missed: the process was busy, or starting. */
const IN_TIME_MS = 60_000;
/** The most runs that one firing makes up for; the next one makes more. */
const MOST_AT_ONCE = 1_000;
const RETRY_MS = 1_000;
/** A smaller step may be a routine adjustment of the clock. */
const SET_BACK_MS = 1_000;

/**
 * Fires schedules when they fall due: one timer, set to the next of them. Every process tries, and the store lets one win, so a
 * schedule fires once however many declare it.
 */
export class Scheduler implements Part {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  #cancel: Cancel = () => {};
  #underway: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  /** The latest moment at which it looked. The clock may have been set back before the first look, too. */
  #lookedAt = Number.POSITIVE_INFINITY;
  #stopped = true;

  constructor(store: Store, clock: Clock, instrument: Instrument) {
    this.#store = store;
    this.#clock = clock;
    this.#instrument = instrument;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    await this.refresh();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#underway;
    await this.#next;
  }

  /** Fires what is due and sets the timer again: schedules may have been declared, paused or resumed, here or elsewhere. */
  refresh(): Promise<void> {
    if (this.#underway !== undefined) {
      // the round under way may have looked before the change that this call is for
      this.#next ??= this.#underway.then(() => {
        this.#next = undefined;
        return this.refresh();
      });
      return this.#next;
    }
    this.#underway = this.#round().finally(() => {
      this.#underway = undefined;
    });
    return this.#underway;
  }

  async #round(): Promise<void> {
    if (this.#stopped) return;
    let wakeAt = Number.POSITIVE_INFINITY;
    try {
      const wasSetBack = this.#clock.now() < this.#lookedAt - SET_BACK_MS;
      for (const schedule of await this.#store.schedules.list()) {
        if (schedule.paused || schedule.nextAt === null) continue;
        const { nextAt } = schedule;
        if (nextAt <= this.#clock.now()) wakeAt = Math.min(wakeAt, await this.#fire(schedule, nextAt));
        else wakeAt = Math.min(wakeAt, wasSetBack ? await this.#bringBack(schedule, nextAt) : nextAt);
      }
      this.#lookedAt = this.#clock.now();
    } catch (error) {
      this.#instrument["step.failed"].publish({ step: "look at schedules", error });
      wakeAt = this.#clock.now() + RETRY_MS;
    }
    this.#cancel();
    if (this.#stopped || wakeAt === Number.POSITIVE_INFINITY) return;
    this.#cancel = this.#clock.after(wakeAt - this.#clock.now(), () => void this.refresh());
  }

  /** Brings forward schedules that wait for a time set before the clock was set back, if that is far off. */
  async #bringBack(schedule: Schedule, nextAt: number): Promise<number> {
    const { name, cron, timeZone } = schedule;
    const now = this.#clock.now();
    try {
      const sooner = soonerRun(cron, timeZone, nextAt, now);
      if (sooner === undefined) return nextAt;
      await this.#store.schedules.fire({ name, dueAt: nextAt, nextAt: sooner, jobs: [] }, now);
      const due = { was: new Date(nextAt), is: new Date(sooner) };
      this.#instrument["schedule.brought back"].publish({ schedule: name, ...due });
      return sooner;
    } catch (error) {
      this.#instrument["step.failed"].publish({ step: "follow clock", error, about: { schedule: name } });
      return nextAt;
    }
  }

  /** When to look at it next. */
  async #fire(schedule: Schedule, dueAt: number): Promise<number> {
    const now = this.#clock.now();
    try {
      const { runs, nextAt } = firingOf(schedule, dueAt, now);
      const { name } = schedule;
      const made = await scheduleSpan(name, (meta) => {
        const jobs = runs.map((runAt) => jobOf(schedule, runAt, now, meta));
        return this.#store.schedules.fire({ name, dueAt, nextAt, jobs }, now);
      });
      if (made !== undefined) this.#tell(schedule, new Date(dueAt), runs.length, made);
      return nextAt ?? Number.POSITIVE_INFINITY;
    } catch (error) {
      const about = { schedule: schedule.name };
      this.#instrument["step.failed"].publish({ step: "fire schedule", error, about });
      return now + RETRY_MS;
    }
  }

  #tell({ name: schedule, job: { task } }: Schedule, dueAt: Date, jobs: number, made: number): void {
    if (made > 0) this.#instrument["jobs.made"].publish({ task, count: made });
    if (jobs > 0) this.#instrument["schedule.fired"].publish({ schedule, dueAt, jobs });
    else this.#instrument["schedule.skipped"].publish({ schedule, dueAt });
  }
}

/**
 * The runs that a due schedule has to make up for.
 * @param dueAt not later than `now`.
 */
export function firingOf(
  { cron, timeZone, missed }: Pick<Schedule, "cron" | "timeZone" | "missed">,
  dueAt: number,
  now: number,
): { runs: number[]; nextAt: number | null } {
  if (missed !== "all") {
    const last = lastRun(cron, timeZone, dueAt, now);
    const isInTime = now - last <= IN_TIME_MS;
    return { runs: isInTime || missed === "once" ? [last] : [], nextAt: nextRun(cron, timeZone, now) };
  }
  const runs = [dueAt];
  let nextAt = nextRun(cron, timeZone, dueAt);
  while (nextAt !== null && nextAt <= now && runs.length < MOST_AT_ONCE) {
    runs.push(nextAt);
    nextAt = nextRun(cron, timeZone, nextAt);
  }
  return { runs, nextAt };
}

/**
 * The run before `nextAt` that a schedule should go back to, when its clock has been set back; undefined when it should wait. It
 * waits for less than one and a half of its periods, so that a clock set back by an hour does not make a nightly run happen twice.
 */
function soonerRun(cron: string, timeZone: string, nextAt: number, now: number): number | undefined {
  const sooner = nextRun(cron, timeZone, now);
  const following = sooner === null ? null : nextRun(cron, timeZone, sooner);
  if (sooner === null || following === null) return undefined;
  return nextAt - now > 1.5 * (following - sooner) ? sooner : undefined;
}

function jobOf({ name, job }: Schedule, runAt: number, now: number, meta: string | undefined): NewJob {
  const origin = { scheduledFor: runAt, meta: metaOfSchedule(name, meta) };
  return { ...job, id: newId("job", now), createdAt: now, runAt, origin };
}
