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
 * A job that is to begin later than it is accepted keeps when, because its later attempts are due at other times. Any other job is
 * returned as it is.
 */
export function withFirstDue<Job extends Dated & { readonly origin?: Origin }>(job: Job): Job {
  if (!isForLater(job)) return job;
  const { runAt, origin } = job;
  const kept = origin?.meta === undefined ? undefined : readable(origin.meta, parseMeta);
  return { ...job, origin: { ...origin, meta: JSON.stringify({ ...kept, dueAt: runAt }) } };
}

/**
 * Since when somebody waits for what a job does: since it was due first, or else since it was accepted.
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
  /** When a worker first took it. */
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
