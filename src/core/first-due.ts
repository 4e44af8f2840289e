import type { Origin } from "./origin.ts";
import { readable } from "./readable.ts";

interface Dated {
  readonly createdAt: number;
  readonly runAt: number;
}

/** Whether it is to begin later than it is accepted. */
export function isForLater({ createdAt, runAt }: Dated): boolean {
  return runAt > createdAt;
}

/**
 * Records the first due time of a job that should start later than it is accepted, because `runAt` changes with each retry. Any other job
 * is returned unchanged.
 */
export function withFirstDue<Job extends Dated & { readonly origin?: Origin }>(job: Job): Job {
  if (!isForLater(job)) return job;
  const { runAt, origin } = job;
  const kept = origin?.meta === undefined ? undefined : readable(origin.meta, parseMeta);
  return { ...job, origin: { ...origin, meta: JSON.stringify({ ...kept, dueAt: runAt }) } };
}

/**
 * Since when somebody has been waiting for a job: since it was first due, or else since it was accepted.
 * @param job as it is in a worker's hands.
 */
export function wantedSince({
  createdAt,
  dueAt,
  startedAt,
  origin,
}: {
  readonly createdAt: number;
  /** When this attempt was due. */
  readonly dueAt: number;
  /** When a worker first claimed it. */
  readonly startedAt: number;
  readonly origin: Origin | undefined;
}): number {
  if (startedAt >= dueAt) return Math.max(createdAt, dueAt); // it has been due once
  if (origin?.meta === undefined) return createdAt;
  const first = readable(origin.meta, parseMeta)?.dueAt;
  return typeof first === "number" ? first : createdAt;
}

function parseMeta(text: string): { readonly dueAt?: unknown } {
  return JSON.parse(text) as { readonly dueAt?: unknown }; // an object: only metaOf and withFirstDue write it
}
