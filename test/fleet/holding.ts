import type { Child } from "../../src/cli/test-kit/child.ts";
import { jobIdOf } from "../../src/store/postgres/job-id.ts";
import { until } from "../support/until.ts";
import type { Trial } from "./trial.ts";

/**
 * Stops a worker (SIGSTOP) that runs a job. What it sent to the database before may still be carried out, and what it was answered
 * may never be read: only a job that waits for the receiver's answer is sure to be in its hand.
 */
export async function stopWithJobs({ process }: Child, { answers, load, query }: Trial): Promise<void> {
  const keptBack = answers.keepBack();
  await until("the worker runs a job that waits for its answer", async () => {
    const rows = await query(
      `select job
      from posthorn.leases
      where worker = (select id from posthorn.workers where pid = ${process.pid})`,
    );
    const held = new Set(rows.map(({ job }) => jobIdOf(String(job))));
    return keptBack.some(({ id }) => held.has(id) && load.accepted.has(id));
  });
  process.kill("SIGSTOP");
  answers.goOn();
}

/** Its lease, which it can no longer extend, is over at once: the others need not wait for it. */
export async function endLease({ process }: Child, { query }: Trial): Promise<void> {
  await query(`update posthorn.workers set deadline = 0 where pid = ${process.pid}`);
}
