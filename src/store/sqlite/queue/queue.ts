import { ClaimRound } from "../../claim-round.ts";
import { mayBeLost } from "../../may-be-lost.ts";
import type { Answers, Asked, Batch, Committed, JobQueue } from "../../queue.ts";
import type { Database } from "../driver/database.ts";
import type { SizeLimit } from "../driver/size-limit.ts";
import type { Claims } from "./claim.ts";
import type { Enqueues } from "./enqueue.ts";
import type { Leases } from "./leases.ts";
import type { Promotion } from "./promote.ts";
import type { Settlements } from "./settle.ts";
import type { Submissions } from "./submissions.ts";
import type { Transactions } from "./transactions.ts";
import type { Watch } from "./watch.ts";

interface Parts {
  readonly db: Database;
  readonly limit: SizeLimit;
  readonly settlements: Settlements;
  readonly claims: Claims;
  readonly enqueues: Enqueues;
  readonly submissions: Submissions;
  readonly leases: Leases;
  readonly promotion: Promotion;
  readonly transactions: Transactions;
  readonly watch: Watch;
}

/** The hot path: each method is a transaction around what the classes next to this file do. */
export class Queue implements JobQueue {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  commit(batch: Batch): Promise<Committed> {
    const {
      db,
      limit,
      settlements: settling,
      claims,
      enqueues: adding,
      submissions: submitting,
      leases,
    } = this.#parts;
    const { now, enqueues, settlements, claim, submissions = [], progress = [] } = batch;
    const work = () => {
      if (enqueues.length + submissions.length > 0) limit.check();
      const settled = settlements.map((settlement) => settling.settle(settlement, now));
      const isLeftToOther = claim?.newOnly && claims.hasWork;
      const round = claim && !isLeftToOther ? new ClaimRound(claim, now) : undefined;
      // what is ready comes before what is new; what room the walk leaves, new jobs may take at once
      if (round && !round.request.newOnly) claims.walk(round);
      const enqueued = enqueues.map((enqueue) => adding.add(enqueue, now, round));
      const submitted = submissions.map((submission) => submitting.add(submission, now, round));
      for (const report of progress) leases.progressed(report);
      const unfinished = round?.isUnfinished ?? false;
      return { enqueued, submitted, settled, claimed: round?.claimed ?? [], unfinished, passedOver: false };
    };
    return mayBeLost(batch) ? db.writeUnsynced(work) : db.write(work);
  }

  async acceptWithin(transaction: unknown, asked: Asked, now: number): Promise<Answers> {
    return this.#parts.transactions.accept(transaction, asked, now);
  }

  promote(now: number, limit: number): Promise<number> {
    return this.#parts.db.write(() => this.#parts.promotion.promote(now, limit));
  }

  followClock(now: number, byMs: number | undefined): Promise<number> {
    return this.#parts.db.write(() => this.#parts.promotion.followClock(now, byMs));
  }

  nextDue(): Promise<number | null> {
    return this.#parts.db.read(() => this.#parts.promotion.nextDue());
  }

  changedElsewhere(): Promise<boolean> {
    return this.#parts.db.read(() => this.#parts.watch.changedElsewhere());
  }

  onChange(): () => void {
    return () => {}; // SQLite sends no notifications; there is only the regular check
  }
}
