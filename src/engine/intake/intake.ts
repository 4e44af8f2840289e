import type { Clock } from "../../core/clock.ts";
import { DuplicateKeyError, KeyReusedError, OverloadedError } from "../../core/errors.ts";
import { isForLater, withFirstDue } from "../../core/first-due.ts";
import { refuseUnknown, textOf, wrong } from "../../core/options.ts";
import { EnqueueSpan } from "../../observe/traces/enqueue-span.ts";
import type {
  Enqueued,
  IdempotencyClaim,
  NewGroup,
  NewJob,
  Submission as Stored,
  Submitted,
} from "../../store/queue.ts";
import type { Event } from "../../store/shelves/events.ts";
import { bytesOf, MAX_WAITING_BYTES, MAX_WAITING_JOBS } from "./arrivals.ts";
import type { GroupCommit } from "./group-commit.ts";
import { TenantShares } from "./tenant-shares.ts";

/**
 * Makes repeated calls with the same key count as one, for as long as keys are remembered (`retainKeys`).
 * @example
 * await posthorn.webhooks.deliver(request, { scope: "shop", key: `order-${id}`, fingerprint: JSON.stringify(request) });
 */
export interface Idempotency {
  /** Keys are unique within a scope, such as a caller and route. Like the key, at most 1000 bytes in UTF-8. */
  readonly scope: string;
  readonly key: string;
  /** Tells a repeated call from a different one that uses the same key by mistake. */
  readonly fingerprint: string;
}

const OF_IDEMPOTENCY = ["scope", "key", "fingerprint"] as const satisfies (keyof Idempotency)[];

/** Both are in the key of an index, which PostgreSQL bounds. */
const MOST_BYTES = 1_000;

/** @throws InvalidInputError for a key that one of the databases could not store; accepting it only on the other would be a trap. */
function refuseUnstorable(value: string, member: (typeof OF_IDEMPOTENCY)[number]): void {
  const path = ["idempotency", member];
  const text = textOf(value, path);
  if (text.includes("\0") || !text.isWellFormed())
    throw wrong(path, "must be Unicode, without NUL characters or lone surrogates");
  if (member !== "fingerprint" && Buffer.byteLength(text) > MOST_BYTES)
    throw wrong(path, `must be at most ${MOST_BYTES} bytes in UTF-8`);
}

/** The job is durable. */
export interface Accepted {
  readonly jobId: string;
  /** True if an earlier call with the same idempotency key created it; this call created nothing. */
  readonly replayed: boolean;
  /** True if a queued or running job of the task has the same `key`: `jobId` is that job, and this call created nothing. */
  readonly existing: boolean;
}

/** What is accepted in one transaction, all or nothing. Guard and rows are as the store takes them. */
export interface Submission extends Pick<Stored, "guard" | "rows" | "makes" | "mayBeLost"> {
  readonly jobs: readonly NewJob[];
  /** The event that these jobs deliver, stored once, however many jobs there are. */
  readonly event?: Event | undefined;
  /** The groups that its jobs name. */
  readonly groups?: readonly NewGroup[];
  readonly idempotency?: Idempotency | undefined;
  /** A transaction of the caller's: everything exists once the caller commits. */
  readonly tx?: unknown;
}

/** A submission that is durable, or will be with the caller's transaction. */
export interface AcceptedSubmission {
  /** In the order of its jobs; for one whose key a live job has, that job's id. */
  readonly jobIds: readonly string[];
  readonly groupIds: readonly string[];
  /** An earlier submission with the same idempotency key made all of these; this one made nothing. */
  readonly replayed: boolean;
  /** Whether each job was there already; see `Accepted`. */
  readonly existing: readonly boolean[];
  /** True if the guard refused it, so that nothing was created. */
  readonly refused: boolean;
  /** The id of its event, or of what it creates instead; if replayed, the id from the first request. */
  readonly made: string | undefined;
}

const NOTHING: AcceptedSubmission = {
  jobIds: [],
  groupIds: [],
  replayed: false,
  existing: [],
  refused: false,
  made: undefined,
};

/** What happens to a request whose idempotency key was used before. */
export interface IdempotencyRules {
  /** How long an idempotency key is remembered, in milliseconds. */
  readonly keyRetentionMs: number;
  /** What a repeated request with the same key gets: the first answer, or DuplicateKeyError. */
  readonly duplicateKeys: "replay" | "reject";
}

/** Accepts jobs of every task; there is no other way in. */
export class Intake {
  readonly #commits: GroupCommit;
  readonly #clock: Clock;
  readonly #rules: IdempotencyRules;
  readonly #writtenWithin: () => void;
  readonly #shares = new TenantShares();
  #isClosed = false;

  /** @param writtenWithin called after writing in a caller's transaction, which will be committed soon, and without notice. */
  constructor(commits: GroupCommit, clock: Clock, rules: IdempotencyRules, writtenWithin: () => void) {
    this.#commits = commits;
    this.#clock = clock;
    this.#rules = rules;
    this.#writtenWithin = writtenWithin;
  }

