import type { Batch, Enqueue, Enqueued, NewGroup, NewJob } from "./queue.ts";
import type { Event } from "./shelves/events.ts";

/** The jobs of those enqueues that made one. */
export function createdJobs(enqueues: readonly Enqueue[], enqueued: readonly Enqueued[]): NewJob[] {
  return enqueues.flatMap(({ job }, at) => (enqueued[at]?.kind === "created" ? [job] : []));
}

/** How many of a group's jobs were made: one whose key a live job has was not. */
export function madeFor({ id }: NewGroup, created: readonly NewJob[]): number {
  return created.filter(({ ties }) => ties?.groupId === id).length;
}

/** Those of its events that a batch writes. */
export function writtenEvents(
  { events = [], enqueues }: Batch,
  enqueued: readonly Enqueued[],
): readonly Event[] {
  return events.filter(({ id }) => {
    const of = enqueued.filter((_, at) => enqueues[at]?.job.origin?.event === id);
    return of.length === 0 || of.some(({ kind }) => kind === "created");
  });
}
