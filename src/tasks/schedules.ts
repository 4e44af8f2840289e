import type { By } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { ConfigurationError } from "../core/errors.ts";
import { newId } from "../core/id.ts";
import { refuseOther, refuseUnknown, textOf, wrong } from "../core/options.ts";
import { metaOfSchedule } from "../core/origin.ts";
import type { Audit, AuditChange } from "../engine/audit/audit.ts";
import { changedFields } from "../engine/audit/changed-fields.ts";
import type { Engine } from "../engine/engine.ts";
import type { Accepted } from "../engine/intake/intake.ts";
import { firstRun, nextRun } from "../engine/schedules/cron.ts";
import type { NewSchedule, Schedule, ScheduleShelf } from "../store/shelves/schedules.ts";
import { newJobOf } from "./new-job.ts";
import { type PublicSchedule, publicSchedule } from "./public-schedule.ts";
import { ScheduleDefinition } from "./schedule.ts";

const HIDDEN = "[hidden]";
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const MISSED: ReadonlySet<string> = new Set(["skip", "once", "all"] satisfies NewSchedule["missed"][]);
const KNOWN = [
  "cron",
  "timeZone",
  "task",
  "input",
  "missed",
  "options",
] satisfies (keyof ScheduleDefinition["options"])[];

const OF_ITS_JOBS = [
  "retry",
  "timeout",
  "priority",
  "lane",
  "key",
  "unique",
  "retention",
  "onSettled",
] satisfies (keyof NonNullable<ScheduleDefinition["options"]["options"]>)[];

export interface ScheduleParts {
  readonly shelf: ScheduleShelf;
  readonly clock: Clock;
  readonly audit: Audit;
  /** Told of changes, if this process fires schedules. Other processes notice within a second. */
  readonly engine?: Pick<Engine, "refreshSchedules" | "intake">;
}

/**
 * Recurring jobs: declare, list, pause and resume them.
 * @example
 * await posthorn.schedules.pause("nightly-cleanup");
 */
