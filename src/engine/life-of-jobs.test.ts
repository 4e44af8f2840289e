import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { test } from "node:test";
import fc from "fast-check";
import { ManualClock } from "../core/clock.ts";
import { StoreUnavailableError } from "../core/errors.ts";
import type { JobStatus } from "../core/job.ts";
import { overlaid } from "../store/overlaid-store.ts";
import type { Committed } from "../store/queue.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { Store } from "../store/store.ts";
import { Engine } from "./engine.ts";
import { type ControlledRun, ControlledTask, FAILED } from "./test-kit/controlled-task.ts";
import { newJob } from "./test-kit/engine-under-test.ts";
import { RecordedLog } from "./test-kit/recorded-log.ts";
import { quiet } from "./test-kit/turns.ts";

/** The tables of a live job, and of one that has ended: at every moment it stands in exactly one. */
const PLACES = ["ready", "scheduled", "leases", "finished"];

type Step =
  | {
      readonly kind: "enqueue";
      readonly lane: number;
      readonly delayMs: number;
      readonly maxAttempts: number;
    }
  | {
      readonly kind: "end";
      readonly nth: number;
      readonly how: "well" | "badly" | "permanently" | "throwing";
    }
  | { readonly kind: "cancel" | "rerun"; readonly nth: number }
  | { readonly kind: "reclaim" | "crash" | "outage" }
  | { readonly kind: "pass"; readonly ms: number };

const nth = fc.nat({ max: 40 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("enqueue" as const),
      lane: fc.nat({ max: 2 }),
      delayMs: fc.constantFrom(0, 0, 0, 1, 5_000),
      maxAttempts: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      nth,
      how: fc.constantFrom("well", "badly", "permanently", "throwing"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("cancel", "rerun"), nth }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("reclaim", "crash", "outage") }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(1, 500, 1_000, 16_000) }),
  },
);

/** A world of one store and the engine on it, which the steps act upon; another takes its place after a crash. */
class World {
  readonly clock = new ManualClock(Date.now());
  readonly #real: Store;
  readonly #tables: DatabaseSync;
  /** Whether a job stands in one of the places. */
  readonly #stands: ReadonlyMap<string, StatementSync>;
  readonly #leases: StatementSync;
  readonly #accepted: string[] = [];
  /** The last status seen of each job, for those that had ended. */
  readonly #ended = new Map<string, JobStatus>();
  /** Handlers of engines before the last crash, which may still run on. */
  readonly #ghosts: ControlledRun[] = [];
  #isDown = false;
  #task = new ControlledTask();
  #engine: Engine;

