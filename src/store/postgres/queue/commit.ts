import { StoreUnavailableError } from "../../../core/errors.ts";
import { isEnd } from "../../../core/transition.ts";
import { ClaimRound } from "../../claim-round.ts";
import { mayBeLost } from "../../may-be-lost.ts";
import type {
  Batch,
  Committed,
  Enqueued,
  LeasedJob,
  NewJob,
  Settlement,
  Submission,
  Submitted,
} from "../../queue.ts";
import type { Database } from "../driver/database.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import { heard, statement } from "../driver/statement.ts";
import type { Transaction } from "../driver/transaction.ts";
import type { Claims } from "./claim.ts";
import { endsOf } from "./ends.ts";
import type { Enqueues } from "./enqueue.ts";
import type { Groups } from "./groups.ts";
import type { Leases } from "./leases.ts";
import type { NewJobs, PlacedJob } from "./new-jobs.ts";
import { isOrdered, lockLanes } from "./ordered-lanes.ts";
import type { Settlements } from "./settle.ts";
import { type End, followUpsOf, type TiedJobs } from "./tied-jobs.ts";
import type { Tokens } from "./tokens.ts";
import type { Workers } from "./workers.ts";

interface Parts {
  readonly db: Database;
  readonly tokens: Tokens;
  readonly workers: Workers;
  readonly leases: Leases;
  readonly claims: Claims;
  readonly settlements: Settlements;
  readonly enqueues: Enqueues;
  readonly newJobs: NewJobs;
  readonly groups: Groups;
  readonly tied: TiedJobs;
  readonly session: ShelfSession;
}

const UNSYNCED = statement("set local synchronous_commit = off");

/** What has been sent of a batch, and what its answers come to once they are all here. */
interface Sent {
  readonly enqueued: readonly Enqueued[];
  readonly submitted: readonly Submitted[];
  readonly settling: Promise<Settled>;
  /** Whether something was ready that was only looked at. */
  readonly passingOver: Promise<boolean>;
  readonly round: ClaimRound | undefined;
}

interface Settled {
  readonly settled: readonly boolean[];
  /** Jobs that ends call for. */
  readonly followUps: readonly NewJob[];
}

/**
 * All that was asked at once, in one transaction. While nothing is ready, one round trip does:
 *
 *     begin, settle, new jobs (leased, if still nothing is ready), commit  ─▶ done
 *
 * What was ready before comes first, so where there is such, or it is likely, the answers decide what happens to new jobs:
 *
 *     begin, settle, claim what is ready             ─▶ how much room is left
 *     new jobs (leased where there is room), commit  ─▶ done
 *
 * So do those to idempotency keys: who was first. New jobs with keys take a round trip more, and so do ends that may call for follow-ups.
 */
