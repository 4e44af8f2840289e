import { Bag } from "../../core/bag.ts";
import { ConfigurationError } from "../../core/errors.ts";
import type { Log } from "../../observe/log.ts";
import type { ClaimRequest, LeasedJob } from "../../store/queue.ts";
import type { Store } from "../../store/store.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Membership } from "../fleet/membership.ts";
import type { GroupCommit } from "../intake/group-commit.ts";
import { Lanes } from "../lanes/lanes.ts";
import { LimitWatch } from "../lanes/limit-watch.ts";
import { Limits } from "../lanes/limits.ts";
import { MOST_AHEAD, Pace } from "../lanes/pace.ts";
import { Rhythm } from "../rhythm.ts";
import type { Task } from "../task.ts";
import { AttemptRun, type RunParts } from "./attempt.ts";
import {
  CAUTION_MS,
  CAUTIOUS_LIMIT,
  LANE_CONCURRENCY,
  LONGEST_WAIT_MS,
  MAX_BYTES_AT_ONCE,
  MAX_BYTES_IN_HAND,
} from "./bounds.ts";
import { EventContents } from "./event-contents.ts";
import { Excess } from "./excess.ts";
import { Hand, RETRY_MS } from "./hand.ts";
import { Isolation } from "./isolation.ts";
import { MissingTasks } from "./missing-tasks.ts";
import { Overstays } from "./overstays.ts";
import { Preparation } from "./preparation.ts";
import { Recorder, type RecorderParts } from "./recorder.ts";

export interface WorkerOptions extends RecorderParts, Pick<RunParts, "attemptTraces"> {
  readonly store: Store;
  readonly tasks: readonly Task[];
  readonly concurrency: number;
  /** For handlers. */
  readonly log: Log;
  /** Who it is, with the deadline that its leases get now, and which tasks it is known to handle. */
  readonly membership: Pick<Membership, "record" | "tasks">;
  readonly limits?: Limits;
  /** What it claims through, and records results and progress. */
  readonly commits: Pick<GroupCommit, "wake" | "settle" | "progress" | "claimFor">;
}