export class Schedules {
  readonly #parts: ScheduleParts;

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
  }

  /**
   * Stores a new or changed schedule, and records that in the audit. A paused schedule stays paused.
   * @throws ConfigurationError when its name, cron expression or time zone is invalid, or it would never be due; InvalidInputError for its input or options.
   */
  async declare(definition: ScheduleDefinition, by?: By): Promise<void> {
    if (!(definition instanceof ScheduleDefinition))
      throw wrong(["schedule"], 'must be what schedule("name", { … }) returns');
    const { name, options } = definition;
    if (typeof name !== "string" || !NAME.test(name)) {
      throw new ConfigurationError(
        `${JSON.stringify(name)} cannot name a schedule; use 1 to 100 letters, digits, ".", "_" and "-"`,
      );
    }
    refuseOther(options, ["schedule", name], "must be given an object with cron, task and input");
    refuseUnknown(options, KNOWN, ["schedule", name]);
    const { cron, timeZone = "UTC", missed = "skip", task, input } = options;
    if (!MISSED.has(missed))
      throw new ConfigurationError(`schedule ${name}: missed must be skip, once or all`);
    const own = options.options ?? {};
    refuseUnknown(own, OF_ITS_JOBS, ["schedule", name, "options"]);
    const { shelf, clock, audit, engine } = this.#parts;
    const job = await newJobOf(task, input, own, clock.now());
    const { id, createdAt, runAt, ...template } = job;
    const declared = { name, cron, timeZone, missed, job: template };
    const nextAt = firstRun(declared, clock.now());
    const before = (await shelf.list()).find((kept) => kept.name === name);
    const act = audit.act(by, {
      action: before ? "schedule.update" : "schedule.create",
      target: name,
      change: changeOf(before, declared),
    });
    if (await shelf.declare({ ...declared, nextAt }, act.row)) act.done();
    await engine?.refreshSchedules();
  }

  /** By name. */
  async list(): Promise<PublicSchedule[]> {
    return (await this.#parts.shelf.list()).map(publicSchedule);
  }

  /** Pauses a schedule: it creates no jobs until it is resumed. Undefined if there is no such schedule. */
  pause(name: string, by?: By): Promise<PublicSchedule | undefined> {
    return this.#setOnePaused(name, true, by);
  }

  /** Resumes a schedule with its next run; missed runs are not made up for. Undefined if there is no such schedule. */
  resume(name: string, by?: By): Promise<PublicSchedule | undefined> {
    return this.#setOnePaused(name, false, by);
  }

  /**
   * Pauses all of them in one transaction, for maintenance: those that were not paused before, by name. One that is declared later is
   * not paused.
   * @example
   * const paused = await posthorn.schedules.pauseAll();
   */
  pauseAll(by?: By): Promise<PublicSchedule[]> {
    return this.#setPaused(true, by);
  }

  /** Resumes all of them in one transaction, including those that were paused one by one. Returns those that were paused, by name. */
  resumeAll(by?: By): Promise<PublicSchedule[]> {
    return this.#setPaused(false, by);
  }

  /**
   * Creates a job of a schedule now, whether it is paused or not; its next run stays as it is. `existing` says that a live job has the
   * key of its jobs, so that none was created. Undefined if there is no such schedule.
   * @throws OverloadedError, StoreUnavailableError: nothing was stored; try again.
   * @example
   * const run = await posthorn.schedules.run("nightly-cleanup");
   */
  async run(name: string, by?: By): Promise<Pick<Accepted, "jobId" | "existing"> | undefined> {
    textOf(name, ["name"]);
    const { shelf, clock, audit, engine } = this.#parts;
    const schedule = (await shelf.list()).find((each) => each.name === name);
    if (!schedule || !engine) return undefined;
    const now = clock.now();
    const origin = { meta: metaOfSchedule(name) };
    const job = { ...schedule.job, id: newId("job", now), createdAt: now, runAt: now, origin };
    const act = audit.act(by, { action: "schedule.run", target: name });
    const { jobIds, existing } = await engine.intake.submit({ jobs: [job], rows: [act.row] });
    act.done();
    return { jobId: jobIds[0] ?? job.id, existing: existing[0] ?? false };
  }

  /** Removes a schedule, and returns whether there was one. A process that still declares it creates it again when it starts. */
  async remove(name: string, by?: By): Promise<boolean> {
    if (!NAME.test(textOf(name, ["name"]))) return false;
    const { shelf, audit } = this.#parts;
    const act = audit.act(by, { action: "schedule.remove", target: name });
    const removed = await shelf.remove(name, act.row);
    if (removed) act.done();
    return removed;
  }

  async #setOnePaused(name: string, paused: boolean, by?: By): Promise<PublicSchedule | undefined> {
    if (!NAME.test(textOf(name, ["name"]))) return undefined;
    const [changed] = await this.#setPaused(paused, by, name);
    // it was so already, or another call was faster
    return changed ?? (await this.list()).find((schedule) => schedule.name === name);
  }

  /** Those that were changed. @param only the name of the one to change; undefined for all. */
  async #setPaused(paused: boolean, by: By | undefined, only?: string): Promise<PublicSchedule[]> {
    const { shelf, clock, audit, engine } = this.#parts;
    const action = paused ? "schedule.pause" : "schedule.resume";
    const changes = (await shelf.list())
      .filter((schedule) => schedule.paused !== paused && (only === undefined || schedule.name === only))
      .map(({ name, cron, timeZone }) => ({
        ...{ name, nextAt: paused ? null : nextRun(cron, timeZone, clock.now()) },
        act: audit.act(by, { action, target: name }),
      }));
    const changed = await shelf.pause(
      changes.map(({ act, ...change }) => ({ ...change, audit: act.row })),
      paused,
    );
    for (const { name, act } of changes) if (changed.some((each) => each.name === name)) act.done();
    await engine?.refreshSchedules();
    return changed.map(publicSchedule);
  }
}

/** The input of its jobs, of which only the fact that it changed is recorded, because it may be secret. */
function changeOf(before: Schedule | undefined, after: Omit<NewSchedule, "nextAt">): AuditChange {
  const fields = ["cron", "timeZone", "missed", "task"] as const;
  const { task, ...job } = after.job;
  const told = changedFields({ ...before, task: before?.job.task ?? null }, { ...after, task }, fields);
  if (!before) return told;
  const { task: _, ...was } = before.job;
  return JSON.stringify(was) === JSON.stringify(job) ? told : { ...told, job: [HIDDEN, HIDDEN] };
}
