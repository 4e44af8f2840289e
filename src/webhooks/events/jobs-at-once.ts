import type { KnownEndpoint } from "../registry/known-endpoint.ts";

/** The transaction that accepts an event makes all its jobs, if they are no more than this: more would hold others up. */
export const JOBS_AT_ONCE = 100;

/** Of an event that has more, each transaction makes so many, the accepting one too: others are let in between two. */
export const JOBS_OF_A_STEP = 20;

/** The same while other jobs come in: what they wait for is mostly a step, and the deliveries that begin with it. */
export const JOBS_OF_A_SMALL_STEP = 10;

/** Endpoints in the order in which they have their jobs. */
export interface InTurn {
  readonly endpoints: readonly KnownEndpoint[];
  /** To how many of them the accepting transaction makes jobs. */
  readonly atOnce: number;
}

/**
 * Ordered endpoints first, all of them in the accepting transaction: the next event, which may have fewer jobs to make or find another
 * process less busy, would overtake this one.
 */
export function inTurn(wanted: readonly KnownEndpoint[]): InTurn {
  if (wanted.length <= JOBS_AT_ONCE) return { endpoints: wanted, atOnce: wanted.length };
  const ordered = wanted.filter(({ isOrdered }) => isOrdered);
  const endpoints =
    ordered.length === 0 ? wanted : [...ordered, ...wanted.filter(({ isOrdered }) => !isOrdered)];
  return { endpoints, atOnce: Math.max(JOBS_OF_A_STEP, ordered.length) };
}
