import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { newId } from "../../core/id.ts";
import type { Job } from "../../core/job.ts";
import type { NewJob } from "../../store/queue.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { Engine, type EngineOptions } from "../engine.ts";
import type { LaneLimits } from "../task.ts";
import { ControlledTask } from "./controlled-task.ts";
import { RecordedLog } from "./recorded-log.ts";
import { quiet } from "./turns.ts";

export interface SetUpOptions extends Partial<EngineOptions> {
  /** Puts something between the engine and the real store. */
  readonly between?: (store: Store, clock: ManualClock) => Store;
  /** Default true: the engine has been started. */
  readonly start?: boolean;
  /** Where the clock begins. Engines that should see each other alive need the real time. */
  readonly startsAt?: number;
  /** The limits of the controlled task. */
  readonly laneLimits?: LaneLimits;
}

/** An engine on a store in memory, with one task whose handlers the test controls, and with a clock that it drives. */
export async function setUp(context: TestContext, options: SetUpOptions = {}) {
  const clock = new ManualClock(options.startsAt);
  const real = await openSqliteStore({ file: ":memory:" });
  context.after(() => real.close());
  const store = options.between?.(real, clock) ?? real;
  const task = new ControlledTask("controlled", options.laneLimits);
  const log = new RecordedLog();
  const { between: _, start = true, startsAt: __, laneLimits: ___, ...rest } = options;
  const parts = {
    store,
    tasks: [task],
    retention: { jobsMs: 1e12 },
    clock,
    log,
    instrument: log.instrument,
    random: () => 0.5,
    resultsWaitMs: 0, // no time passes but the clock's
    ...rest,
  };
  const engine = new Engine(parts);
  if (start) await engine.start();
  /** A second process's engine on the same data, started. */
  const another = async (other: Partial<EngineOptions> = {}) => {
    const another = new Engine({ ...parts, ...other });
    await another.start();
    return another;
  };
  return { engine, clock, store, real, task, log, another, ...on(engine, clock, real, task) };
}

function on(engine: Engine, clock: ManualClock, store: Store, task: ControlledTask) {
  return {
    /** Lets these lanes be known for jobs that take no time, so that jobs of theirs are claimed ahead. */
    async quicken(...lanes: string[]): Promise<void> {
      for (let n = 0; n < QUICK_JOBS; n++) {
        for (const lane of lanes) await engine.intake.accept(newJob(clock.now(), { lane, task: task.name }));
        await quiet();
        task.endAll();
        await quiet();
      }
      task.forgetRuns();
    },
    /** Accepts jobs, and lets what can begin begin; their ids. */
    async accept(count: number, fields: Partial<NewJob> = {}): Promise<string[]> {
      const jobs = Array.from({ length: count }, () => newJob(clock.now(), fields));
      const accepted = jobs.map((job) => engine.intake.accept(job));
      for (const { existing } of await Promise.all(accepted)) assert.equal(existing, false);
      await quiet();
      return jobs.map(({ id }) => id);
    },
    async acceptOne(fields: Partial<NewJob> = {}): Promise<string> {
      const job = newJob(clock.now(), fields);
      await engine.intake.accept(job);
      await quiet();
      return job.id;
    },
    /** Moves time on, with turns for what falls due. */
    async pass(ms: number): Promise<void> {
      clock.advance(ms);
      await quiet();
    },
    async look(id: string): Promise<Job> {
      const job = await store.records.get(id);
      assert.ok(job);
      return job;
    },
    async statuses(ids: readonly string[]): Promise<Record<string, number>> {
      const counts: Record<string, number> = {};
      for (const id of ids) {
        const status = (await store.records.get(id))?.status ?? "nowhere";
        counts[status] = (counts[status] ?? 0) + 1;
      }
      return counts;
    },
    /** The outcomes of a job's attempts, oldest first. */
    async outcomes(id: string): Promise<string[]> {
      return (await store.records.attempts(id, { limit: 100 })).map(({ outcome }) => outcome).reverse();
    },
  };
}

/** Enough for a few slots to have all waiting for them that ever may. */
const QUICK_JOBS = 30;

export function newJob(now: number, fields: Partial<NewJob> = {}): NewJob {
  return {
    id: newId("job"),
    task: "controlled",
    lane: "lane",
    priority: 0,
    options: "{}",
    payload: "null",
    maxAttempts: 3,
    createdAt: now,
    runAt: now,
    ...fields,
  };
}
