import { madeFor } from "../../created-jobs.ts";
import type {
  Answers,
  Asked,
  Enqueue,
  Enqueued,
  NewGroup,
  NewJob,
  Submission,
  Submitted,
} from "../../queue.ts";
import { insertion } from "../../shelves/events.ts";
import type { Call } from "../../shelves/tables/session.ts";
import { answeredBefore, answeredNow, REFUSED, stringifyAnswer } from "../../submission-answer.ts";
import type { ShelfSession } from "../driver/shelf-session.ts";
import type { Session } from "../driver/statement.ts";
import type { FirstAnswer, IdempotencyKeys, KeyUse } from "./idempotency.ts";
import type { LiveKeys } from "./live-keys.ts";

/** What happens to enqueues and submissions: which of them make jobs, and whose jobs answer the others. */
export interface Decided extends Answers {
  /** The jobs to be made. */
  readonly jobs: readonly NewJob[];
  /** The groups to be made, each with how many of those jobs are its own. */
  readonly groups: ReadonlyMap<NewGroup, number>;
  /** The events and other rows to be written. */
  readonly rows: readonly Call<unknown>[];
}

/** Decides by idempotency keys, then by the jobs' own: each of all at once, in their order, so that no two commits wait for each other. */
export class Enqueues {
  readonly #idempotency: IdempotencyKeys;
  readonly #liveKeys: LiveKeys;
  readonly #shelves: ShelfSession;

  constructor(idempotency: IdempotencyKeys, liveKeys: LiveKeys, shelves: ShelfSession) {
    this.#shelves = shelves;
    this.#idempotency = idempotency;
    this.#liveKeys = liveKeys;
  }

  /**
   * The keys of the jobs to be made are theirs now; their rows are still to be written.
   * @param commitsLater see `LiveKeys.keepFor`.
   */
  async decide(
    session: Session,
    { enqueues, submissions = [] }: Asked,
    now: number,
    commitsLater = false,
  ): Promise<Decided> {
    const asked = submissions.length === 0 ? enqueues : [...enqueues, ...submissions];
    const first = await this.#firstAnswers(session, asked, now);
    const refused = await this.#refused(session, submissions, first);
    const accepted = submissions.filter((each) => !first.has(each) && !refused.has(each));
    const fresh: NewJob[] = [];
    for (const enqueue of enqueues) if (!first.has(enqueue)) fresh.push(enqueue.job);
    for (const submission of accepted) fresh.push(...submission.jobs);
    const holders = await this.#holders(session, fresh, commitsLater);
    const answerOf = (job: NewJob): Enqueued => {
      const holder = holders.get(job);
      return holder === undefined ? { kind: "created", jobId: job.id } : { kind: "existing", jobId: holder };
    };
    const enqueued = enqueues.map((enqueue) => {
      const before = first.get(enqueue);
      return before ? beforeOne(before, enqueue) : answerOf(enqueue.job);
    });
    const submitted = submissions.map((submission) => {
      if (refused.has(submission)) return REFUSED;
      const before = first.get(submission);
      return before
        ? answeredBefore(before.kind, before.answer)
        : answeredNow(submission, submission.jobs.map(answerOf));
    });
    if (holders.size > 0) await this.#redirect(session, enqueues, enqueued, submissions, submitted);
    const jobs = holders.size > 0 ? fresh.filter((job) => !holders.has(job)) : fresh;
    const groups = accepted.flatMap((each) => each.groups ?? []);
    const rows = accepted.flatMap(({ event, rows = [] }) => (event ? [insertion(event), ...rows] : rows));
    return {
      enqueued,
      submitted,
      jobs,
      rows,
      groups: new Map(groups.map((group) => [group, madeFor(group, jobs)])),
    };
  }

