import type { Clock } from "../../core/clock.ts";
import { DAY_MS } from "../../core/duration.ts";
import type { Pruned } from "../../observe/events.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { PrunedBatch } from "../../store/retention.ts";
import type { Store } from "../../store/store.ts";
import type { Part } from "../part.ts";
import { Rhythm } from "../rhythm.ts";
import { KeptSizes } from "./kept-sizes.ts";
import { type RetentionPeriods, type RetentionRules, withDefaults } from "./retention-periods.ts";
import { pruneBySize } from "./size-retention.ts";

/** Small enough that a batch holds the database for a few milliseconds, with room for other work between two. */
const BATCH = 50;
const PAUSE_MS = 10;
const EVERY_MS = 60_000;
/**
 * If failed jobs are kept longer than others, a run continues where the last one ended, behind all of those. Every so often it starts with
 * the oldest again, for the few jobs that ended long after newer ones.
 */
const FROM_OLDEST_EVERY_MS = 30 * 60_000;

/** How long a deleted tenant's uid takes no events, however short the retention of jobs. */
const DELETED_FOR_MS = 24 * 60 * 60_000;

/** What failed last stays. */
const MOST_FAILURE_GROUPS = 10_000;

/** Jobs that were parked for this long (their endpoint paused, its breaker open) are cancelled. */
const MOST_PARKED_MS = 30 * DAY_MS;

/** What was deleted past its retention. */
export interface PruneResult {
  /** How many rows were deleted, by kind; kinds without any are left out. */
  readonly pruned: Readonly<Partial<Record<Pruned["what"], number>>>;
  /** Whether that was everything; otherwise the rest is being deleted in the background. */
  readonly isComplete: boolean;
}

/** Deletes what is past its retention. */
export class Pruner implements Part {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  readonly #periods: Required<RetentionPeriods>;
  readonly #mostBytes: number | undefined;
  readonly #sizes: KeptSizes;
  readonly #rhythm: Rhythm;
  #reached: string | null = null;
  #fromOldestAt = 0;
  #underway: Promise<void> | undefined;
  #stopped = false;
  #endPause = () => {};

