import type { Log } from "../../observe/log.ts";
import { metricsOf } from "../../observe/metrics/metrics-text.ts";
import type { Posthorn } from "../../posthorn.ts";

/** Says what a stopping process waits for, when it has to wait. */
export function announceDrain(posthorn: Posthorn, drainTimeoutMs: number, log: Log): void {
  const { running } = metricsOf(posthorn); // not of the database: others may run jobs as well
  if (running === 0) return;
  log.info(
    { running, drainTimeoutMs },
    "waiting for running jobs; a second signal exits at once, and they run again after the next start",
  );
}
