import type { Clock } from "../../core/clock.ts";
import { messageOf, OverloadedError, StoreUnavailableError } from "../../core/errors.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type {
  ClaimRequest,
  Committed,
  Enqueue,
  Enqueued,
  LeasedJob,
  ProgressReport,
  Settlement,
} from "../../store/queue.ts";
import type { Store } from "../../store/store.ts";

/** Past this much waiting for a commit, enqueues are refused: memory stays bounded when the database is slow or locked. */
export const MAX_WAITING_ENQUEUES = 10_000;
export const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** How long settlements and claims wait before they are tried again while the database is unavailable. */
const RETRY_MS = 500;

/** As much as this is committed without waiting for more. */
const ENOUGH = 256;

/**
 * Under load (the last commit was this short a while ago), a commit waits until this many turns of the event loop have
 * brought nothing new: some 0.2 ms. A sync costs the same for one as for a hundred, and this makes a tenth more deliveries a
 * second. Without load, one quiet turn is enough.
 */
const BUSY_MS = 1;
const QUIET_TURNS_UNDER_LOAD = 12;

/** What one commit takes of new jobs at the most: some ten milliseconds. */
const MOST_AT_ONCE = 1_000;
const MOST_BYTES_AT_ONCE = 4 * 1024 * 1024;

/** A claim that was cut short leaves the process this long to others. */
const GO_ON_MS = 20;

interface Waiting<Asked, Answer> {
  readonly asked: Asked;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Where claims come from and go to. */
export interface Claimant {
  /** What it could take on now, or undefined. */
  claimRequest(): ClaimRequest | undefined;
  take(jobs: readonly LeasedJob[]): void;
}

/**
 * Puts all that is asked in one turn of the event loop into one transaction and answers the callers after its commit:
 * the more is asked at once, the less each pays for the disk's sync.
 *
 *     enqueue, settle, wake ─▶ waiting ─(end of the turn)─▶ store.commit ─▶ answers, claimed jobs to the claimant
 *
 * While the database is unavailable, enqueues are refused with its error; settlements wait until it is back, for what
 * they record has happened.
 */
export class GroupCommit {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  readonly #claimant: Claimant;
  #enqueues: Waiting<Enqueue, Enqueued>[] = [];
  #settlements: Waiting<Settlement, boolean>[] = [];
  /** By fencing token, the latest. Nobody waits for these, and none is worth trying again. */
  #progress = new Map<number, ProgressReport>();
  #waitingBytes = 0;
  #scheduled = false;
  #committedAt = 0;
  #underway = 0;
  #claiming = false;
  /** Something came to be claimed while a claim was under way, which may not have seen it. */
  #claimMissed = false;
  #woken = false;
  /** For settlements and claims; every enqueue asks anew, for its caller waits. */
  #paused = false;
  #idle: (() => void)[] = [];

  constructor(store: Store, clock: Clock, instrument: Instrument, claimant: Claimant) {
    this.#store = store;
    this.#clock = clock;
    this.#instrument = instrument;
    this.#claimant = claimant;
  }

  /** @throws OverloadedError when too much is waiting, StoreUnavailableError when the database cannot take it now. */
  enqueue(asked: Enqueue): Promise<Enqueued> {
    if (this.#enqueues.length >= MAX_WAITING_ENQUEUES || this.#waitingBytes >= MAX_WAITING_BYTES) {
      return Promise.reject(
        new OverloadedError("too many requests are waiting for the database; try again shortly"),
      );
    }
    return new Promise((resolve, reject) => {
      this.#enqueues.push({ asked, resolve, reject });
      this.#waitingBytes += asked.job.payload.length;
      this.wake();
    });
  }

