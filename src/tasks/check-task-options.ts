import { type Duration, parseDuration } from "../core/duration.ts";
import { ConfigurationError, InvalidInputError, messageOf } from "../core/errors.ts";
import type { RetryPolicy } from "../core/retry-policy.ts";
import type { LaneLimits } from "../engine/task.ts";
import { refuseUnknown } from "./refuse-unknown.ts";
import {
  type Backoff,
  type CheckedTaskOptions,
  type LaneLimitOptions,
  type RetryOptions,
  TaskDefinition,
  type TaskOptions,
} from "./task-definition.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** Posthorn's own tasks begin with it. */
const RESERVED = "webhook.";
const MOST_ATTEMPTS = 1_000;
const DEFAULT_ATTEMPTS = 5;
const DAY_MS = 86_400_000;

/**
 * @throws ConfigurationError naming the task and the option.
 */
export function checkTaskOptions<Input, Result>(
  name: string,
  options: TaskOptions<Input, Result>,
): CheckedTaskOptions {
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new ConfigurationError(
      `${JSON.stringify(name)} cannot name a task; use 1 to 100 letters, digits, ".", "_" and "-", the first a letter or digit`,
    );
  }
  if (name.startsWith(RESERVED))
    throw new ConfigurationError(`task ${name}: names that begin with ${RESERVED} are Posthorn's own`);
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
  if (run && thread !== undefined)
    throw wrong("thread", "and run are both given; the handler is one of the two");
  return {
    maxAttempts: attemptsOf(retry) ?? DEFAULT_ATTEMPTS,
    retry: pausesOf(retry.backoff ?? { initial: "5s" }),
    timeoutMs: spanBetween(timeout, 100, 7 * DAY_MS, "timeout"),
    delayMs: spanBetween(delay, 0, 366 * DAY_MS, "delay"),
    priority: wholeNumber(priority, -100, 100, "priority"),
    laneLimits: limits && laneLimitsOf(limits),
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
  "retention",
  "onSettled",
  "thread",
  "run",
] satisfies (keyof TaskOptions<unknown, unknown>)[];

/** What no unit or range says, so that it is found when the task is defined, and not by its first job. */
function refuseWrongKinds<Input, Result>(options: TaskOptions<Input, Result>): void {
  const { run, key, lane, thread, onSettled } = options;
  if (run !== undefined && typeof run !== "function") throw wrong("run", "must be a function");
  if (key !== undefined && typeof key !== "function") throw wrong("key", "must be a function of the input");
  if (lane !== undefined && typeof lane !== "function" && (typeof lane !== "string" || lane === ""))
    throw wrong("lane", "must be a text, or a function of the input");
  if (thread !== undefined && !(typeof thread === "string" && URL.canParse(thread)))
    throw wrong("thread", 'must be the URL of a module, such as import.meta.resolve("./heavy.js")');
  if (onSettled !== undefined && !(onSettled instanceof TaskDefinition))
    throw wrong("onSettled", "must be a task");
}

/**
 * How many attempts may fail, when it is said.
 * @throws InvalidInputError
 */
export function attemptsOf(retry: RetryOptions): number | undefined {
  refuseUnknown(retry, ["attempts", "backoff"], ["retry"]);
  const { attempts } = retry;
  return attempts === undefined ? undefined : wholeNumber(attempts, 1, MOST_ATTEMPTS, "retry.attempts");
}

/**
 * The pauses one by one, as the engine takes them, when they are given.
 * @throws InvalidInputError
 */
export function retryPolicyOf({ backoff }: RetryOptions): RetryPolicy | undefined {
  return backoff && pausesOf(backoff);
}

function pausesOf(backoff: Backoff): RetryPolicy {
  const path = ["retry", "backoff"];
  const isListed = typeof backoff === "object" && "delays" in backoff;
  refuseUnknown(backoff, isListed ? ["delays", "jitter"] : ["initial", "factor", "max", "jitter"], path);
  const { jitter = 0.2 } = backoff;
  if (!(jitter >= 0 && jitter <= 1)) throw wrong("retry.backoff.jitter", "must be from 0 to 1");
  if ("delays" in backoff) {
    if (!Array.isArray(backoff.delays) || backoff.delays.length === 0)
      throw wrong("retry.backoff.delays", "must hold at least one pause");
    return { delaysMs: backoff.delays.map((delay) => parseDuration(delay, [...path, "delays"])), jitter };
  }
  const { factor = 2, max = "1h" } = backoff;
  const initialMs = spanBetween(backoff.initial, 1, 366 * DAY_MS, "retry.backoff.initial");
  const maxMs = spanBetween(max, 1, 366 * DAY_MS, "retry.backoff.max");
  if (!(factor >= 1 && factor <= 100)) throw wrong("retry.backoff.factor", "must be from 1 to 100");
  const delaysMs = [Math.min(initialMs, maxMs)];
  for (let delay = initialMs * factor; factor > 1 && delaysMs.at(-1) !== maxMs; delay *= factor) {
    if (delaysMs.length === MOST_ATTEMPTS) break;
    delaysMs.push(Math.min(Math.round(delay), maxMs));
  }
  return { delaysMs, jitter };
}

function laneLimitsOf(limits: LaneLimitOptions): LaneLimits {
  const { concurrency, rate } = limits;
  refuseUnknown(limits, ["concurrency", "rate"], ["limits"]);
  refuseUnknown(rate, ["limit", "per"], ["limits", "rate"]);
  return {
    concurrency:
      concurrency === undefined ? undefined : wholeNumber(concurrency, 1, 1_000_000, "limits.concurrency"),
    rate: rate && {
      limit: wholeNumber(rate.limit, 1, 1_000_000, "limits.rate.limit"),
      perMs: spanBetween(rate.per, 1, DAY_MS, "limits.rate.per"),
    },
  };
}

/** @throws InvalidInputError */
export function wholeNumber(value: number, least: number, most: number, option: string): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(option, `is ${value}; it takes a whole number from ${least} to ${most}`);
}

/** @throws InvalidInputError */
export function spanBetween(value: Duration, leastMs: number, mostMs: number, option: string): number {
  const ms = parseDuration(value, option.split("."));
  if (ms >= leastMs && ms <= mostMs) return ms;
  throw wrong(option, `is ${JSON.stringify(value)}; it takes ${leastMs} ms to ${mostMs / DAY_MS} days`);
}

function wrong(option: string, detail: string): InvalidInputError {
  return new InvalidInputError([{ path: option.split("."), detail }]);
}
