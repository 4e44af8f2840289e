import { parseDuration } from "../core/duration.ts";
import { InvalidInputError, messageOf } from "../core/errors.ts";
import { newId } from "../core/id.ts";
import { parseInstant } from "../core/instant.ts";
import type { FollowUp, Ties } from "../core/ties.ts";
import type { NewJob } from "../store/queue.ts";
import { checkInput } from "./check-input.ts";
import { attemptsOf, retryPolicyOf, spanBetween, wholeNumber } from "./check-task-options.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import { stringifyJobOptions } from "./job-options.ts";
import { refuseUnknown } from "./refuse-unknown.ts";
import { TaskDefinition, type TaskTaking } from "./task-definition.ts";

const YEAR_MS = 366 * 86_400_000;
/** Lanes and keys are in the keys of busy indexes, so none may be long. */
const LONGEST_NAME = 255;

const KNOWN = [
  "retry",
  "timeout",
  "delay",
  "runAt",
  "priority",
  "lane",
  "key",
  "retention",
  "onSettled",
] satisfies (keyof EnqueueOptions)[];

/**
 * The job that an input and options make of a task. What is checked is what is kept: the input as JSON.
 * @throws InvalidInputError naming every field of the input that is wrong, or the option.
 */
export async function newJobOf<Given, Input, Result>(
  task: TaskDefinition<Given, Input, Result>,
  given: unknown,
  options: EnqueueOptions,
  now: number,
  groupId?: string,
): Promise<NewJob> {
  // without types, a task's name is given in its place soon enough
  if (!(task instanceof TaskDefinition))
    throw wrong("task", 'must be what task("name", { … }) gives, not its name');
  refuseUnknown(options, KNOWN);
  const payload = jsonOf(given);
  const input = (await checkInput(task.schema, JSON.parse(payload))) as Input; // the schema gives what it declares
  const { maxAttempts, delayMs, priority, retainMs } = task.checked;
  const { retry = {}, timeout, retention } = options;
  const attempts = attemptsOf(retry);
  const backoff = retryPolicyOf(retry);
  const key = nameOf(options.key ?? task.options.key?.(input), "key");
  const onSettled = options.onSettled ?? task.options.onSettled;
  if (onSettled !== undefined && !(onSettled instanceof TaskDefinition))
    throw wrong("onSettled", "must be a task");
  const runAt = runAtOf(options, now) ?? now + delayMs;
  const ties = tiesOf({
    key,
    groupId,
    onSettled: onSettled && followUpOf(onSettled),
    retainMs: retention === undefined ? retainMs : parseDuration(retention, ["retention"]),
  });
  return {
    id: newId("job", now),
    task: task.name,
    lane: nameOf(options.lane ?? laneOf(task, input), "lane") ?? task.name,
    priority:
      options.priority === undefined ? priority : wholeNumber(options.priority, -100, 100, "priority"),
    options: stringifyJobOptions({
      ...(timeout !== undefined && { timeoutMs: spanBetween(timeout, 100, 7 * 86_400_000, "timeout") }),
      ...(backoff && { retry: backoff }),
    }),
    payload,
    maxAttempts: attempts ?? maxAttempts,
    createdAt: now,
    runAt,
    ...(ties && { ties }),
  };
}

/** A job of the task that something else will make, once that has ended. */
export function followUpOf<Given>(task: TaskTaking<Given>): FollowUp {
  const { maxAttempts, priority } = task.checked;
  const { lane } = task.options;
  return {
    task: task.name,
    lane: typeof lane === "string" ? lane : task.name,
    priority,
    options: "{}",
    maxAttempts,
  };
}

function jsonOf(given: unknown): string {
  try {
    return JSON.stringify(given) ?? "null"; // undefined, for a task without input
  } catch (error) {
    throw wrong("input", `cannot be written as JSON: ${messageOf(error)}`);
  }
}

function laneOf<Given, Input, Result>(task: TaskDefinition<Given, Input, Result>, input: Input) {
  const { lane } = task.options;
  return typeof lane === "function" ? lane(input) : lane;
}

function nameOf(value: string | undefined, option: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string" || value.length === 0 || value.length > LONGEST_NAME)
    throw wrong(option, `must be a text of 1 to ${LONGEST_NAME} characters`);
  // PostgreSQL keeps neither; a name that one database keeps and another does not would be a trap
  if (value.includes("\0") || !value.isWellFormed())
    throw wrong(option, "must be Unicode, without NUL characters and lone surrogates");
  return value;
}

function runAtOf({ runAt, delay }: EnqueueOptions, now: number): number | undefined {
  if (runAt !== undefined && delay !== undefined) throw wrong("delay", "cannot be given together with runAt");
  if (delay !== undefined) return now + spanBetween(delay, 0, YEAR_MS, "delay");
  if (runAt === undefined) return undefined;
  const at = runAt instanceof Date ? runAt.getTime() : parseInstant(runAt);
  if (Number.isNaN(at))
    throw wrong("runAt", "must be a Date, or RFC 3339 with its offset, such as 2030-01-31T09:00:00Z");
  if (at - now > YEAR_MS) throw wrong("runAt", "must be at most a year (366 days) from now");
  return Math.max(at, now);
}

function tiesOf(ties: { readonly [Name in keyof Ties]: Ties[Name] | undefined }): Ties | undefined {
  const given = Object.entries(ties).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : (Object.fromEntries(given) as Ties); // those that are there
}

function wrong(option: string, detail: string): InvalidInputError {
  return new InvalidInputError([{ path: [option], detail }]);
}
