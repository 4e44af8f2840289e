import type { Outcome } from "../../src/core/outcome.ts";
import type { Task } from "../../src/engine/task.ts";
import { newJob } from "../../src/engine/test-kit/engine-under-test.ts";
import type { LeasedJob, NewJob } from "../../src/store/queue.ts";

/** A job of the task "test" that is due now, except for what `fields` says. */
export function testJob(now: number, fields: Partial<NewJob> = {}): NewJob {
  return newJob(now, { task: "test", ...fields });
}

/** The task "test", which does what it is told. */
export function testTask(run: (job: LeasedJob) => Outcome | Promise<Outcome>): Task {
  return {
    name: "test",
    retryPolicy: () => ({ delaysMs: [1_000], jitter: 0 }),
    timeoutMs: () => 3_600_000,
    run: async (job) => run(job),
  };
}
