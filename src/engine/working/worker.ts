import type { Clock } from "../../core/clock.ts";
import { ConfigurationError, messageOf } from "../../core/errors.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { Log } from "../../observe/log.ts";
import type { ClaimRequest, LeasedJob, ProgressReport, Settlement } from "../../store/queue.ts";
import type { Store } from "../../store/store.ts";
import type { WorkerRecord } from "../../store/worker-record.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { LaneLimiter } from "../lanes/lane-limiter.ts";
import { IN_HAND_PER_SLOT, Lanes } from "../lanes/lanes.ts";
import { RateTimers } from "../lanes/rate-timers.ts";
import type { Task } from "../task.ts";
import { AttemptRun } from "./attempt.ts";
import { EventContents } from "./event-contents.ts";
import { Hand, RETRY_MS } from "./hand.ts";
import { tellOfResult } from "./results.ts";
import { settlementOf } from "./settlement.ts";

/** Of one lane at once, at the most; and never more than half of the slots, so that one bad endpoint leaves room for others. */
const LANE_CONCURRENCY = 32;

/** A lane with a job of a task that nobody handles here is left to other workers for this long. */
const UNKNOWN_REST_MS = 60_000;

/** Payloads in memory; a claim may exceed it by one. */
const MAX_BYTES_IN_HAND = 32 * 1024 * 1024;
/** Of one claim, so that reading them holds nobody up. */
const MAX_BYTES_AT_ONCE = 4 * 1024 * 1024;

export interface WorkerOptions {
  readonly store: Store;
  readonly tasks: readonly Task[];
  readonly concurrency: number;
  readonly clock: Clock;
  /** For handlers. */
  readonly log: Log;
  readonly instrument: Instrument;
  readonly random: () => number;
  /** Who it is, with the deadline that its leases get now. */
  readonly record: () => WorkerRecord;
  readonly settle: (settlement: Settlement) => Promise<boolean>;
  /** Something changed that may let it claim. */
  readonly wake: () => void;
  readonly progress: (report: ProgressReport) => void;
}

