import type { Answers, Asked, NewGroup, NewJob } from "./queue.ts";

/** The jobs that were created. */
export function createdJobs(
  { enqueues, submissions = [] }: Asked,
  { enqueued, submitted }: Answers,
): NewJob[] {
  const ones = enqueues.flatMap(({ job }, at) => (enqueued[at]?.kind === "created" ? [job] : []));
  const several = submissions.flatMap(({ jobs }, n) =>
    jobs.filter((_, at) => submitted[n]?.jobs[at]?.kind === "created"),
  );
  return [...ones, ...several];
}

/** How many of a group's jobs were created; not those whose key a live job has. */
export function madeFor({ id }: NewGroup, created: readonly NewJob[]): number {
  return created.filter(({ ties }) => ties?.groupId === id).length;
}
