import { readable } from "./readable.ts";

/** What an attempt came to, as its handler reports it. */
export type Outcome = (Succeeded | Failed | Snoozed | HeldUp | Needless) & AttemptDetail;

export interface Succeeded {
  readonly kind: "succeeded";
  /** Kept with the job, as JSON text. */
  readonly result?: string;
}

export interface Failed {
  readonly kind: "failed";
  /** For people to read, free of secrets. */
  readonly error: string;
  /** What was thrown, for those who listen; it is not recorded. */
  readonly thrown?: unknown;
  /** `false`: no further attempt can help, the job fails now. */
  readonly retry: boolean;
  /** The receiver asked for a pause of this length: no attempt is made before it is over, however short the schedule. */
  readonly retryAfterMs?: number;
  /** The handler's own choice of when to try again, in milliseconds from now, in place of the schedule. */
  readonly retryInMs?: number;
  /** How long the whole lane should rest before its next job. */
  readonly laneRestMs?: number;
}

/** Nothing failed, but there is nothing to do yet: the attempt does not count and is not recorded. */
export interface Snoozed {
  readonly kind: "snoozed";
  /** When to run it again, in milliseconds from now. */
  readonly forMs: number;
}

/** Something holds its lane up: the attempt does not count and is not recorded, and the job is parked. */
export interface HeldUp {
  readonly kind: "held up";
  /** See `Parking`. */
  readonly reason: string;
}

/** There is nothing to do any more: the attempt does not count and is not recorded, and the job is cancelled. */
export interface Needless {
  readonly kind: "needless";
  /** Why, for people to read. */
  readonly reason: string;
}

/** What else is kept in the attempt's record. */
export type AttemptDetail = { readonly [Name in keyof AttemptEvidence]?: NonNullable<AttemptEvidence[Name]> };

/** What an attempt's record keeps besides its error; null where it does not apply. */
export interface AttemptEvidence {
  /** The code of the receiver's answer: over HTTP, the status. */
  readonly code: number | null;
  readonly class: AttemptClass | null;
  /** The start of the receiver's answer. */
  readonly excerpt: string | null;
  /** Identifies the group of similar failures that it belongs to. */
  readonly fingerprint: string | null;
  /**
   * What a handler threw, with its stack and causes, or how long the steps of a delivery took (`timing`): JSON text of bounded length, free
   * of secrets. A delivery that succeeded has it in its result.
   */
  readonly detail: string | null;
}

/** Stands in the place of an excerpt that was erased. */
export const ERASED_EXCERPT = "[erased]";

/** For an attempt about which nothing is known except that it ended. */
export const NO_EVIDENCE: AttemptEvidence = {
  code: null,
  class: null,
  excerpt: null,
  fingerprint: null,
  detail: null,
};

/**
 * The classes that attempts are counted by. Answers are classed by their status, with classes of their own for 410 and 429. `timeout`: no
 * complete answer in time. `connect`, `dns`, `tls`: the step at which a connection failed. `broken`: the connection was lost, or what
 * arrived could not be read. `blocked`: the target policy allowed no address. `auth`: no access token could be obtained. `error`: the
 * handler threw. `lost`: the worker was lost.
 */
export const ATTEMPT_CLASSES = [
  "2xx",
  "3xx",
  "4xx",
  "410",
  "429",
  "5xx",
  "timeout",
  "connect",
  "dns",
  "tls",
  "broken",
  "blocked",
  "auth",
  "error",
  "lost",
] as const;
export type AttemptClass = (typeof ATTEMPT_CLASSES)[number];

/** How long the steps of an exchange took, in milliseconds, as they are kept; absent are those that were not taken, or are unknown. */
export interface Timing {
  /** Looking up the name. */
  readonly dns_ms?: number;
  /** Connecting; through an egress proxy, opening the tunnel. */
  readonly connect_ms?: number;
  readonly tls_ms?: number;
  /** From sending the request to the start of the answer. */
  readonly first_byte_ms?: number;
}

export const STEPS = ["dns_ms", "connect_ms", "tls_ms", "first_byte_ms"] as const satisfies (keyof Timing)[];

/** What is kept of an attempt to deliver besides its error and its answer. */
export function timingDetail(timing: Timing): string {
  return JSON.stringify({ timing });
}

/** @param detail what is kept of the attempt; of a delivery that succeeded, its result. */
export function timingIn(detail: string | null): Timing | null {
  const kept: unknown = detail === null ? null : readable(detail, JSON.parse);
  const timing: unknown = typeof kept === "object" && kept !== null && Reflect.get(kept, "timing");
  if (typeof timing !== "object" || timing === null) return null;
  const steps = STEPS.flatMap((step) => {
    const ms: unknown = Reflect.get(timing, step);
    return typeof ms === "number" ? [[step, ms] as const] : [];
  });
  return Object.fromEntries(steps);
}