/**
 * Runs claimed jobs in a number of slots. It claims ahead, so that a slot never waits for the database.
 *
 *     claimed ─▶ waiting ─(slot and lane free)─▶ running ─(outcome)─▶ settling ─▶ gone
 *
 * A job is in hand from claim to outcome; a slot is taken from the start to the handler's real end, which may be later.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #tasks: Map<string, Task>;
  #taskNames: readonly string[];
  #fleet: Fleet | undefined;
  readonly #lanes: Lanes;
  /** Tasks that were missed here, each to be told once. */
  readonly #missing = new Set<string>();
  readonly #rateTimers: RateTimers;
  readonly #hand: Hand;
  readonly #events: EventContents;
  /** By fencing token: a job that was taken away may come back while its old handler still runs. */
  readonly #running = new Map<number, AttemptRun>();
  #settling = 0;
  #freeSlots: number;
  #claiming = false;
  /** The drain time is over; what still runs was told to stop. */
  #cutOff = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#tasks = new Map(options.tasks.map((task) => [task.name, task]));
    this.#taskNames = [...this.#tasks.keys()];
    this.#freeSlots = options.concurrency;
    const laneSlots = Math.min(LANE_CONCURRENCY, Math.ceil(options.concurrency / 2));
    this.#lanes = new Lanes(laneSlots, new LaneLimiter());
    const { store, clock, instrument, wake } = options;
    this.#events = new EventContents(store.events);
    this.#rateTimers = new RateTimers(this.#lanes.limiter, clock, () => {
      this.#fillSlots();
      wake();
    });
    this.#hand = new Hand({
      ...{ leases: store.workers, events: this.#events, clock, instrument },
      mayBegin: () => this.#claiming,
      leftUnbegun: ({ lane }) => {
        this.#lanes.leftHand(lane);
        this.#checkIdle();
      },
      gaveBack: wake,
      stayed: () => {
        this.#fillSlots();
        clock.after(RETRY_MS, () => this.#giveBackUnusable());
      },
    });
  }

  /**
   * Takes a task on, from now on.
   * @throws ConfigurationError when there is one of that name already.
   */
  add(task: Task): void {
    if (this.#tasks.has(task.name))
      throw new ConfigurationError(`the task ${task.name} is handled here already`);
    this.#tasks.set(task.name, task);
    this.#taskNames = [...this.#tasks.keys()];
    if (this.#missing.delete(task.name)) this.#lanes.returnToAll();
    const { limiter } = this.#lanes;
    for (const job of this.#hand.waiting)
      if (job.task === task.name) limiter.learn(job.lane, task, this.#options.clock.now());
    this.#fillSlots();
    this.#options.wake();
  }

  /** What it handles. */
  get taskNames(): readonly string[] {
    return this.#taskNames;
  }

  /** Whether it has to do with limits that workers share. */
  get sharesLimits(): boolean {
    return [...this.#tasks.values()].some((task) => task.laneLimits);
  }

  /** The workers there are, for the limits that they share. */
  set fleet(fleet: Fleet) {
    if (this.#fleet?.isSameAs(fleet)) return;
    this.#fleet = fleet;
    const { limiter } = this.#lanes;
    limiter.fleet = fleet;
    for (const lane of limiter.lanes()) this.#rateTimers.await(lane);
    this.#keepToLimits();
    if (limiter.isNeeded) this.#options.wake();
  }

  running(): LeasedJob[] {
    return [...this.#running.values()].map((run) => run.job);
  }

  /** Whether it holds any lease. */
  get isIdle(): boolean {
    return this.#hand.count + this.#settling === 0;
  }

  start(): void {
    this.#claiming = true;
    this.#options.wake();
  }

  claimRequest(): ClaimRequest | undefined {
    const { concurrency, clock, record } = this.#options;
    // handlers that outstay their attempts: who knows for how long
    const hung = Math.max(0, concurrency - this.#freeSlots - this.#running.size);
    const limit = IN_HAND_PER_SLOT * (concurrency - hung) - this.#hand.count;
    const maxBytes = Math.min(MAX_BYTES_AT_ONCE, MAX_BYTES_IN_HAND - this.#hand.bytes);
    // while every slot is busy a claim waits until it is worth its statements
    const least = this.#freeSlots > 0 ? 1 : concurrency / 4;
    if (!this.#claiming || limit < least || maxBytes <= 0) return undefined;
    return { worker: record(), limit, maxBytes, room: this.#lanes.room(clock.now(), this.#freeSlots) };
  }

  take(jobs: readonly LeasedJob[]): void {
    const { clock, instrument } = this.#options;
    const { "job.claimed": claimed } = instrument;
    const now = clock.now();
    let isAllKnown = true;
    for (const job of jobs) {
      this.#hand.take(job);
      this.#lanes.claimed(job.lane);
      if (claimed.isHeard) claimed.publish(job);
      const task = this.#tasks.get(job.task);
      if (task) this.#lanes.limiter.learn(job.lane, task, now);
      else isAllKnown = false;
    }
    if (this.#claiming) {
      if (!isAllKnown) this.#leaveToOthers();
      this.#fillSlots();
      this.#keepToLimits();
      this.#makeRoom();
    } else void this.#hand.giveBack(() => true); // claimed by a commit that was under way at stop()
  }

  /** The job was taken from this worker (cancelled, or reclaimed): its handler is told, its result will count for nothing. */
  forget(jobId: string): void {
    this.#hand.drop(jobId);
    for (const run of this.#running.values()) {
      if (run.job.id === jobId) run.abort(new Error("the job was taken from this worker"));
    }
  }

  /** Gives the job back if it has not begun. */
  async giveBack(jobId: string): Promise<void> {
    await this.#hand.giveBack(({ id }) => id === jobId);
  }

  jobsInHand(): string[] {
    return [...this.#hand.waiting, ...this.running()].map((job) => job.id);
  }

  /** Claims nothing more and gives back what has not begun; resolves when nothing runs, or after `drainMs`. How many still run. */
  async stop(drainMs: number): Promise<number> {
    this.#claiming = false;
    await this.#hand.giveBack(() => true);
    if (!this.isIdle) {
      await new Promise<void>((resolve) => {
        const giveUp = this.#options.clock.after(drainMs, resolve);
        this.#whenIdle.push(() => {
          giveUp();
          resolve();
        });
      });
    }
    const left = [...this.#running.values()];
    this.#cutOff = true;
    for (const run of left) run.abort(new Error("the worker is shutting down"));
    return left.length;
  }

  #fillSlots(): void {
    const now = this.#options.clock.now();
    while (this.#freeSlots > 0) {
      const job = this.#hand.begin(
        ({ task, lane }) => this.#tasks.has(task) && this.#lanes.canBegin(lane, this.#freeSlots, now),
      );
      const task = job && this.#tasks.get(job.task);
      if (!job || !task) return;
      void this.#run(task, job);
    }
  }

  /** Lanes that came all at once may have filled the hand with more than they can begin, while slots are free for others. */
  #makeRoom(): void {
    if (this.#freeSlots === 0 || this.#hand.count < IN_HAND_PER_SLOT * this.#options.concurrency) return;
    const ahead = new Map<string, number>();
    this.#giveBackAll(({ lane }) => {
      const count = (ahead.get(lane) ?? 0) + 1;
      ahead.set(lane, count);
      return count > (IN_HAND_PER_SLOT - 1) * this.#lanes.runningOf(lane);
    });
  }

  /** What a limited lane has here and may not begin goes back, for workers that may, or until it may be claimed again. */
  #keepToLimits(): void {
    if (!this.#lanes.limiter.isNeeded) return;
    const now = this.#options.clock.now();
    const ahead = new Map<string, number>();
    this.#giveBackAll(({ lane }) => {
      const count = (ahead.get(lane) ?? 0) + 1;
      ahead.set(lane, count);
      return count > this.#lanes.mayWait(lane, now);
    });
  }

  /**
   * Another release, or another program, may know the tasks that are missing here: their jobs cost no attempt, and wait. Only
   * they go back. Were all of their lane to, two programs that share a lane could give back for ever what the other knows.
   */
  #leaveToOthers(): void {
    const { clock, wake, instrument } = this.#options;
    const isUnknown = ({ task }: LeasedJob) => !this.#tasks.has(task);
    for (const { task, lane } of this.#hand.waiting.filter(isUnknown)) {
      this.#lanes.leave(lane, clock.now() + UNKNOWN_REST_MS);
      if (this.#missing.has(task)) continue;
      this.#missing.add(task);
      instrument["task.missing"].publish({ task });
    }
    clock.after(UNKNOWN_REST_MS + 1, wake);
    this.#giveBackAll(isUnknown);
  }

  async #run(task: Task, job: LeasedJob): Promise<void> {
    const { clock, log, instrument, progress } = this.#options;
    this.#freeSlots--;
    this.#lanes.limiter.learn(job.lane, task, clock.now()); // it may have been forgotten since the claim
    this.#lanes.began(job.lane, clock.now());
    if (task.laneLimits) this.#rateTimers.await(job.lane);
    const { "job.begun": begun } = instrument;
    if (begun.isHeard) begun.publish(job);
    const parts = { clock, log, instrument, progressed: progress, events: this.#events };
    const run = new AttemptRun(task, job, parts);
    this.#running.set(job.token, run);
    void run.handlerEnded.then((outcome) => {
      // before its slot goes to the next of the lane
      if (outcome.kind === "failed" && outcome.laneRestMs) this.#rest(job.lane, outcome.laneRestMs);
      this.#freeSlots++;
      this.#lanes.handlerEnded(job.lane);
      this.#fillSlots();
      this.#keepToLimits();
      // one that outlived its attempt: nothing else tells that its slot, and its lane, have room again
      if (!this.#running.has(job.token)) this.#options.wake();
    });
    const outcome = await run.outcome;
    this.#running.delete(job.token);
    this.#settling++; // first, so that it is not idle in between
    this.#lanes.attemptEnded(job.lane);
    this.#hand.leave(job);
    this.#checkIdle();
    // one that was cut off is given back as the worker retires: the shutdown is not held against the job
    const isCutOff = this.#cutOff && outcome.kind === "failed" && outcome.retry;
    if (!isCutOff) await this.#settle(task, run, outcome);
    this.#settling--;
    this.#checkIdle();
  }

  async #settle(task: Task, run: AttemptRun, outcome: Outcome, isSecondTry = false): Promise<void> {
    const { clock, instrument, random, settle } = this.#options;
    const { job } = run;
    const now = clock.now();
    const settlement = settlementOf(run, outcome, task.retryPolicy(job), now, random);
    try {
      const isRecorded = await settle(settlement);
      tellOfResult(instrument, settlement, outcome, Math.max(0, now - run.startedAt), isRecorded);
    } catch (error) {
      const about = { job: job.id, attempt: job.attempts };
      instrument["step.failed"].publish({ step: "record result", error, about });
      // with its lease left behind, the job would count as running for as long as this worker lives
      const unrecorded = `its result could not be recorded: ${messageOf(error)}`;
      if (!isSecondTry)
        await this.#settle(task, run, { kind: "failed", error: unrecorded, retry: true }, true);
    }
  }

  /** The lane's jobs that wait here go back, or they would keep slots' worth of claims from other lanes. */
  #rest(lane: string, ms: number): void {
    const { clock, wake, instrument } = this.#options;
    instrument["lane.rested"].publish({ lane, ms });
    this.#lanes.rest(lane, clock.now() + ms);
    clock.after(ms + 1, wake);
    this.#giveBackAll((waiting) => waiting.lane === lane);
  }

  #giveBackAll(isExcess: (job: LeasedJob) => boolean): void {
    void this.#hand.giveBack(isExcess).then((some) => some && this.#options.wake());
  }

  /** What may not run here, and is still here. */
  #giveBackUnusable(): void {
    this.#giveBackAll(({ task }) => !this.#tasks.has(task));
    this.#keepToLimits();
  }

  #checkIdle(): void {
    if (this.isIdle) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