  /** False when the lease was no longer the settler's. */
  settle(asked: Settlement): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#settlements.push({ asked, resolve, reject });
      this.wake();
    });
  }

  progress(report: ProgressReport): void {
    this.#progress.set(report.lease.token, report);
    this.wake();
  }

  /** There may be something to claim. */
  wake(): void {
    this.#woken = true;
    if (this.#scheduled || this.#underway >= this.#store.commitsAtOnce) return;
    this.#scheduled = true;
    const isUnderLoad = performance.now() - this.#committedAt < BUSY_MS;
    setImmediate(() => this.#gather(0, isUnderLoad ? QUIET_TURNS_UNDER_LOAD : 1));
  }

  /** Waits as long as the event loop brings more. */
  #gather(before: number, patience: number, quietTurns = 0): void {
    const waiting = this.#enqueues.length + this.#settlements.length;
    const quiet = waiting > before ? 0 : quietTurns + 1;
    if (waiting === 0 || waiting >= ENOUGH || quiet >= patience) void this.#flush();
    else setImmediate(() => this.#gather(waiting, patience, quiet));
  }

  /** Resolves when nothing waits and no commit is under way. */
  async drained(): Promise<void> {
    if (this.#underway === 0 && !this.#hasWaiting()) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #flush(): Promise<void> {
    this.#scheduled = false;
    this.#underway++;
    this.#woken = false;
    const { enqueues, bytes } = this.#nextEnqueues();
    const settlements = this.#paused ? [] : this.#settlements;
    // how much more there is room for shows once the last claim has been taken
    const claim = this.#paused || this.#claiming ? undefined : this.#claimant.claimRequest();
    if (this.#claiming) this.#claimMissed = true;
    if (claim) this.#claiming = true;
    const progress = this.#paused ? [] : [...this.#progress.values()];
    if (!this.#paused) {
      this.#settlements = [];
      this.#progress.clear();
    }
    if (enqueues.length + settlements.length + progress.length > 0 || claim)
      await this.#commit(enqueues, settlements, claim, progress);
    this.#waitingBytes -= bytes; // only now: until here they were in memory
    this.#underway--;
    if (claim) this.#endClaim();
    // what it made ready, no claim has seen: one that is under way may have looked before
    else if (enqueues.length + settlements.length > 0) this.#claimAfter();
    this.#committedAt = performance.now();
    if (this.#underway === 0 && !this.#hasWaiting()) for (const resolve of this.#idle.splice(0)) resolve();
    // what it was woken for since may have come too late for this commit
    if (this.#woken) this.wake();
  }

  #claimAfter(): void {
    if (this.#claiming) this.#claimMissed = true;
    else this.#woken = true;
  }

  #endClaim(): void {
    this.#claiming = false;
    if (this.#claimMissed) this.#woken = true;
    this.#claimMissed = false;
  }

  /** As many as one commit should take, which holds up everything else; the rest comes with the next. */
  #nextEnqueues(): { enqueues: Waiting<Enqueue, Enqueued>[]; bytes: number } {
    let count = 0;
    let bytes = 0;
    for (const { asked } of this.#enqueues) {
      if (count === MOST_AT_ONCE || bytes >= MOST_BYTES_AT_ONCE) break;
      count++;
      bytes += asked.job.payload.length;
    }
    const enqueues = this.#enqueues.splice(0, count);
    if (this.#enqueues.length > 0) this.#woken = true;
    return { enqueues, bytes };
  }

  async #commit(
    enqueues: Waiting<Enqueue, Enqueued>[],
    settlements: Waiting<Settlement, boolean>[],
    claim: ClaimRequest | undefined,
    progress: readonly ProgressReport[] = [],
  ): Promise<void> {
    let done: Committed;
    const { "commit.done": committed } = this.#instrument;
    const begun = committed.isHeard ? performance.now() : 0;
    try {
      done = await this.#store.queue.commit({
        now: this.#clock.now(),
        enqueues: enqueues.map(({ asked }) => asked),
        settlements: settlements.map(({ asked }) => asked),
        claim,
        progress,
      });
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
      if (progress.length === 0 || error instanceof StoreUnavailableError)
        return this.#recover(enqueues, settlements, claim, error);
      // nobody waits for progress, and nobody's result should fail with it
      const about = { reports: progress.length };
      this.#instrument["step.failed"].publish({ step: "record progress", error, about });
      return this.#commit(enqueues, settlements, claim);
    }
    answer(enqueues, done.enqueued);
    answer(settlements, done.settled);
    if (committed.isHeard) {
      const counts = { enqueued: enqueues.length, settled: settlements.length, claimed: done.claimed.length };
      committed.publish({ ...counts, ms: performance.now() - begun });
    }
    this.#tellOfNew(enqueues, done.enqueued);
    this.#tellOfProgress(progress);
    if (done.claimed.length > 0) this.#claimant.take(done.claimed);
    if (done.passedOver) this.wake();
    if (done.unfinished) this.#clock.after(GO_ON_MS, () => this.wake());
  }

  #tellOfNew(enqueues: readonly Waiting<Enqueue, Enqueued>[], enqueued: readonly Enqueued[]): void {
    const { "job.accepted": accepted, "job.scheduled": scheduled } = this.#instrument;
    // the commit may have taken longer than a job had to wait
    const now = enqueues.length > 0 ? this.#clock.now() : 0;
    for (let at = 0; at < enqueues.length; at++) {
      const job = enqueues[at]?.asked.job;
      if (!job || enqueued[at]?.kind !== "created") continue;
      const { id: jobId, task, lane, runAt, createdAt } = job;
      if (accepted.isHeard) accepted.publish({ jobId, task, lane, runAt });
      if (scheduled.isHeard && runAt > Math.min(createdAt, now)) scheduled.publish({ jobId, runAt });
    }
  }

  #tellOfProgress(reports: readonly ProgressReport[]): void {
    const { "job.progressed": progressed } = this.#instrument;
    if (progressed.isHeard)
      for (const { lease, progress } of reports) progressed.publish({ jobId: lease.id, progress });
  }

  /** Nothing of the batch was written. What is at fault must not take the rest down. */
  async #recover(
    enqueues: Waiting<Enqueue, Enqueued>[],
    settlements: Waiting<Settlement, boolean>[],
    claim: ClaimRequest | undefined,
    error: Error,
  ): Promise<void> {
    const isUnavailable = error instanceof StoreUnavailableError;
    const isAlone = enqueues.length + settlements.length + (claim ? 1 : 0) <= 1;
    if (enqueues.length > 0) {
      if (isUnavailable) this.#instrument["step.failed"].publish({ step: "accept", error });
      if (isUnavailable || isAlone) refuse(enqueues, error);
      // a database may be too full for new jobs, and yet take results
      if (settlements.length > 0 || claim) await this.#commit([], settlements, claim);
      if (isUnavailable || isAlone) return;
      for (const enqueue of enqueues) await this.#commit([enqueue], [], undefined);
      this.wake(); // they were made ready after the claim
    } else if (isUnavailable) {
      this.#settlements = [...settlements, ...this.#settlements];
      this.#pause(error);
    } else if (isAlone) {
      refuse(settlements, error);
      if (claim) this.#pause(error);
    } else {
      for (const settlement of settlements) await this.#commit([], [settlement], undefined);
      if (claim) await this.#commit([], [], claim);
    }
  }

  #pause(error: Error): void {
    const about = { results: this.#settlements.length };
    this.#instrument["step.failed"].publish({ step: "commit", error, about });
    if (this.#paused) return;
    this.#paused = true;
    this.#clock.after(RETRY_MS, () => {
      this.#paused = false;
      this.wake();
    });
  }

  #hasWaiting(): boolean {
    return this.#enqueues.length > 0 || this.#settlements.length > 0;
  }
}

function answer<Asked, Answer>(waiting: readonly Waiting<Asked, Answer>[], answers: readonly Answer[]): void {
  answers.forEach((value, at) => {
    waiting[at]?.resolve(value);
  });
}

function refuse(waiting: readonly { reject(error: Error): void }[], error: Error): void {
  for (const { reject } of waiting) reject(error);
}
