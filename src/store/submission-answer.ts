import type { Submission, Submitted } from "./queue.ts";

/** What an idempotency key keeps of a submission, to be answered again. */
interface SubmissionAnswer {
  readonly jobs: readonly string[];
  readonly groups: readonly string[];
  /** Of an event, it stands for the jobs that deliver it, which may be many. */
  readonly made?: string;
}

const OF_ANOTHER_KIND: Submitted = { kind: "mismatch", jobs: [], groupIds: [] };

/** The answer to a submission whose guard returned no row. */
export const REFUSED: Submitted = { kind: "refused", jobs: [], groupIds: [] };

/** As it is kept with the submission's idempotency key: what it made, or was given in its place. */
export function stringifyAnswer(submission: Submission, jobs: Submitted["jobs"]): string {
  const { groups = [], event } = submission;
  const answer = {
    jobs: event ? [] : jobs.map(({ jobId }) => jobId),
    groups: groups.map(({ id }) => id),
    ...madeBy(submission),
  };
  return JSON.stringify(answer satisfies SubmissionAnswer);
}

/** @param text as `stringifyAnswer` made it; null when a single job was asked for with the key. */
export function answeredBefore(kind: "replayed" | "mismatch", text: string | null): Submitted {
  if (text === null) return OF_ANOTHER_KIND;
  const { jobs, groups, ...made } = JSON.parse(text) as SubmissionAnswer; // only stringifyAnswer writes it
  return { kind, jobs: jobs.map((jobId) => ({ kind, jobId })), groupIds: groups, ...made };
}

/** The answer to a submission whose key was not used before. */
export function answeredNow(submission: Submission, jobs: Submitted["jobs"]): Submitted {
  const { groups = [] } = submission;
  return { kind: "created", jobs, groupIds: groups.map(({ id }) => id), ...madeBy(submission) };
}

function madeBy({ event, makes = event?.id }: Submission): { readonly made?: string } {
  return makes === undefined ? {} : { made: makes };
}
