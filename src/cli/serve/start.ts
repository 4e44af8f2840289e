import { constants } from "node:os";
import { ConfigurationError, messageOf } from "../../core/errors.ts";
import { createLog } from "../../observe/log.ts";
import { runningJob } from "../../tasks/running-job.ts";
import { run, wantsJson } from "../program.ts";
import { printError } from "../terminal/errors.ts";

/** Runs the command line as this process. */
export async function start(): Promise<void> {
  hideSqliteWarning();
  process.on("uncaughtException", (err) => {
    const job = runningJob(); // whose handler did not await or catch something
    const of = job && { job: job.id, task: job.task };
    createLog({ pretty: process.stderr.isTTY === true }).error({ err, ...of }, "uncaught error, exiting");
    process.exit(1);
  });
  process.stdout.on("error", endUnlessClosed);
  process.stderr.on("error", surviveClosedPipe);

  let stopping: AbortSignal | undefined;
  const stopSignal = () => {
    stopping ??= takeOverSignals();
    return stopping;
  };
  const { stdout, stderr, env } = process;
  const io = {
    // opened only by a command that reads it
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    env,
    stopSignal,
  };
  process.exitCode = await run(process.argv.slice(2), io);
  // by now nothing should be left open; if something is, it must not keep a stopped server alive
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

const LINGER_MS = 1_000;

/** A terminal sends Ctrl-C to both npm and its script, and npm passes its own on: within this time it is the same one. */
const SAME_KEY_PRESS_MS = 300;

/** The first signal asks to stop, the second exits at once with the code that shells give a killed process. */
function takeOverSignals(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (signal: "SIGINT" | "SIGTERM") => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      controller.abort(signal);
    } else if (signal === "SIGTERM" || performance.now() - firstAt > SAME_KEY_PRESS_MS) {
      process.exit(128 + constants.signals[signal]);
    }
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  if (process.env.npm_lifecycle_event !== undefined) stopWithNpm();
  return controller.signal;
}

/** A shell between npm and this process dies of npm's signal without passing it on; the server should not outlive both. */
function stopWithNpm(): void {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    process.emit("SIGTERM", "SIGTERM");
  }, ORPHAN_LOOK_MS).unref();
}

const ORPHAN_LOOK_MS = 500;

/** Keeps working when output is closed, as with `posthorn … | head` or a log shipper that died. */
function surviveClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** What a command cannot print, as on a full disk, must not seem to be all that there was. */
function endUnlessClosed(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") return;
  const cause = new ConfigurationError(`standard output cannot be written (${messageOf(error)})`, {
    cause: error,
  });
  printError(process.stderr, cause, wantsJson(process.argv, process.env));
  process.exit(1);
}

/** Hides the warning that node:sqlite may still change: Posthorn tests against each Node, so users need not see it. */
function hideSqliteWarning(): void {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (String(warning).startsWith("SQLite is an experimental feature")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
}
