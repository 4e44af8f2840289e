import { setImmediate as nextTurn } from "node:timers/promises";
import { assemble } from "../assemble/assemble.ts";
import type { Duration } from "../core/duration.ts";
import { ConfigurationError } from "../core/errors.ts";
import { parseInstant } from "../core/instant.ts";
import type { Jsonified } from "../core/json/jsonified.ts";
import { refuseUnknownSettings } from "../core/options.ts";
import { tooOldNode } from "../core/process/node-version.ts";
import { retentionPeriods } from "../engine/retention/retention-periods.ts";
import { Instrument } from "../observe/instrument.ts";
import { type Log, silentLog } from "../observe/log.ts";
import { writeLogLines } from "../observe/log-lines.ts";
import type { Posthorn } from "../posthorn-interface.ts";
import { loadMasterKey } from "../secrets/master-key.ts";
import type { NewJob } from "../store/queue.ts";
import type { HandlerOutcome } from "../tasks/outcomes.ts";
import type { Handler } from "../tasks/runner.ts";
import type { ScheduleDefinition } from "../tasks/schedule.ts";
import type { TaskDefinition } from "../tasks/task-definition.ts";
import { VERSION } from "../version.ts";
import { type BreakerOptions, breakerRules } from "../webhooks/breaker/breaker-options.ts";
import { Destinations } from "../webhooks/destination.ts";
import { HttpDestination } from "../webhooks/http/http-destination.ts";
import { parseTargetUrl } from "../webhooks/targets/target-url.ts";
import { type Drained, GatedStore } from "./gated-store.ts";
import { type Receive, RecordingSender, type SentDelivery } from "./recording-sender.ts";
import { type RunNowOptions, runNow } from "./run-now.ts";
import { type SentTestEvent, sentEvents } from "./sent-events.ts";
import { SteppedClock, type TestClock } from "./test-clock.ts";

export type { Posthorn } from "../posthorn-interface.ts";
export type { BreakerOptions } from "../webhooks/breaker/breaker-options.ts";
export type { Drained } from "./gated-store.ts";
export type { DeliveryAnswer, Receive, SentDelivery } from "./recording-sender.ts";
export type { RunNowOptions } from "./run-now.ts";
export type { SentTestEvent } from "./sent-events.ts";
export type { TestClock } from "./test-clock.ts";

export interface TestPosthornOptions {
  /** The tasks under test. */
  readonly tasks?: readonly TaskDefinition[];
  readonly schedules?: readonly ScheduleDefinition[];
  /** The time at which the clock starts: a Date, or RFC 3339. Default: the real time. */
  readonly now?: Date | string;
  /** Simulates the receivers of webhooks: its return value is their answer. Default: all answer 200. */
  readonly receive?: Receive;
  /** How many handlers run at once. Default 1, so that jobs run one after the other. */
  readonly concurrency?: number;
  /** A SQLite file, if the test needs one for `tx`. Default: in memory. */
  readonly database?: string;
  /** How long finished jobs are kept. Default: 30 days by the test's clock. */
  readonly retainJobs?: Duration;
  /** How long succeeded jobs are kept. Default: as `retainJobs`. */
  readonly retainSucceeded?: Duration;
  /** How long failed and cancelled jobs are kept. Default: as `retainJobs`. */
  readonly retainFailed?: Duration;
  /** When deliveries to a failing endpoint wait, and when it is disabled. Default: after 10 failures in a row, and 5 days of failing. */
  readonly breaker?: BreakerOptions;
  /** Default: none. */
  readonly log?: Log;
}

/** A job as it was enqueued. Its input has been through JSON, as it is stored. */
export interface EnqueuedJob<Input> {
  readonly jobId: string;
  readonly input: Input;
  readonly lane: string;
  readonly priority: number;
  readonly key: string | undefined;
  readonly groupId: string | undefined;
  readonly maxAttempts: number;
  /** When it was first due. */
  readonly runAt: Date;
}

/** A complete Posthorn whose clock the test moves, and whose jobs run when the test says so. */
export interface TestPosthorn extends Posthorn {
  readonly clock: TestClock;
  /**
   * Runs every due job, including jobs created meanwhile, until none can start now. Jobs that wait for their time, for their lane's rate or
   * for a handler stay queued. Resolves when all handlers have ended.
   */
  drain(): Promise<Drained>;
  /** The same, as a `Posthorn` has it. */
  drain(): Promise<void>;
  /**
   * Calls a task's handler once, in this thread and without a job in the database. Returns its result, or what it returned from `retryAt`,
   * `discard` or `snooze`, and rejects with what it throws.
   * @throws InvalidInputError when the input does not fit the task.
   */
  runNow<Given, Input, Result>(
    task: TaskDefinition<Given, Input, Result>,
    input: Given,
    options?: RunNowOptions,
  ): Promise<Result | HandlerOutcome>;
  /**
   * The jobs of a task that were enqueued since this Posthorn was opened, oldest first; follow-ups (`onSettled`) once they have been
   * drained.
   */
  enqueued<Given, Input, Result>(task: TaskDefinition<Given, Input, Result>): EnqueuedJob<Jsonified<Given>>[];
  /** What would have been sent to receivers, attempt by attempt. Nothing is ever sent. */
  deliveries(): readonly SentDelivery[];
  /** The events that were sent to tenants, oldest first, with the endpoints that get each, and those that do not and why. */
  events(): Promise<SentTestEvent[]>;
}

