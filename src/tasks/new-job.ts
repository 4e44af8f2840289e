import { DAY_MS, parseDuration } from "../core/duration.ts";
import { type FieldProblem, InvalidInputError, messageOf } from "../core/errors.ts";
import { newId } from "../core/id.ts";
import { toJsonText } from "../core/json/json-text.ts";
import { tagsOf } from "../core/names.ts";
import { collectProblems, dueAt, durationOf, unknownOptions, wholeNumberOf, wrong } from "../core/options.ts";
import { metaOfCopy, originWith } from "../core/origin.ts";
import type { FollowUp, Ties, Uniqueness } from "../core/ties.ts";
import { metaGiven } from "../core/traces/trace-given.ts";
import type { NewJob } from "../store/queue.ts";
import { checkInput } from "./check-input.ts";
import { type CheckedRetry, checkRetry, uniquenessOf } from "./check-task-options.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import { stringifyJobOptions } from "./job-options.ts";
import { TaskDefinition, type TaskTaking } from "./task-definition.ts";

/** Lanes and keys are in the keys of busy indexes, so they have to be short. */
export const LONGEST_NAME = 255;

const KNOWN = [
  "retry",
  "timeout",
  "delay",
  "runAt",
  "priority",
  "lane",
  "key",
  "unique",
  "retention",
  "onSettled",
  "tags",
  "copyOf",
  "trace",
] satisfies (keyof EnqueueOptions)[];

/**
 * The job that a task's input and options make. What is checked is what is stored: the input as JSON.
 * @throws InvalidInputError naming every option that is wrong, or every field of the input.
 */
export async function newJobOf<Given, Input, Result>(
  task: TaskDefinition<Given, Input, Result>,
  given: unknown,
  options: EnqueueOptions,
  now: number,
  groupId?: string,
): Promise<NewJob> {
  checkTask(task);
  const own = readOptions(options, now);
  const payload = jsonOf(given);
  const input = (await checkInput(task.schema, JSON.parse(payload))) as Input; // the schema gives what it declares
  const { maxAttempts, delayMs, priority, retainMs } = task.checked;
  const onSettled = options.onSettled ?? task.options.onSettled;
  const key = options.key ?? task.options.key?.(input);
  if (key === undefined && options.unique !== undefined)
    throw wrong(["unique"], "says what a key is unique among, so it requires a key");
  const unique = own.unique ?? task.checked.unique;
  const ties = tiesOf({
    key: key === undefined ? undefined : nameOf(key, "key"),
    unique: key === undefined || unique === "live" ? undefined : unique,
    groupId,
    onSettled: onSettled && followUpOf(onSettled),
    retainMs: own.retainMs ?? retainMs,
  });
  const origin = originWith(own);
  return {
    id: newId("job", now),
    task: task.name,
    lane: nameOf(options.lane ?? laneOf(task, input) ?? task.name, "lane"),
    priority: own.priority ?? priority,
    options: stringifyJobOptions({
      ...(own.timeoutMs !== undefined && { timeoutMs: own.timeoutMs }),
      ...(own.backoff && { retry: own.backoff }),
    }),
    payload,
    maxAttempts: own.attempts ?? maxAttempts,
    createdAt: now,
    runAt: Math.max(own.runAt ?? now + delayMs, now),
    ...(ties && { ties }),
    ...(origin && { origin }),
  };
}

/** Without types, someone will pass a task's name instead. @throws InvalidInputError */
export function checkTask(task: unknown): void {
  if (!(task instanceof TaskDefinition))
    throw wrong(["task"], 'must be what task("name", { … }) returns, not its name');
}

/** A job's own options in the engine's units. */
interface OwnOptions extends Partial<CheckedRetry> {
  readonly timeoutMs: number | undefined;
  readonly runAt: number | undefined;
  readonly priority: number | undefined;
  readonly retainMs: number | undefined;
  readonly unique: Uniqueness | undefined;
  /** Of its origin, as `meta`. */
  readonly tags: readonly string[] | undefined;
  readonly meta: string | undefined;
}

/** @throws InvalidInputError naming every option that is wrong. */
function readOptions(options: EnqueueOptions, now: number): OwnOptions {
  const problems = unknownOptions(options, KNOWN);
  const { retry, timeout, priority, lane, key, unique, retention, onSettled, tags, copyOf, trace } = options;
  const given = <Value, Read>(value: Value | undefined, read: (value: Value) => Read) =>
    value === undefined ? undefined : collectProblems(problems, () => read(value));
  given(lane, (name) => nameOf(name, "lane"));
  given(key, (name) => nameOf(name, "key"));
  if (onSettled !== undefined && !(onSettled instanceof TaskDefinition))
    problems.push({ path: ["onSettled"], detail: "must be a task" });
  const traced = given(trace, metaGiven);
  const own: OwnOptions = {
    ...given(retry, checkRetry),
    timeoutMs: given(timeout, (span) => durationOf(span, 100, 7 * DAY_MS, ["timeout"])),
    runAt: dueAt(options, now, problems),
    priority: given(priority, (number) => wholeNumberOf(number, -100, 100, ["priority"])),
    unique: given(unique, uniquenessOf),
    tags: given(tags, (list) => tagsOf(list)),
    meta: given(copyOf, (job) => metaOfCopy(job, traced)) ?? traced,
    retainMs: given(retention, (span) => parseDuration(span, ["retention"])),
  };
  if (problems.length > 0) throw new InvalidInputError(problems);
  return own;
}

/** A job of the task that another job or group will make once it has ended. */
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
  if (given === undefined) return "null"; // for a task without input
  try {
    return toJsonText(given);
  } catch (error) {
    const problem: FieldProblem = { path: [], detail: messageOf(error), of: "input" };
    throw new InvalidInputError([problem]);
  }
}

function laneOf<Given, Input, Result>(task: TaskDefinition<Given, Input, Result>, input: Input) {
  const { lane } = task.options;
  return typeof lane === "function" ? lane(input) : lane;
}

function nameOf(value: string, option: string): string {
  if (typeof value !== "string" || value.length === 0 || value.length > LONGEST_NAME)
    throw wrong([option], `must be a string of 1 to ${LONGEST_NAME} characters`);
  // PostgreSQL stores neither; a name that one database accepts and the other does not would be a trap
  if (value.includes("\0") || !value.isWellFormed())
    throw wrong([option], "must be Unicode, without NUL characters or lone surrogates");
  return value;
}

function tiesOf(ties: { readonly [Name in keyof Ties]: Ties[Name] | undefined }): Ties | undefined {
  const given = Object.entries(ties).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : (Object.fromEntries(given) as Ties); // those that are there
}