export class Commits {
  readonly #parts: Parts;
  /** Leases of commits whose outcome is unknown, because the connection was lost: this process does not know whether it has them. */
  #doubtful: LeasedJob[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async commit(batch: Batch): Promise<Committed> {
    const doubtful = this.#doubtful;
    let round: ClaimRound | undefined;
    try {
      const sent = await this.#parts.db.write((transaction) => {
        if (mayBeLost(batch)) void transaction.run(UNSYNCED);
        round = this.#begin(batch); // a new one for each try
        if (doubtful.length > 0) {
          void this.#parts.settlements.release(transaction, doubtful, batch.now);
          this.#tellWork(transaction, batch.now, batch.now);
        }
        return this.#send(transaction, batch, round);
      });
      this.#doubtful = this.#doubtful.filter((lease) => !doubtful.includes(lease));
      return await this.#committed(sent);
    } catch (error) {
      if (error instanceof StoreUnavailableError && round) {
        this.#doubtful = [...this.#doubtful, ...round.claimed];
      }
      throw error;
    }
  }

  #begin({ claim, now }: Batch): ClaimRound | undefined {
    const isLeftToOther = claim?.newOnly && this.#parts.claims.expectsWork;
    return claim && !isLeftToOther ? new ClaimRound(claim, now) : undefined;
  }

  async #committed({ enqueued, submitted, settling, passingOver, round }: Sent): Promise<Committed> {
    const { settled } = await settling;
    const passedOver = await passingOver;
    if (passedOver) {
      this.#parts.claims.expectWork();
      this.#parts.db.onWork(); // also the new jobs wait now, for anyone
    }
    const claimed = passedOver ? [] : (round?.claimed ?? []);
    return { enqueued, submitted, settled, claimed, unfinished: round?.isUnfinished ?? false, passedOver };
  }

  async #send(transaction: Transaction, batch: Batch, round: ClaimRound | undefined): Promise<Sent> {
    const { leases, claims } = this.#parts;
    const { now, enqueues, submissions = [], settlements, progress = [] } = batch;
    this.#lockLanes(transaction, batch);
    if (progress.length > 0) void leases.noteProgress(transaction, progress);
    const isAlone = enqueues.length + submissions.length + settlements.length === 0;
    if (!isAlone) transaction.tell("change");
    for (const {
      transition: { next },
    } of settlements)
      if (next.status === "queued") this.#tellWork(transaction, next.runAt, now);
    const settling = heard(this.#settle(transaction, batch));
    const mayWalk = round !== undefined && !round.request.newOnly;
    const isWalking = mayWalk && (isAlone || claims.expectsWork);
    const walking = isWalking ? heard(claims.walk(transaction, round)) : undefined;
    const followUps = settlements.some(mayBeFollowed) ? (await settling).followUps : [];
    const deciding = this.#parts.enqueues.decide(transaction, batch, now);
    const [{ enqueued, submitted, jobs: created, groups, rows }] = await Promise.all([deciding, walking]);
    const settled = groups.size > 0 ? await this.#parts.groups.add(transaction, groups, now) : [];
    for (const row of rows) void heard(this.#parts.session.run(transaction, row));
    const jobs = [...created, ...followUps, ...settled];
    const placed = await this.#place(transaction, jobs, now, round);
    const passingOver = this.#insert(transaction, placed, now, round, !isWalking);
    return { enqueued, submitted, settling, passingOver, round };
  }

  /** Before anything else: of the ordered lanes that jobs come to, or may end in. */
  #lockLanes(transaction: Transaction, { enqueues, submissions = [], settlements, now }: Batch): void {
    const ended = settlements.some(endsOrdered) ? settlements.filter(endsOrdered) : [];
    const isComing = enqueues.some(({ job }) => isOrdered(job)) || submissions.some(bringsOrdered);
    if (ended.length > 0) this.#tellWork(transaction, now, now); // those that have their turns now
    if (ended.length === 0 && !isComing) return;
    const coming = [...enqueues.map(({ job }) => job), ...submissions.flatMap(({ jobs }) => jobs)];
    void lockLanes(transaction, [...coming, ...ended.map(({ lease }) => lease)]);
  }

  /** What each settlement came to, and the jobs that ends call for. */
  async #settle(transaction: Transaction, { settlements, now }: Batch): Promise<Settled> {
    if (settlements.length === 0) return { settled: [], followUps: [] };
    const { settlements: settling, tied } = this.#parts;
    const answered = heard(settling.settle(transaction, settlements, now));
    if (!settlements.some(({ lease: { ties } }) => ties)) return { settled: await answered, followUps: [] };
    const tokens = new Set(settlements.map(({ lease }) => lease.token));
    const asked = endsOf(settlements, tokens);
    const untying = asked.length > 0 ? heard(tied.untie(transaction, distinctJobs(asked), now)) : undefined;
    const settled = await answered;
    if (!untying) return { settled, followUps: [] };
    const counted = settlements.filter((_, at) => settled[at]);
    return { settled, followUps: [...followUpsOf(endsOf(counted, tokens), now), ...(await untying)] };
  }

  /** Where each new job is to begin: leased while there is room. */
  async #place(
    transaction: Transaction,
    jobs: readonly NewJob[],
    now: number,
    round: ClaimRound | undefined,
  ): Promise<PlacedJob[]> {
    const placed: PlacedJob[] = [];
    let token = round && jobs.length > 0 ? await this.#parts.tokens.take(transaction, jobs.length) : 0;
    for (const job of jobs) {
      if (job.parked !== undefined) placed.push({ job, token: null });
      else if (
        round &&
        !isOrdered(job) &&
        !round.cutShort &&
        job.runAt <= now &&
        round.roomOf(job.lane) > 0
      ) {
        round.took(firstLease(job, token, now));
        placed.push({ job, token: token++ });
      } else {
        this.#tellWork(transaction, job.runAt, now);
        placed.push({ job, token: null });
      }
    }
    return placed;
  }

  /** The last of it, which goes along with the commit. Whether something was ready that was only looked at. */
  #insert(
    transaction: Transaction,
    placed: readonly PlacedJob[],
    now: number,
    round: ClaimRound | undefined,
    isLooking: boolean,
  ): Promise<boolean> {
    const { workers, newJobs, claims } = this.#parts;
    if (round && round.claimed.length > 0) void workers.announce(transaction, round.request.worker);
    if (placed.length > 0) {
      const first = {
        workerId: round?.request.worker.id ?? "",
        behindReady: round !== undefined && isLooking,
      };
      return newJobs.insert(transaction, placed, now, first);
    }
    return round && isLooking ? claims.look(transaction) : Promise.resolve(false);
  }

  /** Something becomes ready, or is due later. */
  #tellWork(transaction: Transaction, runAt: number, now: number): void {
    transaction.tell("work");
    if (runAt <= now) this.#parts.claims.expectWork();
  }
}

function endsOrdered({ lease, transition }: Settlement): boolean {
  return isOrdered(lease) && isEnd(transition);
}

function bringsOrdered({ jobs }: Submission): boolean {
  return jobs.some(isOrdered);
}

/** Whether its end may call for other jobs. */
function mayBeFollowed({ lease: { ties } }: Settlement): boolean {
  return ties !== undefined && (ties.key ?? ties.groupId ?? ties.onSettled) !== undefined;
}

/** Of two that show the same lease, one. */
function distinctJobs(ends: readonly End[]): End[] {
  return [...new Map(ends.map((end) => [end.job.id, end])).values()];
}

function firstLease(job: NewJob, token: number, now: number): LeasedJob {
  const { id, task, lane, options, payload, priority, maxAttempts, createdAt, runAt, ties, origin } = job;
  const first = { attempts: 1, failures: 0, losses: 0, startedAt: now };
  return {
    handle: token,
    id,
    task,
    lane,
    options,
    payload,
    priority,
    maxAttempts,
    createdAt,
    dueAt: runAt,
    ties,
    origin,
    token,
    ...first,
  };
}
