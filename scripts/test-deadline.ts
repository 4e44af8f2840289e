/**
 * Preloaded into each test file's process. `--test-timeout` ends a test, not a file whose tests have ended but which
 * something (a server, a timer, a child process) keeps alive: this ends the file, and says what that was.
 */
import { relative } from "node:path";

const fileTimeoutMs = 15 * 60_000;

if (process.env.NODE_TEST_CONTEXT !== undefined) {
  setTimeout(() => {
    const file = relative(process.cwd(), process.argv[1] ?? "");
    const open = process.getActiveResourcesInfo().join(", ");
    console.error(`${file} still runs after ${fileTimeoutMs / 60_000} minutes; open: ${open}`);
    process.exit(1);
  }, fileTimeoutMs).unref();
}
