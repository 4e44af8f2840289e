/**
 * Runs the tests, several files at once. Arguments go to `node --test`; naming files runs only those, options come before them:
 *
 *     npm test -- --test-name-pattern="sorts by time" src/core/id.test.ts
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// A test that takes this long, even on a busy machine, waits for something that will not come.
const testTimeoutMs = 5 * 60_000;
// The last resort, for a test file that never yields to the event loop.
const wholeRunTimeoutMs = 45 * 60_000;

const given = process.argv.slice(2);
const files = given.some((argument) => !argument.startsWith("-"))
  ? []
  : ["src/**/*.test.ts", "test/**/*.test.ts", "bench/*/*.test.ts"];

const runner = spawn(
  process.execPath,
  [
    "--test",
    "--test-reporter=spec",
    `--test-timeout=${testTimeoutMs}`,
    `--test-concurrency=${availableParallelism()}`,
    "--disable-warning=ExperimentalWarning",
    `--import=${pathToFileURL(join(import.meta.dirname, "test-deadline.ts"))}`,
    ...given,
    ...files,
  ],
  { cwd: join(import.meta.dirname, ".."), stdio: "inherit", timeout: wholeRunTimeoutMs },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => runner.kill(signal));
runner.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
