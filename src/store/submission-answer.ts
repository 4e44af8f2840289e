import type { Submission, Submitted } from "./queue.ts";

/** What an idempotency key keeps of a submission, to be answered again. */
interface SubmissionAnswer {
  readonly jobs: readonly string[];
  readonly groups: readonly string[];
  /** Stands for the jobs that deliver it, which may be many. */
  readonly event?: string;
}

const OF_ANOTHER_KIND: Submitted = { kind: "mismatch", jobs: [], groupIds: [] };

/** What a submission is answered with whose guard gave no row. */
export const REFUSED: Submitted = { kind: "refused", jobs: [], groupIds: [] };

/** As it is kept with the submission's idempotency key: what it made, or was given in its place. */
export function stringifyAnswer({ groups = [], event }: Submission, jobs: Submitted["jobs"]): string {
  const answer = {
    jobs: event ? [] : jobs.map(({ jobId }) => jobId),
    groups: groups.map(({ id }) => id),
    ...(event && { event: event.id }),
  };
  return JSON.stringify(answer satisfies SubmissionAnswer);
}

/** @param text as `stringifyAnswer` made it; null when a single job was asked for with the key. */
export function answeredBefore(kind: "replayed" | "mismatch", text: string | null): Submitted {
  if (text === null) return OF_ANOTHER_KIND;
  const { jobs, groups, event } = JSON.parse(text) as SubmissionAnswer; // only stringifyAnswer writes it
  const answer: Submitted = { kind, jobs: jobs.map((jobId) => ({ kind, jobId })), groupIds: groups };
  return event === undefined ? answer : { ...answer, eventId: event };
}

/** What a submission is answered with whose key was not used before. */
export function answeredNow({ groups = [], event }: Submission, jobs: Submitted["jobs"]): Submitted {
  const answer: Submitted = { kind: "created", jobs, groupIds: groups.map(({ id }) => id) };
  return event ? { ...answer, eventId: event.id } : answer;
}
