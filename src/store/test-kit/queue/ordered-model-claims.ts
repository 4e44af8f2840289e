import assert from "node:assert/strict";
import fc from "fast-check";
import type { LeasedJob } from "../../queue.ts";
import type { Store } from "../../store.ts";
import type { WorkerRecord } from "../../worker-record.ts";
import { NOW, SECOND, type StoreClaim, workerRecord } from "../store-under-test.ts";
import {
  claim,
  enqueue,
  fail,
  failForNow,
  idsOf,
  newJob,
  newJobs,
  settle,
  settlement,
  succeed,
} from "../stored-jobs.ts";

/** When everything happens, except what was put off until later. */
const THEN = NOW + 10 * SECOND;
const LATER = NOW + 60 * SECOND;
const ORDERED = { ordered: true } as const;

/** What an ordered lane should come to: a line whose first goes. */
class Model {
  readonly store: Store;
  readonly lane: string;
  /** The ids of live jobs, the head first. */
  line: string[] = [];
  /** Those that failed or were cancelled. */
  ended: string[] = [];
  /** Where the head is. */
  head: "ready" | "leased" | "scheduled" | "parked" = "ready";
  lease: LeasedJob | undefined;
  #claims = 0;
  /** Whose claim the lease is of. */
  #holder: WorkerRecord | undefined;

  constructor(store: Store, lane: string) {
    this.store = store;
    this.lane = lane;
  }

  async come(count: number, parked?: string): Promise<void> {
    const fields = { lane: this.lane, ties: ORDERED, maxAttempts: 99 };
    const jobs = newJobs(count, parked === undefined ? fields : { ...fields, parked });
    if (this.line.length === 0 && count > 0) this.head = parked === undefined ? "ready" : "parked";
    this.line.push(...idsOf(jobs));
    await enqueue(this.store, jobs);
  }

  async claim(): Promise<void> {
    const worker = workerRecord(`wrk_${this.lane}_${this.#claims++}`);
    const room = { byDefault: 0, except: new Map([[this.lane, 99]]) };
    const claimed = await claim(this.store, { worker, room, now: THEN });
    const expected = this.head === "ready" ? this.line.slice(0, 1) : [];
    assert.deepEqual(idsOf(claimed), expected);
    [this.lease = this.lease] = claimed;
    if (claimed.length === 0) return;
    this.head = "leased";
    this.#holder = worker;
  }

  /** The outcome of the head, if it runs. */
  async settled(
    how: "succeeds" | "fails" | "is repeated" | "is put off" | "is released" | "is lost",
  ): Promise<void> {
    const { lease, store } = this;
    if (!lease) return;
    this.lease = undefined;
    if (how === "is repeated" || how === "is released" || how === "is lost") this.head = "ready";
    if (how === "is put off") this.head = "scheduled";
    if (how === "fails") this.ended.push(lease.id);
    if (how === "succeeds" || how === "fails") this.#leave(lease.id);
    if (how === "succeeds") await succeed(store, lease, THEN);
    else if (how === "fails") await fail(store, lease, THEN);
    else if (how === "is repeated") await failForNow(store, lease, THEN, THEN);
    else if (how === "is put off")
      await settle(store, settlement(lease, { status: "queued", runAt: LATER }), THEN);
    else if (how === "is released") await store.workers.release([lease], THEN);
    else {
      if (this.#holder) await store.workers.reclaim(this.#holder, THEN, "ended");
      await store.queue.promote(LATER + 600 * SECOND, 100); // a job that is lost often pauses
    }
  }

  async timePasses(): Promise<void> {
    if (this.head === "scheduled") this.head = "ready";
    await this.store.queue.promote(LATER, 100);
  }

  async cancel(at: number): Promise<void> {
    const id = this.line[at % Math.max(1, this.line.length)];
    if (id === undefined) return;
    this.ended.push(id);
    this.#leave(id);
    assert.equal((await this.store.byHand.cancel(id, THEN))?.changed, true);
  }

  async redeliver(at: number): Promise<void> {
    const [id] = this.ended.splice(at % Math.max(1, this.ended.length), 1);
    if (id === undefined) return;
    if (this.line.length === 0) this.head = "ready";
    this.line.push(id);
    assert.equal((await this.store.byHand.rerun(id, THEN))?.changed, true);
  }

  async park(): Promise<void> {
    const isReady = this.line.length > 0 && this.head === "ready";
    if (isReady) this.head = "parked";
    assert.equal(await this.store.parking.park(this.lane, "paused", 500, THEN), isReady ? 1 : 0);
  }

  async unpark(): Promise<void> {
    const isParked = this.line.length > 0 && this.head === "parked";
    if (isParked) this.head = "ready";
    assert.equal(await this.store.parking.unpark(this.lane, 500, THEN), isParked ? 1 : 0);
  }

  async runAll(): Promise<void> {
    while (this.line.length > 0) {
      await this.settled("succeeds");
      await this.timePasses();
      await this.unpark();
      await this.claim();
    }
    await this.claim();
  }

  #leave(id: string): void {
    if (this.line[0] === id) {
      this.head = "ready";
      this.lease = undefined;
    }
    this.line = this.line.filter((other) => other !== id);
  }
}

const STEPS = fc.array(
  fc.oneof(
    fc.record({ step: fc.constant("come" as const), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ step: fc.constantFrom("cancel" as const, "redeliver" as const), at: fc.nat(9) }),
    fc.record({ step: fc.constantFrom("claim" as const, "claim" as const) }),
    fc.record({
      step: fc.constantFrom("park" as const, "unpark" as const, "pass" as const, "come parked" as const),
    }),
    fc.record({
      step: fc.constant("settle" as const),
      how: fc.constantFrom(
        ...(["succeeds", "fails", "is repeated", "is put off", "is released", "is lost"] as const),
      ),
    }),
  ),
  { maxLength: 30 },
);

export function orderedModelClaims(states: StoreClaim): void {
  states(
    "whatever happens to the jobs of an ordered lane, they go in the order of its line",
    async (store) => {
      let lanes = 0;
      const goesByTheModel = fc.asyncProperty(STEPS, async (steps) => {
        const model = new Model(store, `ordered ${lanes++}`);
        for (const step of steps) {
          if (step.step === "come") await model.come(step.count);
          else if (step.step === "come parked") await model.come(1, "paused");
          else if (step.step === "cancel") await model.cancel(step.at);
          else if (step.step === "redeliver") await model.redeliver(step.at);
          else if (step.step === "claim") await model.claim();
          else if (step.step === "park") await model.park();
          else if (step.step === "unpark") await model.unpark();
          else if (step.step === "pass") await model.timePasses();
          else if ("how" in step) await model.settled(step.how);
        }
        await model.runAll();
      });
      await fc.assert(goesByTheModel, { numRuns: 40 });
      const after = newJob({ lane: "other" });
      await enqueue(store, [after]);
      assert.deepEqual(idsOf(await claim(store, { now: THEN })), [after.id], "and nothing is left");
    },
  );
}
