import { StoreUnavailableError } from "../../core/errors.ts";
import type { Batch, Committed, Enqueue, Enqueued, LeasedJob, NewGroup, NewJob } from "../queue.ts";
import type { Claims } from "./claim.ts";
import { ClaimRound } from "./claim-round.ts";
import type { Database, Transaction } from "./database.ts";
import { endsOf } from "./ends.ts";
import { createdJobs, type Enqueues } from "./enqueue.ts";
import type { Groups } from "./groups.ts";
import type { Leases } from "./leases.ts";
import type { NewJobs, PlacedJob } from "./new-jobs.ts";
import { moveOf, type Settlements } from "./settle.ts";
import type { TiedJobs } from "./tied-jobs.ts";
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
}

/**
 * All that was asked at once, in one transaction of two round trips:
 *
 *     begin, settle, claim what is ready, use keys   ─▶ who was first, how much room is left
 *     new jobs (leased where there is room), commit  ─▶ done
 *
 * Ends of jobs that are tied to something, and keys of jobs, take one more each.
 */
export class Commits {
  readonly #parts: Parts;
  /** Leases of commits whose end is not known, for the connection was lost: this process does not know that it has them. */
  #doubtful: LeasedJob[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async commit(batch: Batch): Promise<Committed> {
    const doubtful = this.#doubtful;
    let round: ClaimRound | undefined;
    try {
      const committed = await this.#parts.db.write((transaction) => {
        round = batch.claim && new ClaimRound(batch.claim, batch.now); // anew for each try
        if (doubtful.length > 0) void this.#parts.leases.giveBack(transaction, doubtful, batch.now);
        return this.#perform(transaction, batch, round);
      });
      this.#doubtful = this.#doubtful.filter((lease) => !doubtful.includes(lease));
      return committed;
    } catch (error) {
      if (error instanceof StoreUnavailableError && round) {
        this.#doubtful = [...this.#doubtful, ...round.claimed];
      }
      throw error;
    }
  }

  async #perform(transaction: Transaction, batch: Batch, round: ClaimRound | undefined): Promise<Committed> {
    const { leases, claims } = this.#parts;
    const { now, enqueues, settlements, groups = [], progress = [] } = batch;
    if (progress.length > 0) void leases.noteProgress(transaction, progress);
    if (enqueues.length + settlements.length > 0) transaction.tell("change");
    // all sent at once: what is ready comes before what is new, and what room the walk leaves, new jobs may take at once
    const settling = this.#settle(transaction, batch);
    const walking = round && claims.walk(transaction, round);
    const [{ settled, followUps }] = await Promise.all([settling, walking]);
    const enqueued = enqueues.length > 0 ? await this.#parts.enqueues.decide(transaction, enqueues, now) : [];
    const jobs = [...createdJobs(enqueues, enqueued), ...followUps];
    if (groups.length > 0) {
      const totals = new Map(groups.map((group) => [group, madeFor(group, enqueues, enqueued)]));
      jobs.push(...(await this.#parts.groups.add(transaction, totals, now)));
    }
    await this.#add(transaction, jobs, now, round);
    return { enqueued, settled, claimed: round?.claimed ?? [], unfinished: round?.cutShort ?? false };
  }

  /** What each settlement came to, and the jobs that ends call for. */
  async #settle(transaction: Transaction, { settlements, now }: Batch) {
    if (settlements.length === 0) return { settled: [], followUps: [] };
    const settled = await this.#parts.settlements.settle(transaction, settlements, now);
    const counted = settlements.filter((_, at) => settled[at]).map(moveOf);
    const ends = endsOf(counted, new Set(counted.map(({ lease }) => lease.token)));
    if (settlements.some(({ next }) => next.status === "queued")) transaction.tell("work");
    return {
      settled,
      followUps: ends.length > 0 ? await this.#parts.tied.ended(transaction, ends, now) : [],
    };
  }

  /** The last of it, which goes along with the commit. */
  async #add(
    transaction: Transaction,
    jobs: readonly NewJob[],
    now: number,
    round: ClaimRound | undefined,
  ): Promise<void> {
    const { workers, newJobs, tokens } = this.#parts;
    const placed: PlacedJob[] = [];
    for (const job of jobs) {
      if (round && !round.cutShort && job.runAt <= now && round.roomOf(job.lane) > 0) {
        const token = await tokens.take(transaction, 1);
        round.took(firstLease(job, token, now));
        placed.push({ job, token });
      } else {
        transaction.tell("work");
        placed.push({ job, token: null });
      }
    }
    if (placed.length > 0) void newJobs.insert(transaction, placed, now, round?.request.worker.id);
    if (round && round.claimed.length > 0) void workers.announce(transaction, round.request.worker);
  }
}

function firstLease(job: NewJob, token: number, now: number): LeasedJob {
  const { id, task, lane, options, payload, priority, maxAttempts, createdAt, ties } = job;
  const first = { attempts: 1, failures: 0, losses: 0, startedAt: now };
  return {
    key: token,
    id,
    task,
    lane,
    options,
    payload,
    priority,
    maxAttempts,
    createdAt,
    ties,
    token,
    ...first,
  };
}

/** How many jobs of a group were made. */
function madeFor({ id }: NewGroup, enqueues: readonly Enqueue[], enqueued: readonly Enqueued[]): number {
  return createdJobs(enqueues, enqueued).filter((job) => job.ties?.groupId === id).length;
}
