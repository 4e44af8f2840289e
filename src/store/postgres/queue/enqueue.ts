import type { Enqueue, Enqueued } from "../../queue.ts";
import type { Session } from "../driver/statement.ts";
import type { IdempotencyKeys, KeyedEnqueue } from "./idempotency.ts";
import type { LiveKeys } from "./live-keys.ts";

/** What becomes of enqueues: which of them make a job, and whose job answers the others. */
export class Enqueues {
  readonly #idempotency: IdempotencyKeys;
  readonly #liveKeys: LiveKeys;

  constructor(idempotency: IdempotencyKeys, liveKeys: LiveKeys) {
    this.#idempotency = idempotency;
    this.#liveKeys = liveKeys;
  }

  /** Answers in their order. The keys of those that are `created` are theirs now; their rows are still to be written. */
  async decide(session: Session, enqueues: readonly Enqueue[], now: number): Promise<Enqueued[]> {
    const keyed = enqueues.filter((each): each is KeyedEnqueue => each.idempotency !== undefined);
    const earlier = keyed.length > 0 ? await this.#idempotency.use(session, keyed, now) : NONE;
    const fresh = enqueues.filter((each) => !earlier.has(each));
    const existing = await this.#existing(session, fresh);
    return enqueues.map(
      (each) => earlier.get(each) ?? existing.get(each) ?? { kind: "created", jobId: each.job.id },
    );
  }

  /** Those whose own key a live job has. */
  async #existing(session: Session, enqueues: readonly Enqueue[]): Promise<ReadonlyMap<Enqueue, Enqueued>> {
    const wanted = enqueues.flatMap((each) => {
      const { id: jobId, task, ties } = each.job;
      return ties?.key === undefined ? [] : [{ each, task, key: ties.key, jobId }];
    });
    if (wanted.length === 0) return NONE;
    const holders = await this.#liveKeys.keep(session, wanted);
    const existing = new Map<Enqueue, Enqueued>();
    const redirected = new Map<KeyedEnqueue, Enqueued>();
    wanted.forEach(({ each, jobId }, at) => {
      const holder = holders[at] ?? jobId;
      if (holder === jobId) return;
      const answer: Enqueued = { kind: "existing", jobId: holder };
      existing.set(each, answer);
      if (each.idempotency) redirected.set({ ...each, idempotency: each.idempotency }, answer);
    });
    await this.#idempotency.redirect(session, redirected);
    return existing;
  }
}

const NONE: ReadonlyMap<Enqueue, Enqueued> = new Map();
