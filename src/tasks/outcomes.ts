import type { Duration } from "../core/duration.ts";
import { knownAnywhere } from "../core/known-anywhere.ts";

/**
 * What a handler may return instead of a result. If it returns anything else, the job succeeds and the result is kept; if it throws, the
 * attempt fails and is retried while attempts are left.
 */
export type HandlerOutcome = RetryAt | Discard | Snooze;

/** See `retryAt`. */
export class RetryAt {
  static {
    knownAnywhere(RetryAt, "RetryAt");
  }

  readonly when: Date | Duration;
  readonly reason: string;

  constructor(when: Date | Duration, reason: string) {
    this.when = when;
    this.reason = reason;
  }
}

/** See `discard`. */
export class Discard {
  static {
    knownAnywhere(Discard, "Discard");
  }

  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** See `snooze`. */
export class Snooze {
  static {
    knownAnywhere(Snooze, "Snooze");
  }

  readonly duration: Duration;

  constructor(duration: Duration) {
    this.duration = duration;
  }
}

/**
 * Return this from a handler to fail the attempt and set when the next one starts, at this time or after this long, in place of the task's
 * own backoff. If no attempt is left, the job fails.
 * @example
 * if (answer.status === 429) return retryAt("90s", "the service asked for a pause");
 */
export function retryAt(when: Date | Duration, reason = "the handler asked to be run again"): RetryAt {
  return new RetryAt(when, reason);
}

/**
 * Return this from a handler to fail the job now, whatever attempts are left, because repeating it cannot help.
 * @example
 * if (!order) return discard(`order ${orderId} was deleted`);
 */
export function discard(reason: string): Discard {
  return new Discard(reason);
}

/**
 * Return this from a handler when there is nothing to do yet: the job runs again after this long. No attempt is counted or recorded.
 * @example
 * if (!(await report.isReady())) return snooze("1m");
 */
export function snooze(duration: Duration): Snooze {
  return new Snooze(duration);
}
