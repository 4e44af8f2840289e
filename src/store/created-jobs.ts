import type { Enqueue, Enqueued, NewGroup, NewJob } from "./queue.ts";

/** The jobs of those enqueues that made one. */
export function createdJobs(enqueues: readonly Enqueue[], enqueued: readonly Enqueued[]): NewJob[] {
  return enqueues.flatMap(({ job }, at) => (enqueued[at]?.kind === "created" ? [job] : []));
}

/** How many of a group's jobs were made: one whose key a live job has was not. */
export function madeFor({ id }: NewGroup, created: readonly NewJob[]): number {
  return created.filter(({ ties }) => ties?.groupId === id).length;
}