const KNOWN = [
  "tasks",
  "schedules",
  "now",
  "receive",
  "concurrency",
  "database",
  "retainJobs",
  "retainSucceeded",
  "retainFailed",
  "breaker",
  "log",
] satisfies (keyof TestPosthornOptions)[];

/** While this closes, time passes by itself, so that nothing waits forever. */
const TURNS_A_SECOND = 20;
const RETAIN_KEYS_MS = 86_400_000;

/**
 * Opens a Posthorn for tests: the real engine on a database in memory, with a clock that the test moves, no network, and retries
 * without jitter. Works with any test runner; leave the runner's fake timers off.
 * @throws ConfigurationError, InvalidInputError for an option, task or schedule that is wrong.
 * @example
 * const posthorn = await openTestPosthorn({ tasks: [sendReceipt] });
 * await posthorn.enqueue(sendReceipt, { orderId: "o1" });
 * await posthorn.drain();
 * await posthorn.close();
 */
export async function openTestPosthorn(options: TestPosthornOptions = {}): Promise<TestPosthorn> {
  const tooOld = tooOldNode(process.versions.node);
  if (tooOld !== undefined) throw new ConfigurationError(tooOld);
  refuseUnknownSettings("openTestPosthorn", options, KNOWN);
  const { database = ":memory:", log = silentLog } = options;
  const settings = settingsOf(options);
  const now = momentOf(options.now ?? new Date());
  const { openSqliteStore } = await import("../store/sqlite/sqlite-store.ts"); // no older Node could load it
  const real = await openSqliteStore({ file: database });
  const gate = new GatedStore(real);
  const clock = new SteppedClock(now, real, () => gate.look());
  const instrument = new Instrument();
  writeLogLines(instrument, log);
  const sender = new RecordingSender(options.receive);
  try {
    const posthorn = await assemble({
      ...{ ...settings, store: gate.store, clock, log, instrument },
      masterKey: loadMasterKey({ env: undefined, database }),
      destinations: new Destinations(
        new HttpDestination({ policy: { check: parseTargetUrl }, sender, version: VERSION }),
      ),
    });
    return underTest(posthorn, { gate, clock, log, sender });
  } catch (error) {
    await real.close();
    throw error;
  }
}

/** Where a server's settings would let time or chance decide, a test's are fixed. */
function settingsOf({ tasks = [], schedules = [], concurrency = 1, ...options }: TestPosthornOptions) {
  return {
    ...{ tasks, schedules, concurrency, worker: true },
    retention: retentionPeriods(options),
    breaker: breakerRules(options.breaker),
    keyRetentionMs: RETAIN_KEYS_MS,
    duplicateKeys: "replay" as const,
    drainMs: 0,
    random: () => 0.5,
  };
}

interface Controls {
  readonly gate: GatedStore;
  readonly clock: SteppedClock;
  readonly log: Log;
  readonly sender: RecordingSender;
}

function underTest(posthorn: Posthorn, { gate, clock, log, sender }: Controls): TestPosthorn {
  const handlers = new Map<string, Handler>();
  const handlerOf = (name: string) => handlers.get(name);
  let closing: Promise<void> | undefined;
  return {
    ...posthorn,
    clock,
    work: (definition, handler) => {
      posthorn.work(definition, handler);
      handlers.set(definition.name, handler as Handler); // the task takes checked inputs
    },
    drain: (() => gate.drain(clock)) as TestPosthorn["drain"], // a caller that expects nothing is given something
    runNow: async <Given, Input, Result>(
      definition: TaskDefinition<Given, Input, Result>,
      input: Given,
      own: RunNowOptions = {},
    ) => {
      const task = definition as unknown as TaskDefinition; // the input's type was checked by the compiler; its schema checks it from here on
      return (await runNow(task, input, own, { clock, log, handlerOf })) as Result | HandlerOutcome; // its handler's
    },
    enqueued: <Given, Input, Result>({ name }: TaskDefinition<Given, Input, Result>) =>
      gate.made.filter(({ task }) => task === name).map((job) => enqueuedJob<Jsonified<Given>>(job)),
    deliveries: () => [...sender.sent],
    events: () => sentEvents(posthorn),
    close: () => {
      closing ??= closeWhateverRuns(posthorn, gate, clock);
      return closing;
    },
  };
}

function momentOf(now: Date | string): number {
  const ms = now instanceof Date ? now.getTime() : parseInstant(now);
  if (!Number.isNaN(ms)) return ms;
  throw new ConfigurationError(
    "now must be a Date, or RFC 3339 with its offset, such as 2030-01-31T09:00:00Z",
  );
}

function enqueuedJob<Input>({
  id,
  payload,
  lane,
  priority,
  ties,
  maxAttempts,
  runAt,
}: NewJob): EnqueuedJob<Input> {
  return {
    jobId: id,
    input: JSON.parse(payload) as Input, // it was enqueued as this task's input
    lane,
    priority,
    key: ties?.key,
    groupId: ties?.groupId,
    maxAttempts,
    runAt: new Date(runAt),
  };
}

/** A handler that is still running is told to stop, and gets a few turns of the event loop to do so, not real time. */
async function closeWhateverRuns(posthorn: Posthorn, gate: GatedStore, clock: SteppedClock): Promise<void> {
  gate.abandon();
  let isClosed = false;
  const closed = posthorn.close().finally(() => {
    isClosed = true;
  });
  for (let turns = 1; !isClosed; turns++) {
    await nextTurn();
    if (turns % TURNS_A_SECOND === 0) clock.skip(1_000);
  }
  await closed;
}
