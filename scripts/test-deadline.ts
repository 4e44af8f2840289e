/**
 * Preloaded into each test file's process. `--test-timeout` ends a test, not a file whose tests have ended but which
 * something (a server, a timer, a child process) keeps alive: this ends the file, and says what that was.
 */
import { relative } from "node:path";
import { after } from "node:test";
import { isMainThread } from "node:worker_threads";

const FILE_TIMEOUT_MS = 20 * 60_000;
const LINGER_TIMEOUT_MS = 60_000;

if (process.env.NODE_TEST_CONTEXT !== undefined && isMainThread) {
  endAfter(FILE_TIMEOUT_MS, "still runs");
  after(() => endAfter(LINGER_TIMEOUT_MS, "still runs, though its tests have ended,"));
}

function endAfter(ms: number, what: string): void {
  setTimeout(() => {
    const file = relative(process.cwd(), process.argv[1] ?? "");
    const open = process.getActiveResourcesInfo().join(", ");
    console.error(`${file} ${what} after ${ms / 60_000} min; open: ${open}`);
    process.exit(1);
  }, ms).unref();
}
