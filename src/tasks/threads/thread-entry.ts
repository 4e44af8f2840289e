import { AsyncLocalStorage } from "node:async_hooks";
import { parentPort } from "node:worker_threads";
import { isError, messageOf } from "../../core/errors.ts";
import type { Outcome } from "../../core/outcome.ts";
import { failedBy } from "../../core/thrown/failed-by.ts";
import { handlerLog } from "../../observe/handler-log.ts";
import type { LineLevel, LogFields } from "../../observe/log.ts";
import { outcomeOf } from "../outcome-of.ts";
import type { TaskContext } from "../task-definition.ts";
import { brokenBy } from "./broken-by.ts";
import { handlerIn } from "./handler-in.ts";
import type { FromThread, ThreadRun, ToThread } from "./thread-messages.ts";

/** What a thread runs: it loads modules and calls their handlers, one at a time, with a context that speaks to the other side. */

if (!parentPort) throw new Error("this module can only be loaded by a thread of Posthorn");
const port = parentPort;
let abort = new AbortController();
/** Whose code it is that runs, also in timers and promises that outlive the handler. */
const runs = new AsyncLocalStorage<ThreadRun>();
let current: { readonly run: ThreadRun; breakOff(thrown: unknown): void } | undefined;
let isFirst = true;

process.on("uncaughtException", (thrown: unknown) => {
  if (current && isOfCurrent()) current.breakOff(thrown);
  else send({ kind: "left behind", error: asError(thrown), job: runs.getStore()?.job });
});
process.on("exit", () => send({ kind: "exits", isOwn: isOfCurrent(), job: runs.getStore()?.job }));

/** An error without an owner may be an earlier handler's, unless there was none. */
function isOfCurrent(): boolean {
  const run = runs.getStore();
  return current !== undefined && (run === current.run || (run === undefined && isFirst));
}

port.on("message", (message: ToThread) => {
  if (message.kind === "abort") abort.abort(new Error(message.reason));
  else void run(message);
});

function send(message: FromThread): void {
  port.postMessage(message);
}

async function run(wanted: ThreadRun): Promise<void> {
  abort = new AbortController();
  const told = { ended: false };
  const context = contextOf(wanted, abort.signal, told);
  let isSpent = false;
  const broken = new Promise<Outcome>((resolve) => {
    const breakOff = (thrown: unknown) => {
      isSpent = true;
      resolve(brokenBy(thrown));
    };
    current = { run: wanted, breakOff };
  });
  const outcome = await Promise.race([runs.run(wanted, () => attempt(wanted, context)), broken]);
  told.ended = true;
  current = undefined;
  isFirst = false;
  send({ kind: "ended", outcome: sendable(outcome), isSpent });
}

async function attempt({ module, input }: ThreadRun, context: TaskContext): Promise<Outcome> {
  try {
    const handler = await handlerIn(module);
    if (handler) return outcomeOf(await Promise.resolve(handler(input, context)), Date.now());
    const error = `${module} has no function as its default export, which a task's thread has to have`;
    return { kind: "failed", error, retry: false };
  } catch (thrown) {
    return failedBy(thrown);
  }
}

/** What listeners are given of a failed attempt crosses over as far as it can. */
function sendable(outcome: Outcome): Outcome {
  if (outcome.kind !== "failed" || outcome.thrown === undefined) return outcome;
  const { thrown } = outcome;
  return { ...outcome, thrown: isError(thrown) ? plain(thrown) : json(thrown) };
}

function asError(thrown: unknown): Error {
  return isError(thrown) ? plain(thrown) : new Error(messageOf(thrown));
}

/** @param told nothing is passed on about a run that has ended: the thread may be at the next one. */
function contextOf(
  { attempt, job }: ThreadRun,
  signal: AbortSignal,
  told: { readonly ended: boolean },
): TaskContext {
  const line = (level: LineLevel) => (fields: LogFields, message: string) => {
    if (!told.ended) send({ kind: "log", level, fields: cloneable(fields), message });
  };
  return {
    signal,
    attempt,
    job,
    log: handlerLog(
      {
        ...{ trace: line("trace"), debug: line("debug"), info: line("info"), warn: line("warn") },
        ...{ error: line("error"), fatal: line("fatal") },
      },
      {},
    ),
    progress(fraction, note) {
      if (told.ended) return;
      // the other side judges the number; what is not a number may be a symbol, which cannot be sent
      const number = typeof fraction === "number" ? fraction : Number.NaN;
      send({ kind: "progress", fraction: number, note: note === undefined ? undefined : messageOf(note) });
    },
  };
}

/** What can be sent between threads: errors go as they are, anything else as JSON would have it. */
function cloneable(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isError(value) ? plain(value) : json(value)]),
  );
}

/** Libraries hang sockets and functions on their errors, which cannot be sent. */
function plain({ name, message, stack, cause }: Error, depth = 0): Error {
  const isSent = isError(cause) && depth < MOST_CAUSES;
  const error = new Error(String(message), isSent ? { cause: plain(cause, depth + 1) } : {});
  error.name = String(name);
  if (stack !== undefined) error.stack = String(stack);
  return error;
}

/** Of an error; some are their own cause. */
const MOST_CAUSES = 8;

function json(value: unknown): unknown {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return messageOf(value); // a bigint, a cycle
  }
}
