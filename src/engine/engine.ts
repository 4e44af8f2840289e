import { type Clock, systemClock } from "../core/clock.ts";
import { DAY_MS } from "../core/duration.ts";
import type { Job } from "../core/job.ts";
import { SpareTime } from "../core/spare-time.ts";
import { Instrument } from "../observe/instrument.ts";
import { type Log, silentLog } from "../observe/log.ts";
import { Outage } from "../observe/outage.ts";
import type { AttemptTraces } from "../observe/traces/attempt-span.ts";
import type { WorkerTold } from "../store/shelves/worker-reports.ts";
import type { Store } from "../store/store.ts";
import { Changes } from "./changes.ts";
import { DueTimer } from "./due-timer.ts";
import { Endings } from "./endings.ts";
import { DEAD_AFTER_MS, HEARTBEAT_MS, Membership } from "./fleet/membership.ts";
import { SelfReport } from "./fleet/self-report.ts";
import { Company } from "./intake/company.ts";
import { GroupCommit } from "./intake/group-commit.ts";
import { type IdempotencyRules, Intake } from "./intake/intake.ts";
import { Limits } from "./lanes/limits.ts";
import { type Part, startAll, stopAll } from "./part.ts";
import { type PruneResult, Pruner } from "./retention/pruner.ts";
import type { RetentionRules } from "./retention/retention-periods.ts";
import { Rhythm } from "./rhythm.ts";
import { Scheduler } from "./schedules/scheduler.ts";
import { SoonLook } from "./soon-look.ts";
import { type Standing, standingOf } from "./standing.ts";
import type { Task } from "./task.ts";
import { LoopWatch } from "./working/loop-watch.ts";
import { Worker } from "./working/worker.ts";

export interface EngineOptions {
  readonly store: Store;
  readonly tasks: readonly Task[];
  readonly retention: RetentionRules;
  /** How many handlers run at once. Default 64. */
  readonly concurrency?: number;
  readonly clock?: Clock;
  /** For handlers. The engine itself reports through the instrument. */
  readonly log?: Log;
  readonly instrument?: Instrument;
  /** Uniform in [0, 1), for jitter. */
  readonly random?: () => number;
  /** Default: keys are remembered for a day, and a repeated request gets the first answer. */
  readonly idempotency?: IdempotencyRules;
  /** Posthorn's version, shown with the workers. */
  readonly version?: string;
  /** How attempts belong to where their job was enqueued. Default `link`. */
  readonly attemptTraces?: AttemptTraces | undefined;
  /** How long a result that nobody needs at once may wait for another commit. Default 5 ms; 0 for not at all. */
  readonly resultsWaitMs?: number;
}

/** How often to look for what other processes wrote, such as a job that the command line enqueued or cancelled. */
const LOOK_MS = 1_000;
const UPKEEP_MS = 1_000;
/** Between two steps of it, however busy the process is: it has to keep up with what is done. */
const LONGEST_UPKEEP_WAIT_MS = 3;

/** After the drain, a handler gets this long to react to its signal. */
const LAST_GRACE_MS = 1_000;

/** Results that cannot be recorded within this are given up on at shutdown: their jobs run again. */
const LAST_COMMIT_MS = 5_000;

/** So long is waited for what is past its retention to be deleted. */
const MOST_PRUNE_MS = 10_000;

/**
 * Turns stored jobs into runs.
 *
 *     Intake ─▶ GroupCommit ─▶ store           Membership: heartbeat, reclaim from the dead
 *                 │    ▲                       DueTimer:   scheduled ─▶ ready
 *          claims ▼    │ settlements           Pruner:     retention
 *                Worker ─▶ AttemptRun          Endings:    who waits for a job's end
 *                                              Scheduler:  recurring jobs
 */