  constructor(store: Store, clock: Clock, instrument: Instrument, rules: RetentionRules) {
    this.#store = store;
    this.#clock = clock;
    this.#instrument = instrument;
    this.#periods = withDefaults(rules);
    this.#mostBytes = rules.mostBytes;
    this.#sizes = new KeptSizes({
      ...rules,
      retention: store.retention,
      clock,
      pause: () => this.#pauseOrStop(),
    });
    this.#rhythm = new Rhythm(clock, instrument, EVERY_MS, () => this.run());
  }

  start(): void {
    this.#rhythm.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endPause();
    await this.#rhythm.stop();
  }

  /** Deletes everything that is due, batch by batch; a second call meanwhile waits for the first. */
  run(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#underway ??= this.#run().finally(() => {
      this.#underway = undefined;
    });
    return this.#underway;
  }

  /**
   * Deletes everything that is due, and tells how much that was.
   * @param mostMs what takes longer goes on without being waited for. Default: it is waited for to its end.
   */
  async now(mostMs?: number): Promise<PruneResult> {
    const counts = new Map<Pruned["what"], number>();
    const enough = this.#instrument.pruned.subscribe(({ what, count }) =>
      counts.set(what, (counts.get(what) ?? 0) + count),
    );
    let isComplete = false;
    const whole = this.#runWhole().then(() => {
      isComplete = !this.#stopped;
    });
    let giveUp = () => {};
    const patience = new Promise<void>((resolve) => {
      if (mostMs !== undefined) giveUp = this.#clock.after(mostMs, resolve);
    });
    try {
      await Promise.race([whole, patience]);
    } finally {
      giveUp();
      enough();
    }
    return { pruned: Object.fromEntries(counts), isComplete };
  }

  /** A run that is under way has passed by some kinds already, and one that goes on behind where the last one ended has passed by jobs. */
  async #runWhole(): Promise<void> {
    await this.#underway?.catch(() => {}); // the one that began it is told
    this.#fromOldestAt = 0;
    await this.run();
  }

  async #run(): Promise<void> {
    const before = this.#clock.now() - this.#periods.jobsMs;
    const deletedBefore = this.#clock.now() - Math.max(this.#periods.jobsMs, DELETED_FOR_MS);
    const { retention, endpoints, tenants, bulkRuns, failureGroups, audit } = this.#store;
    await this.#pruneJobs();
    const madeBefore = await this.#pruneByKind();
    await this.#expireParked();
    await this.#each("expired jobs", () => retention.pruneExpired(this.#clock.now(), BATCH));
    await this.#batches("events", (after) =>
      retention.pruneEvents(Math.max(before, madeBefore), after, BATCH),
    );
    await this.#pruneBySize();
    await this.#each("groups", () => retention.pruneGroups(before, BATCH));
    await this.#each("idempotency keys", () => retention.pruneIdempotencyKeys(this.#clock.now(), BATCH));
    await this.#each("bulk runs", () => bulkRuns.prune(before, BATCH));
    const failedBefore = this.#clock.now() - this.#periods.failedMs;
    await this.#each("failure groups", () => failureGroups.prune(failedBefore, BATCH));
    await this.#each("failure groups", () => failureGroups.pruneBeyond(MOST_FAILURE_GROUPS, BATCH));
    await this.#each("endpoints", () => endpoints.prune(deletedBefore, BATCH));
    await this.#each("tenants", () => tenants.prune(deletedBefore, BATCH));
    const auditBefore = this.#clock.now() - this.#periods.auditMs;
    await this.#each("audit", () => audit.prune(auditBefore, BATCH));
  }

  async #expireParked(): Promise<void> {
    const { "jobs.expired": expired, "job.cancelled": cancelled } = this.#instrument;
    let count = BATCH;
    while (count === BATCH && !this.#stopped) {
      const now = this.#clock.now();
      const jobIds = await this.#store.parking.expire(now - MOST_PARKED_MS, BATCH, now);
      count = jobIds.length;
      if (count > 0) expired.publish({ count });
      for (const jobId of jobIds) {
        const job = await this.#store.records.get(jobId);
        if (job) cancelled.publish({ jobId, task: job.task });
      }
      if (count === BATCH) await this.#pause();
    }
  }

  async #pruneJobs(): Promise<void> {
    const { retention } = this.#store;
    const { succeededMs, failedMs } = this.#periods;
    const now = this.#clock.now();
    const before = { succeeded: now - succeededMs, failed: now - failedMs };
    if (now >= this.#fromOldestAt || failedMs <= succeededMs) {
      this.#reached = null;
      this.#fromOldestAt = now + FROM_OLDEST_EVERY_MS;
    }
    const prune = (after: string | null) => retention.pruneJobs(before, after, BATCH);
    this.#reached = await this.#batches("jobs", prune, this.#reached);
    if (failedMs === succeededMs) return;
    for (const status of ["failed", "cancelled"] as const)
      await this.#batches("jobs", (after) => retention.pruneDead(status, before.failed, after, BATCH));
  }

  /** Deletes the oldest jobs of each kind that exceeds its size limit. @returns the creation time up to which jobs may be gone. */
  async #pruneByKind(): Promise<number> {
    const { succeeded, failed } = (await this.#sizes.weigh()) ?? { succeeded: 0, failed: 0 };
    const { retention } = this.#store;
    const now = this.#clock.now();
    const before = { succeeded: now, failed: 0, madeBefore: succeeded };
    if (succeeded > 0) await this.#batches("jobs", (after) => retention.pruneJobs(before, after, BATCH));
    for (const status of failed > 0 ? (["failed", "cancelled"] as const) : [])
      await this.#batches("jobs", (after) => retention.pruneDead(status, now, after, BATCH, failed));
    return Math.max(succeeded, failed);
  }

  async #pruneBySize(): Promise<void> {
    const mostBytes = this.#mostBytes;
    if (mostBytes === undefined || this.#stopped) return;
    const { retention } = this.#store;
    const pause = () => this.#pauseOrStop();
    const tell = (what: Pruned["what"], count: number) => this.#tell(what, count);
    await pruneBySize({ retention, mostBytes, batch: BATCH, pause, tell }, this.#clock.now());
  }

  /** @returns how far it has come, for one that goes on from there. */
  async #batches(
    what: Pruned["what"],
    prune: (after: string | null) => Promise<PrunedBatch>,
    from: string | null = null,
  ): Promise<string | null> {
    let reached = from;
    while (!this.#stopped) {
      const { pruned, last } = await prune(reached);
      this.#tell(what, pruned);
      if (last === null) break;
      reached = last;
      await this.#pause();
    }
    return reached;
  }

  async #each(what: Pruned["what"], prune: () => Promise<number>): Promise<void> {
    let deleted = BATCH;
    while (deleted === BATCH && !this.#stopped) {
      deleted = await prune();
      this.#tell(what, deleted);
      if (deleted === BATCH) await this.#pause();
    }
  }

  /** Whether to go on. */
  async #pauseOrStop(): Promise<boolean> {
    await this.#pause();
    return !this.#stopped;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(PAUSE_MS, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
      if (this.#stopped) this.#endPause();
    });
  }

  #tell(what: Pruned["what"], count: number): void {
    if (count > 0) this.#instrument.pruned.publish({ what, count });
  }
}
