import type { Log } from "../../observe/log.ts";
import type { Posthorn } from "../../posthorn.ts";

/** More than a process has slots for, so there is no point in counting further. */
const MOST_COUNTED = 1_000;

/** Says what a stopping process waits for, when it has to wait. */
export async function announceDrain(posthorn: Posthorn, drainTimeoutMs: number, log: Log): Promise<void> {
  const running = await posthorn.jobs.list({ status: "running" }, { limit: MOST_COUNTED }).catch(() => []);
  if (running.length === 0) return;
  log.info(
    { running: running.length, drainTimeoutMs },
    "waiting for running jobs; a second signal exits at once, and they run again after the next start",
  );
}