export class Engine {
  readonly clock: Clock;
  /** Accepts jobs, even while the engine runs none. */
  readonly intake: Intake;
  readonly #store: Store;
  readonly #commits: GroupCommit;
  readonly #worker: Worker;
  readonly #membership: Membership;
  readonly #report: SelfReport;
  readonly #due: DueTimer;
  readonly #endings: Endings;
  readonly #scheduler: Scheduler;
  readonly #soon: SoonLook;
  readonly #changes: Changes;
  readonly #pruner: Pruner;
  readonly #instrument: Instrument;
  readonly #limits = new Limits();
  readonly #tasks: Map<string, Task>;
  #hasUnseenChanges = false;
  /** The parts that notice other processes and maintain the store. */
  readonly #watching: readonly Part[];
  /** The parts that keep this worker alive and watch over it. */
  readonly #keeping: readonly Part[];
  /** The parts that make jobs ready. */
  readonly #feeding: readonly Part[];
  #working = false;
  #isResting = false;
  #draining: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const {
      store,
      tasks,
      retention,
      concurrency = 64,
      clock = systemClock,
      log = silentLog,
      instrument = new Instrument(),
      random = Math.random,
      version = "0.0.0",
      idempotency = { keyRetentionMs: DAY_MS, duplicateKeys: "replay" },
    } = options;
    this.clock = clock;
    this.#store = store;
    this.#instrument = instrument;
    this.#changes = new Changes(store.queue, () => this.#lookForWork());
    this.#tasks = new Map(tasks.map((task) => [task.name, task]));
    const company = new Company(options.resultsWaitMs);
    this.#commits = new GroupCommit(store, clock, instrument, this.#changes, company);
    this.#membership = new Membership(store, clock, instrument, { concurrency, version });
    this.#worker = new Worker({
      ...{ store, clock, instrument, commits: this.#commits, membership: this.#membership },
      ...{ limits: this.#limits, tasks, concurrency, log, random, attemptTraces: options.attemptTraces },
    });
    this.#endings = new Endings(store, clock, instrument);
    this.#due = new DueTimer(store, clock, instrument);
    this.#scheduler = new Scheduler(store, clock, instrument);
    // the next regular look tries again
    this.#soon = new SoonLook(clock, () => void this.#lookElsewhere().catch(() => {}));
    this.intake = new Intake(this.#commits, clock, idempotency, () => this.#soon.expect());
    this.#watching = [
      new Outage(instrument, clock, () => store.check()),
      this.#soon,
      new Rhythm(clock, instrument, LOOK_MS, () => this.#lookElsewhere()),
      new Rhythm(clock, instrument, UPKEEP_MS, () => this.#maintain()),
    ];
    this.#report = new SelfReport({
      ...{ shelf: store.workerReports, clock, instrument, workerId: this.#membership.id },
      writesWhileIdle: store.isShared,
      running: () => this.#worker.running().length,
      isIdle: () => this.#worker.isIdle,
      drain: () => this.#rest(),
    });
    this.#pruner = new Pruner(store, clock, instrument, retention);
    this.#keeping = [
      this.#membership,
      this.#report,
      new Rhythm(clock, instrument, HEARTBEAT_MS, () => this.#beat()),
      this.#pruner,
      new LoopWatch(instrument, clock, DEAD_AFTER_MS, () => this.#worker.running()),
    ];
    this.#feeding = [this.#due, this.#scheduler, this.#changes];
    instrument["jobs.promoted"].subscribe(() => this.wake());
    instrument["schedule.fired"].subscribe(() => this.#lookForWork());
  }

  /** Begins to work: takes back what dead workers of this machine held, then claims. Without it, jobs are only accepted. */
  async start(): Promise<void> {
    this.#working = true;
    await startAll(this.#keeping);
    await this.#reclaim();
    await startAll(this.#feeding);
    await this.watch();
    this.#worker.start();
  }

  /** Begins to notice what other processes do, and to maintain the store: everything that an engine does which only accepts jobs. */
  watch(): Promise<void> {
    return startAll(this.#watching);
  }

  /**
   * Also handles this task, from now on.
   * @throws ConfigurationError when the task has a handler already.
   */
  handle(task: Task): void {
    this.#worker.add(task);
    this.#tasks.set(task.name, task);
    // workers that share its limits should know; a claim announces it too
    if (this.#working) void this.#membership.announce().catch(() => {});
  }

  /** Schedules may have been declared, paused or resumed. */
  refreshSchedules(): Promise<void> {
    return this.#scheduler.refresh();
  }

  /** Calls `changed` whenever something of the job may have changed, until the returned function is called. */
  watchJob(jobId: string, changed: () => void): () => void {
    return this.#endings.watch(jobId, changed);
  }

  /** Something may be ready to be claimed. */
  wake(): void {
    this.#commits.wake();
  }

  /** Queues again a job that this process has claimed and not begun, so that it does not look as if it had been tried. */
  giveBack(jobId: string): Promise<void> {
    return this.#worker.giveBack(jobId);
  }

  /** The job was cancelled: stops what this process does for it. */
  forget(jobId: string, task: string): void {
    this.#worker.forget(jobId);
    this.#instrument["job.cancelled"].publish({ jobId, task });
    this.wake(); // its end may have brought follow-ups
  }

  /** Where a live job stands; undefined once it is gone. */
  async standing(job: Job): Promise<Standing | undefined> {
    const stored = await this.#store.records.standing(job.id);
    const parts = { clock: this.clock, limits: this.#limits, task: (name: string) => this.#tasks.get(name) };
    return stored && standingOf(job, stored, parts);
  }

  /** Deletes now what is past its retention; see `Pruner`. */
  prune(): Promise<PruneResult> {
    return this.#pruner.now(MOST_PRUNE_MS);
  }

  /** Resolves when the job has ended, when `ms` are over, or when `signal` is aborted. */
  ended(jobId: string, ms: number, signal?: AbortSignal): Promise<void> {
    return this.#endings.ended(jobId, ms, signal);
  }

  /**
   * Stops claiming, lets what runs finish for up to `drainMs`, gives the rest back to be run elsewhere or after the next
   * start. Jobs are still accepted, and stay queued. A second call waits for the first.
   */
  drain(drainMs: number): Promise<void> {
    this.#draining ??= this.#drain(drainMs);
    return this.#draining;
  }

  get isDraining(): boolean {
    return this.#draining !== undefined;
  }

  /** Whether it takes no more jobs: because it stops, or because somebody asked its worker to drain. */
  get takesNoMore(): boolean {
    return this.isDraining || this.#isResting;
  }

  /** What its worker tells of itself; undefined while it runs no jobs. */
  get report(): WorkerTold | undefined {
    return this.#working ? this.#report.last : undefined;
  }

  /** Drains, then accepts nothing more. The store stays open. */
  async stop(drainMs: number): Promise<void> {
    await this.drain(drainMs);
    this.intake.close();
    await this.#recorded();
  }

  async #drain(drainMs: number): Promise<void> {
    await stopAll(this.#feeding);
    if (this.#working) {
      const drained = this.#worker.drain(drainMs);
      await this.#membership.drain(this.#worker.isIdle);
      const left = await drained;
      if (left > 0) await this.#worker.drain(LAST_GRACE_MS);
      await this.#recorded();
    }
    await stopAll(this.#watching);
    // only now: a worker that drains still has to say that it lives, or its jobs are given to another
    await (this.#working ? stopAll(this.#keeping) : this.#pruner.stop());
  }

  /** Somebody asked its worker to drain: it takes no more jobs and finishes those that run, however long they take. */
  #rest(): void {
    this.#isResting = true;
    this.#instrument["worker.resting"].publish({ workerId: this.#membership.id });
    void this.#worker.drain(Number.POSITIVE_INFINITY);
    void this.#membership.drain(false);
  }

  async #beat(): Promise<void> {
    if (!this.#worker.isIdle) {
      await this.#membership.heartbeat();
      await this.#dropLostLeases();
    } else if (this.#isMissed()) await this.#membership.announce();
    if ((await this.#reclaim()).length > 0) {
      this.wake();
      await this.#endings.look(); // a job that was lost too often has ended
    }
    await this.#due.refresh(); // the clock may have been set
    await this.#scheduler.refresh();
  }

  /** Whether a worker sends heartbeats while it is idle. Otherwise an idle worker writes nothing. */
  #isMissed(): boolean {
    return this.#store.isShared || (this.#membership.fleet.size > 1 && this.#worker.sharesLimits);
  }

  async #reclaim(): Promise<readonly unknown[]> {
    const jobs = await this.#membership.reclaimFromDead();
    this.#worker.fleet = this.#membership.fleet;
    return jobs;
  }

  async #maintain(): Promise<void> {
    const spareTime = new SpareTime(LONGEST_UPKEEP_WAIT_MS);
    while (this.#draining === undefined && (await this.#store.retention.maintain()))
      await spareTime.forNextStep();
  }

  async #lookElsewhere(): Promise<void> {
    // the store reports it only once: if what follows fails, the next round has to finish it
    if (await this.#store.queue.changedElsewhere()) this.#hasUnseenChanges = true;
    this.#changes.restIfFull();
    if (!this.#hasUnseenChanges) return;
    this.#lookForWork();
    await this.#due.refresh();
    await this.#scheduler.refresh();
    await this.#endings.look();
    if (!this.#worker.isIdle) await this.#dropLostLeases();
    this.#hasUnseenChanges = false;
  }

  #lookForWork(): void {
    this.wake();
    void this.#due.refresh().catch(() => {}); // the next look tries again
  }

  /** Cancelled or reclaimed from another process. */
  async #dropLostLeases(): Promise<void> {
    const inHand = this.#worker.jobsInHand();
    const leased = await this.#store.workers.leasesOf(this.#membership.id);
    for (const jobId of inHand) if (!leased.has(jobId)) this.#worker.forget(jobId);
  }

  /** Waits until all results are recorded, but not forever, in case the database is gone. */
  async #recorded(): Promise<void> {
    let giveUp = () => {};
    const patience = new Promise<void>((resolve) => {
      giveUp = this.clock.after(LAST_COMMIT_MS, resolve);
    });
    await Promise.race([this.#commits.drained(), patience]);
    giveUp();
  }
}