/**
 * Runs claimed jobs in a number of slots. Of lanes with quick jobs it claims ahead, so that their slots never wait for the database.
 *
 *     claimed ─▶ waiting ─(slot and lane free)─▶ running ─(outcome)─▶ settling ─▶ gone
 *
 * A job is in hand from claim to outcome; a slot is taken from the start to the handler's real end, which may be later.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #tasks: Map<string, Task>;
  #fleet: Fleet | undefined;
  readonly #pace = new Pace();
  readonly #lanes: Lanes;
  readonly #overstays: Overstays;
  readonly #recorder: Recorder;
  readonly #missing: MissingTasks;
  readonly #limitWatch: LimitWatch;
  readonly #preparation: Preparation;
  readonly #hand: Hand;
  readonly #excess: Excess;
  readonly #isolation: Isolation;
  readonly #runParts: RunParts;
  readonly #running = new Bag<AttemptRun>();
  /** The last claim brought jobs for which a pool had no room. */
  #isCautious = false;
  /** How many jobs the last claim was to bring at most. */
  #asked = 0;
  #askedAt = 0;
  #settling = 0;
  readonly #wake = () => this.#options.commits.wake();
  readonly #begin = (job: LeasedJob) => void this.#run(job);
  readonly #staleRhythm: Rhythm;
  #freeSlots: number;
  #claiming = false;
  /** The drain time is over; what still runs was told to stop. */
  #cutOff = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#tasks = new Map(options.tasks.map((task) => [task.name, task]));
    options.membership.tasks = [...this.#tasks.keys()];
    this.#freeSlots = options.concurrency;
    const laneSlots = Math.min(LANE_CONCURRENCY, Math.ceil(options.concurrency / 2));
    this.#lanes = new Lanes(laneSlots, options.limits ?? new Limits(), this.#pace);
    const { store, clock, log, instrument, commits, attemptTraces } = options;
    const wake = this.#wake;
    const events = new EventContents(store.events);
    this.#runParts = { clock, log, instrument, commits, events, attemptTraces };
    this.#overstays = new Overstays(clock, instrument);
    this.#recorder = new Recorder(options);
    this.#staleRhythm = new Rhythm(clock, instrument, LONGEST_WAIT_MS, async () =>
      this.#excess.stale(LONGEST_WAIT_MS, this.#pace),
    );
    commits.claimFor(this);
    const goOn = () => {
      this.#fillSlots();
      this.#excess.beyondLimits();
      wake();
    };
    this.#limitWatch = new LimitWatch(this.#lanes.limits, store.laneBegins, clock, instrument, goOn);
    this.#preparation = new Preparation({
      instrument,
      prepared: (jobs) => {
        for (const { task, job } of jobs) this.#learn(task, job, clock.now());
        this.#settleIn();
      },
      failed: (jobs) => {
        for (const { lane } of jobs) this.#lanes.leave(lane, clock.now() + RETRY_MS);
        this.#excess.all(
          (job) => jobs.includes(job),
          () => clock.after(RETRY_MS + 1, wake),
        );
      },
    });
    this.#hand = new Hand({
      ...{ leases: store.workers, events, clock, instrument },
      mayBegin: () => this.#claiming,
      leftUnbegun: (job) => {
        this.#lanes.leftHand(job.lane);
        this.#isolation.leave(job);
        this.#checkIdle();
      },
      gaveBack: wake,
      stayed: () => {
        this.#fillSlots();
        clock.after(RETRY_MS, () => this.#giveBackUnusable());
      },
    });
    this.#excess = new Excess({
      ...{ hand: this.#hand, lanes: this.#lanes, clock, wake },
      stays: (job) => this.#isolation.isChosen(job) || this.#preparation.has(job),
    });
    this.#missing = new MissingTasks({
      ...{ hand: this.#hand, lanes: this.#lanes, excess: this.#excess, clock, instrument, wake },
      isHandled: (name) => this.#tasks.has(name),
    });
    this.#isolation = new Isolation({
      ...{ store, clock, instrument, hand: this.#hand },
      isEmpty: () => this.#freeSlots === options.concurrency,
      begin: this.#begin,
      opened: goOn,
    });
  }

  /**
   * Takes a task on, from now on.
   * @throws ConfigurationError when there is one of that name already.
   */
  add(task: Task): void {
    if (this.#tasks.has(task.name))
      throw new ConfigurationError(`the task ${task.name} already has a handler here`);
    this.#tasks.set(task.name, task);
    this.#options.membership.tasks = [...this.#tasks.keys()];
    this.#missing.found(task.name);
    for (const job of this.#hand.waiting)
      if (job.task === task.name) this.#learn(task, job, this.#options.clock.now());
    this.#fillSlots();
    this.#wake();
  }

  /** Whether it keeps any limits that workers share. */
  get sharesLimits(): boolean {
    return [...this.#tasks.values()].some(({ limitsOf }) => limitsOf);
  }

  /** The workers there are, for the limits that they share. */
  set fleet(fleet: Fleet) {
    if (this.#fleet?.isSameAs(fleet)) return;
    this.#fleet = fleet;
    this.#lanes.limits.fleet = fleet;
    this.#limitWatch.awaitAll();
    this.#excess.beyondLimits();
    if (this.#lanes.limits.isNeeded) this.#wake();
  }

  running(): LeasedJob[] {
    return [...this.#running].map((run) => run.job);
  }

  /** Whether it holds any lease. */
  get isIdle(): boolean {
    return this.#hand.count + this.#settling === 0;
  }

  start(): void {
    this.#claiming = true;
    this.#staleRhythm.start();
    this.#wake();
  }

  claimRequest(): ClaimRequest | undefined {
    const { concurrency, clock, membership } = this.#options;
    const now = clock.now();
    // not those of handlers that outstay their attempts: who knows for how long
    const slots = this.#freeSlots + this.#running.size;
    const ahead = Math.max(0, this.#pace.aheadOfAll(slots, now) - this.#hand.waiting.length);
    const most = this.#freeSlots + ahead;
    const limit = this.#isCautious ? Math.min(most, CAUTIOUS_LIMIT) : most;
    this.#asked = limit;
    this.#askedAt = now;
    const maxBytes = Math.min(MAX_BYTES_AT_ONCE, MAX_BYTES_IN_HAND - this.#hand.bytes);
    // while every slot is busy a claim waits until it is worth its statements
    const least = this.#freeSlots > 0 ? 1 : concurrency / 4;
    if (!this.#claiming || limit < least || maxBytes <= 0 || this.#isolation.isClosed) return undefined;
    return { worker: membership.record(), limit, maxBytes, room: this.#lanes.room(now, this.#freeSlots) };
  }

  claimRequestMeanwhile(): ClaimRequest | undefined {
    if (!this.#claiming || this.#isCautious || this.#isolation.isClosed) return undefined;
    const limit = Math.floor(this.#freeSlots / 2);
    const maxBytes = Math.min(MAX_BYTES_AT_ONCE, (MAX_BYTES_IN_HAND - this.#hand.bytes) / 2);
    if (limit === 0 || maxBytes <= 0) return undefined;
    const room = this.#lanes.roomMeanwhile(this.#options.clock.now(), limit);
    return { worker: this.#options.membership.record(), limit, maxBytes, room, newOnly: true };
  }

  take(jobs: readonly LeasedJob[], { room, newOnly }: ClaimRequest): void {
    const { clock, instrument } = this.#options;
    const { "job.claimed": claimed } = instrument;
    const now = clock.now();
    this.#pace.claimTook(Math.max(0, now - this.#askedAt));
    let isAllKnown = true;
    if (!newOnly) this.#lanes.filled(room, jobs);
    this.#hand.take(jobs);
    for (const job of jobs) {
      this.#isolation.take(job);
      this.#lanes.claimed(job.lane);
      if (claimed.isHeard) claimed.publish(job);
      const task = this.#tasks.get(job.task);
      if (!task) isAllKnown = false;
      else if (!this.#preparation.take(task, job)) this.#learn(task, job, now);
    }
    this.#preparation.start();
    if (this.#claiming) {
      if (!isAllKnown) this.#missing.leaveToOthers();
      this.#settleIn();
      // of lanes that may not begin more, perhaps, while others would
      if (this.#freeSlots > 0 && jobs.length >= this.#asked && !this.#isCautious) this.#wake();
    } else void this.#hand.giveBack(() => true); // claimed by a commit that was under way at stop()
  }

  /** The job was taken from this worker (cancelled, or reclaimed): its handler is told, and its result will not count. */
  forget(jobId: string): void {
    this.#hand.drop(jobId);
    for (const run of this.#running) {
      if (run.job.id !== jobId) continue;
      run.abort(new Error("the job was taken from this worker"));
      this.#overstays.watch(run);
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
  async drain(drainMs: number): Promise<number> {
    this.#claiming = false;
    await this.#limitWatch.stop();
    await this.#staleRhythm.stop();
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
    const left = [...this.#running];
    this.#cutOff = true;
    for (const run of left) run.abort(new Error("the worker is shutting down"));
    return left.length;
  }

  /** Begins what can begin, and gives back what should not wait here. */
  #settleIn(): void {
    this.#fillSlots();
    this.#excess.beyondLimits();
    this.#makeRoom();
    this.#leaveSlow();
  }

  #fillSlots(): void {
    const now = this.#options.clock.now();
    let full: string | undefined; // most waiting jobs belong to one lane, so ask only once
    const canBegin = (job: LeasedJob) => {
      if (job.lane === full || !this.#hasRoomFor(job.task)) return false;
      if (this.#lanes.canBegin(job.lane, this.#freeSlots, now)) return !this.#preparation.has(job);
      full = job.lane;
      return false;
    };
    if (this.#isolation.holdsUp(canBegin)) return;
    this.#hand.beginEach(canBegin, this.#begin, () => this.#freeSlots > 0);
  }

  #hasRoomFor(taskName: string): boolean {
    const task = this.#tasks.get(taskName);
    return task !== undefined && task.pool?.room !== 0;
  }

  #learn(task: Task, job: LeasedJob, now: number): void {
    if (task.limitsOf) this.#limitWatch.learn(task, job, now);
    if (task.pool) this.#lanes.learnPool(job.lane, task.pool);
  }

  /** Several lanes at once may have filled the hand with more jobs than can start, while slots are free for others. */
  #makeRoom(): void {
    if (this.#freeSlots === 0 || this.#hand.count < (1 + MOST_AHEAD) * this.#options.concurrency) return;
    this.#excess.beyond((lane) => MOST_AHEAD * this.#lanes.runningOf(lane));
  }

  /** What will not begin soon goes back at once, for workers that have a slot for it. */
  #leaveSlow(): void {
    const { waiting } = this.#hand;
    this.#isCautious = waiting.some(({ task }) => !this.#hasRoomFor(task));
    // the next claim may find more of them
    const later = this.#isCautious ? () => this.#options.clock.after(CAUTION_MS, this.#wake) : undefined;
    if (waiting.length > 0) this.#excess.beyond((lane) => this.#lanes.mayWaitForSlots(lane), later);
  }

  async #run(job: LeasedJob): Promise<void> {
    const task = this.#tasks.get(job.task);
    if (!task) return; // only what is handled here is begun
    const { clock, instrument } = this.#options;
    this.#freeSlots--;
    if (task.pool) task.pool.taken++;
    this.#learn(task, job, clock.now()); // it may have been forgotten since the claim
    this.#lanes.began(job.lane, clock.now());
    if (this.#lanes.limits.isNeeded) this.#limitWatch.await(job.lane);
    const { "job.begun": begun } = instrument;
    if (begun.isHeard) begun.publish(job);
    const run = new AttemptRun(task, job, this.#runParts);
    this.#running.add(run);
    void run.handlerEnded.then((outcome) => {
      // before the lane's next job gets its slot
      if (outcome.kind === "failed" && outcome.laneRestMs) this.#rest(job.lane, outcome.laneRestMs);
      this.#freeSlots++;
      if (task.pool) task.pool.taken--;
      this.#lanes.handlerEnded(job.lane);
      this.#fillSlots();
      this.#excess.beyondLimits();
      // one that outlived its attempt: nothing else tells that its slot, and its lane, have room again
      if (!this.#running.has(run)) this.#wake();
    });
    const outcome = await run.outcome;
    this.#running.delete(run);
    const now = clock.now();
    this.#pace.ended(job.lane, Math.max(0, now - run.startedAt), now);
    this.#overstays.watch(run);
    this.#settling++; // first, so that it is not idle in between
    this.#lanes.attemptEnded(job.lane);
    this.#hand.leave(job);
    this.#checkIdle();
    // one that was cut off is given back as the worker retires: the shutdown is not held against the job
    const isCutOff = this.#cutOff && outcome.kind === "failed" && outcome.retry;
    if (isCutOff) run.span?.end(outcome);
    else await this.#recorder.record(task, run, outcome, this.#isRoomyFor(job));
    this.#settling--;
    this.#isolation.leave(job);
    this.#checkIdle();
  }

  /** Whether no job waits for the place that this one left. */
  #isRoomyFor({ lane, task }: LeasedJob): boolean {
    if (!this.#claiming || this.#tasks.get(task)?.pool || this.#lanes.isFilled(lane)) return false;
    return 2 * this.#freeSlots >= this.#options.concurrency && this.#hand.waiting.length === 0;
  }

  /** Gives back the lane's waiting jobs, which would otherwise take up room in claims that other lanes need. */
  #rest(lane: string, ms: number): void {
    const { clock, instrument } = this.#options;
    instrument["lane.rested"].publish({ lane, ms });
    this.#lanes.rest(lane, clock.now() + ms);
    clock.after(ms + 1, this.#wake);
    this.#excess.all((waiting) => waiting.lane === lane);
  }

  /** Jobs that may not run here, but are still here. */
  #giveBackUnusable(): void {
    this.#excess.all(({ task }) => !this.#tasks.has(task));
    this.#excess.beyondLimits();
  }

  #checkIdle(): void {
    if (this.isIdle) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
