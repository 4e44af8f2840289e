import type { Clock } from "../../core/clock.ts";
import { messageOf, StoreUnavailableError } from "../../core/errors.ts";
import { isEnd } from "../../core/transition.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type {
  ClaimRequest,
  Committed,
  Enqueue,
  Enqueued,
  LeasedJob,
  ProgressReport,
  Settlement,
  Submission,
  Submitted,
} from "../../store/queue.ts";
import type { Store } from "../../store/store.ts";
import type { Changes } from "../changes.ts";
import { Arrivals, bytesOf, type Waiting } from "./arrivals.ts";
import { CommitNews } from "./commit-news.ts";
import { Company } from "./company.ts";

/** How long settlements and claims wait before they are tried again while the database is unavailable. */
const RETRY_MS = 500;

/** This many are committed without waiting for more. */
const ENOUGH = 256;

/**
 * Under load (the last commit was this short a while ago), a commit waits until this many turns of the event loop have
 * brought nothing new: about 0.2 ms. A sync costs the same for one as for a hundred, and this makes a tenth more deliveries a
 * second. Without load, one quiet turn is enough.
 */
const BUSY_MS = 1;
const QUIET_TURNS_UNDER_LOAD = 12;

/** After a claim that was cut short, the process does other work for this long. */
const GO_ON_MS = 20;

/** Everything that one commit will do. */
interface Load {
  readonly enqueues: readonly Waiting<Enqueue, Enqueued>[];
  readonly submissions: readonly Waiting<Submission, Submitted>[];
  readonly settlements: readonly Waiting<Settlement, boolean>[];
  readonly claim: ClaimRequest | undefined;
  readonly progress: readonly ProgressReport[];
}

const NOTHING: Load = { enqueues: [], submissions: [], settlements: [], claim: undefined, progress: [] };

/** Asks for claims, and receives the claimed jobs. */
export interface Claimant {
  /** The claim that it could take now, if any. */
  claimRequest(): ClaimRequest | undefined;
  /** What it could take of new jobs while another claim is under way. */
  claimRequestMeanwhile(): ClaimRequest | undefined;
  take(jobs: readonly LeasedJob[], claim: ClaimRequest): void;
}

/**
 * Puts everything asked for in one turn of the event loop into one transaction and answers the callers after its commit:
 * the more is asked for at once, the less each request pays for the disk's sync.
 *
 *     enqueue, submit, settle, wake ─▶ waiting ─(end of the turn)─▶ store.commit ─▶ answers, claimed jobs to the claimant
 *
 * While the database is unavailable, new jobs are refused with its error; settlements wait until it is back, because what
 * they record has happened.
 */
export class GroupCommit {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  readonly #changes: Pick<Changes, "hear" | "full">;
  #claimant: Claimant | undefined;
  readonly #arrivals = new Arrivals();
  #settlements: Waiting<Settlement, boolean>[] = [];
  /** The latest progress of each lease, by fencing token. Nobody waits for progress, and it is not worth trying again. */
  #progress = new Map<number, ProgressReport>();
  #scheduled = false;
  #committedAt = 0;
  #underway = 0;
  /** Submissions being written in callers' transactions. */
  #within = 0;
  #claiming = false;
  readonly #news: CommitNews;
  readonly #company: Company;
  /** Writes results that have waited for company in vain. */
  #alone: NodeJS.Timeout | undefined;
  /** Something became claimable while a claim was under way, and the claim may have missed it. */
  #claimMissed = false;
  #woken = false;
  /** Until when settlements and claims wait after a failure. Enqueues are not held back, because their callers are waiting. */
  #paused = false;
  #idle: (() => void)[] = [];

  /**
   * @param changes is told whether claims bring as many jobs as they ask for.
   * @param company says whether results that nobody needs yet should wait for another commit.
   */
  constructor(
    store: Store,
    clock: Clock,
    instrument: Instrument,
    changes: Pick<Changes, "hear" | "full">,
    company = new Company(),
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#instrument = instrument;
    this.#news = new CommitNews(instrument, clock);
    this.#changes = changes;
    this.#company = company;
  }

  /** Sets whom to claim for, from now on. */
  claimFor(claimant: Claimant): void {
    this.#claimant = claimant;
  }

  /** @throws OverloadedError when too much is waiting, StoreUnavailableError when the database cannot take it now. */
  enqueue(asked: Enqueue): Promise<Enqueued> {
    return new Promise((resolve, reject) => {
      this.#arrivals.reserve(1, asked.job.payload.length);
      this.#arrivals.add({ asked, resolve, reject });
      this.#schedule();
    });
  }

