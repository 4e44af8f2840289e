import type { NewJob } from "./queue.ts";

/**
 * A job to create when the running one with its key has ended. It does not count towards a group, because the group has not waited for it.
 */
export function stringifyAgain(job: NewJob): string {
  const { groupId: _, ...ties } = job.ties ?? {};
  return JSON.stringify({ ...job, ties } satisfies NewJob);
}

/** @param text as `stringifyAgain` made it. */
export function parseAgain(text: string, now: number): NewJob {
  const job = JSON.parse(text) as NewJob; // only stringifyAgain writes it
  return { ...job, runAt: Math.max(job.runAt, now) };
}