  constructor(real: Store, file: string) {
    this.#real = real;
    this.#tables = new DatabaseSync(file, { readOnly: true });
    this.#stands = new Map(
      PLACES.map((table) => [
        table,
        this.#tables.prepare(`select 1 from ${table} where job = (select seq from jobs where id = ?)`),
      ]),
    );
    this.#leases = this.#tables.prepare("select j.id, l.token from leases l join jobs j on j.seq = l.job");
    this.#engine = this.#newEngine();
  }

  static async open(file: string): Promise<World> {
    const world = new World(await openSqliteStore({ file }), file);
    await world.#engine.start();
    return world;
  }

  async act(step: Step): Promise<void> {
    switch (step.kind) {
      case "enqueue":
        await this.#enqueue(step.lane, step.delayMs, step.maxAttempts);
        break;
      case "end":
        this.#end(step.nth, step.how);
        break;
      case "cancel":
      case "rerun":
        await this.#byHand(step.kind, step.nth);
        break;
      case "reclaim":
        for (const worker of await this.#real.workers.list())
          await this.#real.workers.reclaim(worker, this.clock.now(), "silent");
        break;
      case "crash":
        await this.#crash();
        break;
      case "outage":
        this.#isDown = !this.#isDown;
        break;
      case "pass":
        this.clock.advance(step.ms);
        break;
    }
    await quiet();
  }

  /** What has to hold after every step. */
  async check(): Promise<void> {
    for (const id of this.#accepted) {
      const places = [...this.#stands].flatMap(([table, stands]) => stands.all(id).map(() => table));
      assert.equal(places.length, 1, `${id} stands in ${places.join(" and ") || "no table"}`);
      const status = (await this.#real.records.get(id))?.status;
      const before = this.#ended.get(id);
      if (before) assert.equal(status, before, `${id} had ended`);
      if (status && status !== "queued" && status !== "running") this.#ended.set(id, status);
    }
    await this.#checkRuns();
  }

  /** When all goes well from now on, every job comes to its end. */
  async settleDown(): Promise<void> {
    this.#isDown = false;
    for (const ghost of this.#ghosts) ghost.end();
    for (let round = 0; round < 60; round++) {
      this.#task.endAll();
      this.clock.advance(5_000);
      await quiet();
      await this.check();
    }
    assert.equal(this.#ended.size, this.#accepted.length, "every job has ended");
  }

  async close(): Promise<void> {
    const stopped = this.#engine.stop(0);
    for (let second = 0; second < 10; second++) {
      await quiet();
      this.clock.advance(1_000);
    }
    await stopped;
    this.#tables.close();
    await this.#real.close();
  }

  #newEngine(): Engine {
    const gone = () => Promise.reject(new StoreUnavailableError("gone"));
    const store = overlaid(this.#real, {
      queue: {
        commit: (batch): Promise<Committed> => (this.#isDown ? gone() : this.#real.queue.commit(batch)),
      },
    });
    // a process that crashed asks nothing more of the database
    const mortal = <Part extends object>(part: Part) =>
      new Proxy(part, {
        get: (target, name): unknown => {
          if (this.#engine !== engine) return gone;
          const value: unknown = Reflect.get(target, name);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    const engine: Engine = new Engine({
      store: {
        ...store,
        queue: mortal(store.queue),
        records: mortal(store.records),
        byHand: mortal(store.byHand),
        workers: mortal(store.workers),
        schedules: mortal(store.schedules),
        retention: mortal(store.retention),
      },
      tasks: [this.#task],
      retention: { jobsMs: 1e12 },
      concurrency: 3,
      clock: this.clock,
      log: new RecordedLog(),
      random: () => 0.5,
    });
    return engine;
  }

  async #enqueue(lane: number, delayMs: number, maxAttempts: number): Promise<void> {
    const now = this.clock.now();
    const job = newJob(now, { lane: `lane ${lane}`, runAt: now + delayMs, maxAttempts });
    const isAccepted = await this.#engine.intake.accept(job).then(
      () => true,
      () => false,
    );
    if (isAccepted) this.#accepted.push(job.id);
    else assert.equal(await this.#real.records.get(job.id), undefined, "nothing is kept of what was refused");
  }

  #end(at: number, how: "well" | "badly" | "permanently" | "throwing"): void {
    const runs = [...this.#task.open, ...this.#ghosts];
    const run = runs[at % Math.max(1, runs.length)];
    if (how === "well") run?.end();
    else if (how === "badly") run?.end(FAILED);
    else if (how === "permanently") run?.end({ ...FAILED, retry: false });
    else run?.fail(new Error("thrown"));
  }

  async #byHand(what: "cancel" | "rerun", at: number): Promise<void> {
    const id = this.#accepted[at % Math.max(1, this.#accepted.length)];
    if (id === undefined) return;
    const done = await this.#real.byHand[what](id, this.clock.now());
    if (!done?.changed) return;
    if (what === "rerun") {
      this.#ended.delete(id);
      this.#engine.wake();
    } else this.#engine.forget(id, "test");
  }

  /** The process is gone from one moment to the next; another starts, and takes its leases back. */
  async #crash(): Promise<void> {
    this.#ghosts.push(...this.#task.open);
    this.#task = new ControlledTask();
    this.#engine = this.#newEngine();
    for (const worker of await this.#real.workers.list())
      await this.#real.workers.reclaim(worker, this.clock.now(), "silent");
    await this.#engine.start();
  }

  /** Of the handlers that run, at most one of each job holds its lease; the rest have been told to stop, or are ghosts. */
  async #checkRuns(): Promise<void> {
    assert.ok(this.#task.mostAtOnce <= 3);
    const tokens = new Map(this.#leases.all().map(({ id, token }) => [id, token]));
    const valid = [...this.#task.open, ...this.#ghosts].filter(({ job }) => tokens.get(job.id) === job.token);
    const ids = valid.map(({ job }) => job.id);
    assert.equal(new Set(ids).size, ids.length, "no job runs twice under a lease that holds");
  }
}

test("whatever happens, every accepted job is in one place, ended stays ended, and nothing is lost", async () => {
  const folder = await mkdtemp(join(tmpdir(), "posthorn-life-"));
  let worlds = 0;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const world = await World.open(join(folder, `${worlds++}.db`));
        try {
          for (const step of steps) {
            await world.act(step);
            await world.check();
          }
          await world.settleDown();
        } finally {
          await world.close();
        }
      }),
      { numRuns: 40 },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