  /** Of those whose idempotency key was used before, what the first request with it was answered. */
  async #firstAnswers(
    session: Session,
    asked: readonly (Enqueue | Submission)[],
    now: number,
  ): Promise<ReadonlyMap<Enqueue | Submission, FirstAnswer>> {
    if (!asked.some(({ idempotency }) => idempotency)) return NONE;
    const keyed = asked.flatMap((each) => {
      const use = useOf(each);
      return use ? [{ each, use }] : [];
    });
    const answers = await this.#idempotency.use(
      session,
      keyed.map(({ use }) => use),
      now,
    );
    return new Map(
      keyed.flatMap(({ each }, at) => {
        const answer = answers[at];
        return answer ? [[each, answer] as const] : [];
      }),
    );
  }

  /** Those whose guard gave no row, and those that would be answered with what such a one was to make: their keys are free again. */
  async #refused(
    session: Session,
    submissions: readonly Submission[],
    first: ReadonlyMap<Enqueue | Submission, FirstAnswer>,
  ): Promise<ReadonlySet<Submission>> {
    const guarded = submissions.flatMap((submission) =>
      submission.guard && !first.has(submission) ? [{ submission, guard: submission.guard }] : [],
    );
    if (guarded.length === 0) return NONE_REFUSED;
    // in one order, so that no two commits wait for each other
    guarded.sort((one, other) => compare(keyOf(one.guard), keyOf(other.guard)));
    const rows = await Promise.all(guarded.map(({ guard }) => this.#shelves.run(session, guard)));
    const refused = guarded.flatMap(({ submission }, at) => (rows[at]?.length === 0 ? [submission] : []));
    const claims = refused.flatMap(({ idempotency }) => (idempotency ? [idempotency] : []));
    if (claims.length === 0) return new Set(refused);
    await this.#idempotency.forget(session, claims);
    const isFree = ({ idempotency: own }: Submission) =>
      own && claims.some(({ scope, key }) => scope === own.scope && key === own.key);
    return new Set([...refused, ...submissions.filter(isFree)]);
  }

  /** Of those jobs whose own key another live job has, that one. */
  async #holders(
    session: Session,
    jobs: readonly NewJob[],
    commitsLater: boolean,
  ): Promise<ReadonlyMap<NewJob, string>> {
    if (!jobs.some(({ ties }) => ties?.key !== undefined)) return NO_HOLDERS;
    const wanted = jobs.flatMap((job) =>
      job.ties?.key === undefined ? [] : [{ job, task: job.task, key: job.ties.key, jobId: job.id }],
    );
    const found = await this.#liveKeys.keepFor(session, wanted, commitsLater);
    return new Map(
      wanted.flatMap(({ job }, at) => {
        const holder = found[at];
        return holder === undefined || holder === job.id ? [] : [[job, holder] as const];
      }),
    );
  }

  /** The idempotency keys of requests that got existing jobs instead of new ones. */
  async #redirect(
    session: Session,
    enqueues: readonly Enqueue[],
    enqueued: readonly Enqueued[],
    submissions: readonly Submission[],
    submitted: readonly Submitted[],
  ): Promise<void> {
    const ones = enqueues.flatMap(({ idempotency: claim }, at): KeyUse[] => {
      const answer = enqueued[at];
      return claim && answer?.kind === "existing" ? [{ claim, job: answer.jobId, answer: null }] : [];
    });
    const several = submissions.flatMap((submission, at): KeyUse[] => {
      const { idempotency: claim } = submission;
      const answer = submitted[at];
      if (!claim || !answer?.jobs.some(({ kind }) => kind === "existing")) return [];
      return [{ claim, job: null, answer: stringifyAnswer(submission, answer.jobs) }];
    });
    await this.#idempotency.redirect(session, [...ones, ...several]);
  }
}

const NONE: ReadonlyMap<Enqueue | Submission, FirstAnswer> = new Map();
const NONE_REFUSED: ReadonlySet<Submission> = new Set();
const NO_HOLDERS: ReadonlyMap<NewJob, string> = new Map();

function keyOf({ statement, values }: Call<unknown>): string {
  return JSON.stringify([statement.sql, values]);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** As if every job were made. */
function useOf(asked: Enqueue | Submission): KeyUse | undefined {
  const { idempotency: claim } = asked;
  if (!claim) return undefined;
  if ("job" in asked) return { claim, job: asked.job.id, answer: null };
  const jobs = asked.jobs.map(({ id }): Enqueued => ({ kind: "created", jobId: id }));
  return { claim, job: null, answer: stringifyAnswer(asked, jobs) };
}

/** A key that a submission of several used is of another request. */
function beforeOne({ kind, job }: FirstAnswer, enqueue: Enqueue): Enqueued {
  return job === null ? { kind: "mismatch", jobId: enqueue.job.id } : { kind, jobId: job };
}
