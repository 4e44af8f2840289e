import type { Clock } from "../../core/clock.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { LeasedJob } from "../../store/queue.ts";
import type { LaneBeginShelf } from "../../store/shelves/lane-begins.ts";
import { type Part, stopAll } from "../part.ts";
import { Rhythm } from "../rhythm.ts";
import type { LaneLimits, Task } from "../task.ts";
import type { LaneLimiter } from "./lane-limiter.ts";
import type { Limits } from "./limits.ts";
import { RateTimers } from "./rate-timers.ts";
import { Takeovers } from "./takeovers.ts";

/** A changed limit has to apply within a second, and a task's own copy may already be half a second old. */
const LOOK_MS = 250;

/** Notices when limits leave more room than before, because a rate allows another job or somebody changed them. */
export class LimitWatch implements Pick<Part, "stop"> {
  readonly #limits: Limits;
  readonly #laneRates: RateTimers;
  readonly #tenantRates: RateTimers;
  readonly #takeovers: readonly Takeovers[];
  readonly #rhythm: Rhythm;
  readonly #freed: () => void;
  #isLooking = false;

  /** @param freed called when more jobs may be able to start. */
  constructor(
    limits: Limits,
    begins: LaneBeginShelf,
    clock: Clock,
    instrument: Instrument,
    freed: () => void,
  ) {
    this.#limits = limits;
    this.#freed = freed;
    const taken = () => {
      this.awaitAll();
      freed();
    };
    this.#takeovers = [limits.lanes, limits.tenants].map(
      (limiter) => new Takeovers(limiter, begins, clock, instrument, taken),
    );
    this.#laneRates = new RateTimers(limits.lanes, clock, freed);
    this.#tenantRates = new RateTimers(limits.tenants, clock, freed);
    this.#rhythm = new Rhythm(clock, instrument, LOOK_MS, () => this.#look());
  }

  async stop(): Promise<void> {
    await this.#rhythm.stop();
    await this.#laneRates.stop();
    await this.#tenantRates.stop();
    await stopAll(this.#takeovers);
  }

  /** There is a job of the task. Looks for changes from when there is the first limit. */
  learn(task: Task, job: LeasedJob, now: number): void {
    this.#limits.learn(task, job, now);
    if (this.#isLooking || !this.#limits.isNeeded) return;
    this.#isLooking = true;
    this.#rhythm.start();
  }

  /** A job of the lane has begun. */
  await(lane: string): void {
    this.#laneRates.await(lane);
    const tenant = this.#limits.tenantOf(lane);
    if (tenant !== undefined) this.#tenantRates.await(tenant);
    const [ofLanes, ofTenants] = this.#takeovers;
    ofLanes?.began(lane);
    if (tenant !== undefined) ofTenants?.began(tenant);
  }

  /** What there is to wait for may have become less, or more. */
  awaitAll(): void {
    for (const lane of this.#limits.lanes.lanes()) this.#laneRates.await(lane);
    for (const tenant of this.#limits.tenants.lanes()) this.#tenantRates.await(tenant);
  }

  async #look(): Promise<void> {
    const isOneOfLanes = await askAgain(this.#limits.lanes, (task, job) => task.limitsOf?.(job));
    const isOneOfTenants = await askAgain(this.#limits.tenants, (task, job) => task.tenantLimitsOf?.(job));
    if (!isOneOfLanes && !isOneOfTenants) return;
    this.awaitAll();
    this.#freed();
  }
}

/** Whether any of them has changed. */
async function askAgain(
  limiter: LaneLimiter,
  limitsOf: (task: Task, job: LeasedJob) => LaneLimits | undefined,
): Promise<boolean> {
  const sources = limiter.sources();
  const unprepared = new Map<Task, LeasedJob[]>();
  for (const [, { task, job }] of sources) {
    if (task.isPrepared?.(job) !== false) continue;
    unprepared.set(task, [...(unprepared.get(task) ?? []), job]);
  }
  for (const [task, jobs] of unprepared) await task.prepare?.(jobs);
  let isChanged = false;
  for (const [lane, { task, job }] of sources) {
    if (task.isPrepared?.(job) === false) continue; // its limits are not in memory now, which does not mean that there are none
    if (limiter.change(lane, limitsOf(task, job))) isChanged = true;
  }
  return isChanged;
}