  /** All of it or nothing. Throws as `enqueue` does. */
  submit(asked: Submission): Promise<Submitted> {
    return new Promise((resolve, reject) => {
      this.#arrivals.reserve(asked.jobs.length, bytesOf(asked));
      this.#arrivals.add({ asked, resolve, reject });
      this.#schedule();
    });
  }

  /**
   * Like `submit`, but in the caller's own transaction. It takes as much memory, and a stop waits for it as well.
   * @throws OverloadedError, StoreUnavailableError, TransactionError
   */
  async submitWithin(transaction: unknown, asked: Submission): Promise<Submitted> {
    const bytes = bytesOf(asked);
    this.#arrivals.reserve(asked.jobs.length, bytes);
    this.#within++;
    try {
      const batch = { enqueues: [], submissions: [asked] };
      const { submitted } = await this.#store.queue.acceptWithin(transaction, batch, this.#clock.now());
      const [answer] = submitted;
      if (!answer) throw new Error("the store answered to no submission");
      return answer;
    } finally {
      this.#within--;
      this.#arrivals.release(asked.jobs.length, bytes);
      this.#tellIdle();
    }
  }

  /**
   * False when the lease was no longer the settler's.
   * @param mayWait whether it may wait for another commit: no job waits for the place that it leaves.
   */
  settle(asked: Settlement, mayWait = false): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#settlements.push({ asked, resolve, reject });
      if (mayWait && this.#company.isExpected(performance.now())) this.#waitForCompany();
      else this.wake();
    });
  }

  #waitForCompany(): void {
    if (this.#scheduled) return; // there it is
    this.#alone ??= setTimeout(() => {
      this.#alone = undefined;
      this.#company.didNotCome(performance.now());
      this.#schedule();
    }, this.#company.waitMs);
  }

  progress(report: ProgressReport): void {
    this.#progress.set(report.lease.token, report);
    this.#schedule();
  }

  /** There may be something to claim. */
  wake(): void {
    if (this.#claiming) this.#claimMissed = true;
    this.#schedule();
  }

  #schedule(): void {
    this.#woken = true;
    if (this.#scheduled || this.#underway >= this.#store.commitsAtOnce) return;
    this.#scheduled = true;
    const isUnderLoad = performance.now() - this.#committedAt < BUSY_MS;
    setImmediate(() => this.#gather(0, isUnderLoad ? QUIET_TURNS_UNDER_LOAD : 1));
  }

  /** Waits while the event loop keeps bringing more. */
  #gather(before: number, patience: number, quietTurns = 0): void {
    const waiting = this.#arrivals.length + this.#settlements.length;
    const quiet = waiting > before ? 0 : quietTurns + 1;
    if (waiting === 0 || waiting >= ENOUGH || quiet >= patience) void this.#flush();
    else setImmediate(() => this.#gather(waiting, patience, quiet));
  }

  /** Resolves when nothing waits and nothing is being written. */
  async drained(): Promise<void> {
    if (this.#isIdle) return;
    this.#schedule();
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #flush(): Promise<void> {
    this.#scheduled = false;
    this.#underway++;
    this.#woken = false;
    const { enqueues, submissions, jobs, bytes } = this.#arrivals.take();
    if (this.#arrivals.length > 0) this.#woken = true;
    const settlements = this.#paused ? [] : this.#settlements;
    const claim = this.#paused ? undefined : this.#claimFor(jobs);
    const isMain = claim !== undefined && !claim.newOnly;
    if (isMain) this.#claiming = true;
    const progress = this.#paused ? [] : [...this.#progress.values()];
    if (!this.#paused) {
      this.#settlements = [];
      this.#endWait();
      if (progress.length > 0) this.#progress.clear();
    }
    const load = { enqueues, submissions, settlements, claim, progress };
    const claimed = asksOf(load) + progress.length > 0 ? await this.#commit(load) : 0;
    this.#arrivals.release(jobs, bytes); // only now: until here they were in memory
    this.#underway--;
    if (isMain) this.#endClaim();
    // what this made ready may have been missed by the claim under way
    else if (jobs > claimed || settlements.some(mayMakeReady)) this.#claimAfter();
    // the follow-ups of groups that have no jobs are made ready after the claim
    if (submissions.some(({ asked }) => asked.groups)) this.#claimAfter();
    this.#committedAt = performance.now();
    this.#tellIdle();
    // what woke it meanwhile may have come too late for this commit
    if (this.#woken) this.wake();
  }

  #endWait(): void {
    if (!this.#alone) return;
    clearTimeout(this.#alone);
    this.#alone = undefined;
    this.#company.came();
  }

  /** The room that is left is only known once the last claim's jobs were taken; until then, new jobs get some of it. */
  #claimFor(newJobs: number): ClaimRequest | undefined {
    if (!this.#claiming) return this.#claimant?.claimRequest();
    return newJobs > 0 ? this.#claimant?.claimRequestMeanwhile() : undefined;
  }

  get #isIdle(): boolean {
    const hasWaiting = this.#arrivals.length > 0 || this.#settlements.length > 0;
    return this.#underway + this.#within === 0 && !hasWaiting;
  }

  #tellIdle(): void {
    if (this.#isIdle) for (const resolve of this.#idle.splice(0)) resolve();
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

  /** How many jobs it claimed. */
  async #commit(load: Load): Promise<number> {
    const { enqueues, submissions, settlements, claim, progress } = load;
    let done: Committed;
    const { "commit.done": committed } = this.#instrument;
    const begun = committed.isHeard ? performance.now() : 0;
    try {
      done = await this.#store.queue.commit({
        now: this.#clock.now(),
        enqueues: enqueues.map(askedOf),
        submissions: submissions.map(askedOf),
        settlements: settlements.map(askedOf),
        claim,
        progress,
      });
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
      if (progress.length === 0 || error instanceof StoreUnavailableError) {
        await this.#recover(load, error);
        return 0;
      }
      // nobody waits for progress, and nobody's result should fail with it
      const about = { reports: progress.length };
      this.#instrument["step.failed"].publish({ step: "record progress", error, about });
      return this.#commit({ ...load, progress: [] });
    }
    answer(enqueues, done.enqueued);
    answer(submissions, done.submitted);
    answer(settlements, done.settled);
    if (committed.isHeard) {
      const enqueued = submissions.reduce((sum, { asked }) => sum + asked.jobs.length, enqueues.length);
      const counts = { enqueued, settled: settlements.length, claimed: done.claimed.length };
      committed.publish({ ...counts, ms: performance.now() - begun });
    }
    this.#news.ofNew(enqueues, submissions, done);
    this.#news.ofProgress(progress);
    if (claim && done.claimed.length > 0) this.#claimant?.take(done.claimed, claim);
    // a claimant that got all it asked for claims again when it has room
    if (claim && !claim.newOnly) {
      if (done.claimed.length < claim.limit) this.#changes.hear();
      else this.#changes.full();
    }
    if (done.passedOver) this.wake();
    if (done.unfinished) this.#clock.after(GO_ON_MS, () => this.wake());
    return done.claimed.length;
  }

  /** Nothing of the batch was written. Writes its parts separately, so that the faulty one does not fail the rest. */
  async #recover({ enqueues, submissions, settlements, claim }: Load, error: Error): Promise<void> {
    const isUnavailable = error instanceof StoreUnavailableError;
    const asked = enqueues.length + submissions.length;
    const isAlone = asked + settlements.length + (claim ? 1 : 0) <= 1;
    if (asked > 0) {
      if (isUnavailable) this.#instrument["step.failed"].publish({ step: "accept", error });
      if (isUnavailable || isAlone) refuse([...enqueues, ...submissions], error);
      // a database may be too full for new jobs and still take results
      if (settlements.length > 0 || claim) await this.#commit({ ...NOTHING, settlements, claim });
      if (isUnavailable || isAlone) return;
      for (const enqueue of enqueues) await this.#commit({ ...NOTHING, enqueues: [enqueue] });
      for (const submission of submissions) await this.#commit({ ...NOTHING, submissions: [submission] });
      this.wake(); // they were made ready after the claim
    } else if (isUnavailable) {
      this.#settlements = [...settlements, ...this.#settlements];
      this.#pause(error);
    } else if (isAlone) {
      refuse(settlements, error);
      if (claim) this.#pause(error);
    } else {
      for (const settlement of settlements) await this.#commit({ ...NOTHING, settlements: [settlement] });
      if (claim) await this.#commit({ ...NOTHING, claim });
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
}

/** Whether a job may be ready for the first time, or again, because of it. */
function mayMakeReady({ asked: { lease, transition } }: Waiting<Settlement, boolean>): boolean {
  return lease.ties !== undefined || !isEnd(transition);
}

function asksOf({ enqueues, submissions, settlements, claim }: Load): number {
  return enqueues.length + submissions.length + settlements.length + (claim ? 1 : 0);
}

function askedOf<Asked>({ asked }: { readonly asked: Asked }): Asked {
  return asked;
}

function answer<Asked, Answer>(waiting: readonly Waiting<Asked, Answer>[], answers: readonly Answer[]): void {
  answers.forEach((value, at) => {
    waiting[at]?.resolve(value);
  });
}

function refuse(waiting: readonly { reject(error: Error): void }[], error: Error): void {
  for (const { reject } of waiting) reject(error);
}
