import type { ClaimRound } from "../../claim-round.ts";
import { madeFor } from "../../created-jobs.ts";
import type { Submission, Submitted } from "../../queue.ts";
import { insertion } from "../../shelves/events.ts";
import { answeredBefore, answeredNow, REFUSED, stringifyAnswer } from "../../submission-answer.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import type { Enqueues } from "./enqueue.ts";
import type { Groups } from "./groups.ts";
import type { IdempotencyKeys } from "./idempotency.ts";

/** Writes submissions, each with its jobs, groups and idempotency record, in the caller's transaction. */
export class Submissions {
  readonly #enqueues: Enqueues;
  readonly #groups: Groups;
  readonly #keys: IdempotencyKeys;
  readonly #session: ShelfSession;

  constructor(enqueues: Enqueues, groups: Groups, keys: IdempotencyKeys, session: ShelfSession) {
    this.#session = session;
    this.#enqueues = enqueues;
    this.#groups = groups;
    this.#keys = keys;
  }

  /** @param round see `Enqueues.add`. */
  add(submission: Submission, now: number, round: ClaimRound | undefined): Submitted {
    const { jobs, event, groups = [], idempotency, guard, rows = [] } = submission;
    const first = idempotency && this.#keys.first(idempotency, now);
    if (first) return answeredBefore(first.kind, first.answer);
    if (guard && this.#session.run(guard).length === 0) return REFUSED;
    const enqueued = jobs.map((job) => this.#enqueues.add({ job }, now, round));
    const made = jobs.filter((_, at) => enqueued[at]?.kind === "created");
    for (const group of groups) this.#groups.add(group, madeFor(group, made), now);
    if (event) this.#session.run(insertion(event));
    for (const row of rows) this.#session.run(row);
    if (idempotency) this.#keys.keep(idempotency, null, stringifyAnswer(submission, enqueued));
    return answeredNow(submission, enqueued);
  }
}
