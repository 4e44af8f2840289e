/**
 * Runs the tests, several files at once. Arguments go to `node --test`; naming files runs only those, options come before them:
 *
 *     npm test -- --test-name-pattern="sorts by time" src/core/id.test.ts
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleCommandLine } from "./bundled-command-line.ts";
import { TestRun } from "./test-run.ts";

// A test that takes this long, even on a busy machine, waits for something that will not come.
const testTimeoutMs = 10 * 60_000;
// The last resort, for a test file that never yields to the event loop.
const wholeRunTimeoutMs = 60 * 60_000;

// Many files wait most of the time: for leases, restarts, outages.
const filesAtOnce = 2 * availableParallelism();

const given = process.argv.slice(2);
// what lies in test/ecosystem is run within the applications that it is part of
const files = given.some((argument) => !argument.startsWith("-"))
  ? []
  : [
      "src/**/*.test.ts",
      "console/**/*.test.ts",
      "test/*.test.ts",
      "test/fleet/*.test.ts",
      "bench/*/*.test.ts",
    ];

const run = new TestRun();
const commandLine = await bundleCommandLine(join(run.folder, "command-line")).catch(
  async (error: unknown) => {
    await run.end();
    throw error;
  },
);
const runner = spawn(
  process.execPath,
  [
    "--test",
    "--test-reporter=spec",
    `--test-timeout=${testTimeoutMs}`,
    `--test-concurrency=${filesAtOnce}`,
    "--disable-warning=ExperimentalWarning",
    `--import=${pathToFileURL(join(import.meta.dirname, "test-deadline.ts"))}`,
    ...given,
    ...files,
  ],
  {
    cwd: join(import.meta.dirname, ".."),
    env: { ...process.env, ...run.env, POSTHORN_TEST_COMMAND_LINE: commandLine },
    stdio: "inherit",
    timeout: wholeRunTimeoutMs,
  },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => runner.kill(signal));
runner.on("exit", async (code) => {
  const left = await run.end();
  if (left.length > 0)
    console.error(`The tests left this behind; what starts or makes it has to end it:\n${left.join("\n")}`);
  process.exitCode = left.length > 0 ? 1 : (code ?? 1);
});
