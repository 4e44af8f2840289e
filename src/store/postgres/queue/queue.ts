import type { Answers, Asked, Batch, Committed, JobQueue } from "../../queue.ts";
import type { Commits } from "./commit.ts";
import type { Promotion } from "./promote.ts";
import type { Signals } from "./signals.ts";
import type { Transactions } from "./transactions.ts";
import type { Watch } from "./watch.ts";

interface Parts {
  readonly commits: Commits;
  readonly transactions: Transactions;
  readonly promotion: Promotion;
  readonly watch: Watch;
  readonly signals: Signals;
}

/** A caller's transaction is looked for this long after it was given a job; most are over by then. */
const CALLER_COMMITS_WITHIN_MS = 1_000;

/** The hot path. */
export class Queue implements JobQueue {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  commit(batch: Batch): Promise<Committed> {
    return this.#parts.commits.commit(batch);
  }

  acceptWithin(transaction: unknown, asked: Asked, now: number): Promise<Answers> {
    this.#parts.watch.expectFor(CALLER_COMMITS_WITHIN_MS);
    return this.#parts.transactions.accept(transaction, asked, now);
  }

  promote(now: number, limit: number): Promise<number> {
    return this.#parts.promotion.promote(now, limit);
  }

  nextDue(): Promise<number | null> {
    return this.#parts.promotion.nextDue();
  }

  changedElsewhere(): Promise<boolean> {
    return this.#parts.watch.changedElsewhere();
  }

  onChange(changed: () => void): () => void {
    return this.#parts.signals.onChange(changed);
  }
}