  /**
   * Accepts one job; resolves once it is on disk, or, with `tx`, once it is written in that transaction of the caller's.
   * @throws OverloadedError, StoreUnavailableError: nothing was kept, try again.
   * @throws KeyReusedError, DuplicateKeyError when the idempotency key was used before; TransactionError for `tx`.
   */
  accept(job: NewJob, idempotency?: Idempotency, tx?: unknown): Promise<Accepted> {
    const span = EnqueueSpan.begin(job);
    return span ? span.of(this.#accept(span.kept(job), idempotency, tx)) : this.#accept(job, idempotency, tx);
  }

  async #accept(given: NewJob, idempotency?: Idempotency, tx?: unknown): Promise<Accepted> {
    if (tx !== undefined) return this.#acceptWithin(given, idempotency, tx);
    this.#refuseWhenClosed();
    const job = withFirstDue(given);
    const enqueue = idempotency ? { job, idempotency: this.claimOf(idempotency) } : { job };
    const { kind, jobId } = await this.#commits.enqueue(enqueue);
    this.#refuseReuse(kind);
    return { jobId, replayed: kind === "replayed", existing: kind === "existing" };
  }

  /**
   * Accepts several jobs, and groups of them. Resolves and throws as `accept` does.
   * @throws InvalidInputError when it is too much for one transaction, which would hold up everything else.
   */
  submit(submission: Submission): Promise<AcceptedSubmission> {
    const { jobs, event } = submission;
    const span = EnqueueSpan.begin(jobs, event?.payload?.byteLength);
    if (!span) return this.#submit(submission);
    return span.of(this.#submit({ ...submission, jobs: jobs.map((job) => span.kept(job)) }));
  }

  async #submit({
    jobs,
    event,
    groups = [],
    idempotency,
    tx,
    guard,
    rows,
    makes,
    mayBeLost,
  }: Submission): Promise<AcceptedSubmission> {
    this.#refuseWhenClosed();
    if (jobs.length > MAX_WAITING_JOBS)
      throw wrong(
        ["requests"],
        `must be at most ${MAX_WAITING_JOBS} in one transaction; there are ${jobs.length}`,
      );
    if (jobs.length + groups.length === 0 && !event && !idempotency && !guard) return NOTHING;
    const bytes = bytesOf(event ? { jobs, event } : { jobs });
    if (bytes > MAX_WAITING_BYTES)
      throw wrong(
        ["requests"],
        `must hold at most ${MAX_WAITING_BYTES} bytes in one transaction; they hold ${bytes}`,
      );
    const claim = idempotency && this.claimOf(idempotency);
    const submission = {
      jobs: jobs.some(isForLater) ? jobs.map(withFirstDue) : jobs,
      groups,
      ...(event && { event }),
      ...(claim && { idempotency: claim }),
      ...(guard && { guard }),
      ...(rows && { rows }),
      ...(makes !== undefined && { makes }),
      ...(mayBeLost && { mayBeLost }),
    };
    const share = event && { tenant: event.tenant, jobs: Math.max(1, jobs.length) };
    if (share) this.#shares.take(share.tenant, share.jobs, bytes);
    const writing =
      tx === undefined ? this.#commits.submit(submission) : this.#commits.submitWithin(tx, submission);
    const submitted = await (share
      ? writing.finally(() => this.#shares.release(share.tenant, share.jobs, bytes))
      : writing);
    this.#refuseReuse(submitted.kind);
    if (tx !== undefined) this.#writtenWithin();
    return {
      jobIds: submitted.jobs.map(({ jobId }) => jobId),
      groupIds: submitted.groupIds,
      replayed: submitted.kind === "replayed",
      existing: submitted.jobs.map(({ kind }) => kind === "existing"),
      refused: submitted.kind === "refused",
      made: submitted.made,
    };
  }

  /** The claim that a request's idempotency key makes, for operations that store it themselves. */
  claimOf(idempotency: Idempotency): IdempotencyClaim {
    refuseUnknown(idempotency, OF_IDEMPOTENCY, ["idempotency"]);
    for (const member of OF_IDEMPOTENCY) refuseUnstorable(idempotency[member], member);
    const { scope, key, fingerprint } = idempotency;
    return { scope, key, fingerprint, expiresAt: this.#clock.now() + this.#rules.keyRetentionMs };
  }

  /**
   * Whether this request repeats the one that made the claim, and so gets the same answer.
   * @throws KeyReusedError when another request used the key; DuplicateKeyError where repeated ones are refused.
   */
  isRepeated(claim: IdempotencyClaim, first: IdempotencyClaim): boolean {
    const { scope, key, fingerprint, expiresAt } = first;
    if (scope !== claim.scope || key !== claim.key || expiresAt <= this.#clock.now()) return false;
    this.#refuseReuse(fingerprint === claim.fingerprint ? "replayed" : "mismatch");
    return true;
  }

  /** Accepts nothing more. */
  close(): void {
    this.#isClosed = true;
  }

  async #acceptWithin(job: NewJob, idempotency: Idempotency | undefined, tx: unknown): Promise<Accepted> {
    const { jobIds, replayed, existing } = await this.#submit({ jobs: [job], idempotency, tx });
    return { jobId: jobIds[0] ?? job.id, replayed, existing: existing[0] === true };
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new OverloadedError("this server is shutting down; try again shortly", 5);
  }

  #refuseReuse(kind: (Enqueued | Submitted)["kind"]): void {
    if (kind === "mismatch") throw new KeyReusedError();
    if (kind === "replayed" && this.#rules.duplicateKeys === "reject") throw new DuplicateKeyError();
  }
}
