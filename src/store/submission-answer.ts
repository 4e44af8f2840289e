import type { Submission, Submitted } from "./queue.ts";

/** What an idempotency key keeps of a submission, to be answered again. */
interface SubmissionAnswer {
  readonly jobs: readonly string[];
  readonly groups: readonly string[];
}

const OF_ANOTHER_KIND: Submitted = { kind: "mismatch", jobs: [], groupIds: [] };

/** As it is kept with the submission's idempotency key: what it made, or was given in its place. */
export function stringifyAnswer({ groups = [] }: Submission, jobs: Submitted["jobs"]): string {
  const answer = { jobs: jobs.map(({ jobId }) => jobId), groups: groups.map(({ id }) => id) };
  return JSON.stringify(answer satisfies SubmissionAnswer);
}

/** @param text as `stringifyAnswer` made it; null when a single job was asked for with the key. */
export function answeredBefore(kind: "replayed" | "mismatch", text: string | null): Submitted {
  if (text === null) return OF_ANOTHER_KIND;
  const { jobs, groups } = JSON.parse(text) as SubmissionAnswer; // only stringifyAnswer writes it
  return { kind, jobs: jobs.map((jobId) => ({ kind, jobId })), groupIds: groups };
}

/** What a submission is answered with whose key was not used before. */
export function answeredNow({ groups = [] }: Submission, jobs: Submitted["jobs"]): Submitted {
  return { kind: "created", jobs, groupIds: groups.map(({ id }) => id) };
}
