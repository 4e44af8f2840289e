import { DAY_MS, parseDuration } from "../core/duration.ts";
import { ConfigurationError, InvalidInputError, messageOf } from "../core/errors.ts";
import { durationOf, numberOf, refuseUnknown, wholeNumberOf, wrong, YEAR_MS } from "../core/options.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { Uniqueness } from "../core/ties.ts";
import type { LaneLimits } from "../engine/task.ts";
import {
  type Backoff,
  type CheckedTaskOptions,
  type LaneLimitOptions,
  type RetryOptions,
  TaskDefinition,
  type TaskOptions,
} from "./task-definition.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** The prefix of Posthorn's own tasks. */
const RESERVED = "webhook.";
const MOST_ATTEMPTS = 1_000;
const DEFAULT_ATTEMPTS = 5;

/**
 * @throws ConfigurationError naming the task and the option.
 */
export function checkTaskOptions<Input, Result>(
  name: string,
  options: TaskOptions<Input, Result>,
): CheckedTaskOptions {
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new ConfigurationError(
      `${typeof name === "string" ? JSON.stringify(name) : typeof name} cannot name a task; use 1 to 100 letters, digits, ".", "_" and "-", the first a letter or digit`,
    );
  }
  if (name.startsWith(RESERVED))
    throw new ConfigurationError(`task ${name}: names that begin with ${RESERVED} are reserved`);
  try {
    refuseUnknown(options, KNOWN);
    refuseWrongKinds(options);
    return checked(options);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new ConfigurationError(`task ${name}: ${messageOf(error)}`, { cause: error });
  }
}

function checked<Input, Result>(options: TaskOptions<Input, Result>): CheckedTaskOptions {
  const { retry = {}, timeout = "15m", delay = 0, priority = 0, limits, retention, run, thread } = options;
  const { unique = "live" } = options;
  if (run && thread !== undefined)
    throw wrong(["thread"], "cannot be combined with run; give one of the two");
  const { attempts, backoff } = checkRetry(retry);
  return {
    maxAttempts: attempts ?? DEFAULT_ATTEMPTS,
    retry: backoff ?? pausesOf({ initial: "5s" }),
    timeoutMs: durationOf(timeout, 100, 7 * DAY_MS, ["timeout"]),
    delayMs: durationOf(delay, 0, YEAR_MS, ["delay"]),
    priority: wholeNumberOf(priority, -100, 100, ["priority"]),
    laneLimits: limits === undefined ? undefined : laneLimitsOf(limits),
    unique: uniquenessOf(unique),
    retainMs: retention === undefined ? undefined : parseDuration(retention, ["retention"]),
  };
}

const KNOWN = [
  "retry",
  "timeout",
  "delay",
  "priority",
  "lane",
  "limits",
  "key",
  "unique",
  "retention",
  "onSettled",
  "thread",
  "run",
] satisfies (keyof TaskOptions<unknown, unknown>)[];

/** What units and ranges do not cover, so that it is found when the task is defined, not by its first job. */
function refuseWrongKinds<Input, Result>(options: TaskOptions<Input, Result>): void {
  const { run, key, lane, thread, onSettled } = options;
  if (run !== undefined && typeof run !== "function") throw wrong(["run"], "must be a function");
  if (key !== undefined && typeof key !== "function") throw wrong(["key"], "must be a function of the input");
  if (lane !== undefined && typeof lane !== "function" && (typeof lane !== "string" || lane === ""))
    throw wrong(["lane"], "must be a string, or a function of the input");
  if (thread !== undefined && !(typeof thread === "string" && URL.canParse(thread)))
    throw wrong(["thread"], 'must be the URL of a module, such as import.meta.resolve("./heavy.js")');
  if (onSettled !== undefined && !(onSettled instanceof TaskDefinition))
    throw wrong(["onSettled"], "must be a task");
}

const UNIQUENESS: readonly string[] = ["live", "queued", "again"] satisfies Uniqueness[];

/** @throws InvalidInputError */
export function uniquenessOf(value: Uniqueness): Uniqueness {
  if (UNIQUENESS.includes(value)) return value;
  throw wrong(["unique"], `must be one of ${UNIQUENESS.join(", ")}`);
}

/** The retry options in the engine's units. */
export interface CheckedRetry {
  readonly attempts: number | undefined;
  /** The pauses as a list. */
  readonly backoff: RetryPolicy | undefined;
}

/** @throws InvalidInputError */
export function checkRetry(retry: RetryOptions): CheckedRetry {
  refuseUnknown(retry, ["attempts", "backoff"], ["retry"]);
  const { attempts, backoff } = retry;
  return {
    attempts:
      attempts === undefined ? undefined : wholeNumberOf(attempts, 1, MOST_ATTEMPTS, ["retry", "attempts"]),
    backoff: backoff === undefined ? undefined : pausesOf(backoff),
  };
}

function pausesOf(backoff: Backoff): RetryPolicy {
  const path = ["retry", "backoff"];
  const isListed = typeof backoff === "object" && backoff !== null && "delays" in backoff;
  refuseUnknown(backoff, isListed ? ["delays", "jitter"] : ["initial", "factor", "max", "jitter"], path);
  const { jitter = 0.2 } = backoff;
  numberOf(jitter, 0, 1, [...path, "jitter"]);
  if ("delays" in backoff) {
    if (!Array.isArray(backoff.delays) || backoff.delays.length === 0)
      throw wrong(["retry", "backoff", "delays"], "must hold at least one pause");
    return { delaysMs: backoff.delays.map((delay) => parseDuration(delay, [...path, "delays"])), jitter };
  }
  const { factor = 2, max = "1h" } = backoff;
  const initialMs = durationOf(backoff.initial, 1, YEAR_MS, [...path, "initial"]);
  const maxMs = durationOf(max, 1, YEAR_MS, [...path, "max"]);
  numberOf(factor, 1, 100, [...path, "factor"]);
  const delaysMs = [Math.min(initialMs, maxMs)];
  for (let delay = initialMs * factor; factor > 1 && delaysMs.at(-1) !== maxMs; delay *= factor) {
    if (delaysMs.length === MOST_ATTEMPTS) break;
    delaysMs.push(Math.min(Math.round(delay), maxMs));
  }
  return { delaysMs, jitter };
}

function laneLimitsOf(limits: LaneLimitOptions): LaneLimits {
  refuseUnknown(limits, ["concurrency", "rate"], ["limits"]);
  const { concurrency, rate } = limits;
  refuseUnknown(rate, ["limit", "per"], ["limits", "rate"]);
  return {
    concurrency:
      concurrency === undefined
        ? undefined
        : wholeNumberOf(concurrency, 1, 1_000_000, ["limits", "concurrency"]),
    rate:
      rate === undefined
        ? undefined
        : {
            limit: wholeNumberOf(rate.limit, 1, 1_000_000, ["limits", "rate", "limit"]),
            perMs: durationOf(rate.per, 1, DAY_MS, ["limits", "rate", "per"]),
          },
  };
}
