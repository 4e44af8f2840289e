import { AsyncLocalStorage } from "node:async_hooks";
import type { TaskJob } from "./task-definition.ts";

const running = new AsyncLocalStorage<TaskJob>();

/** From Node 24 on it costs a handler 1 µs (measured); before, it made every promise of the process three times as slow. */
const IS_CHEAP = Number.parseInt(process.versions.node, 10) >= 24;

/** Calls a handler so that its code, in timers and promises that outlive it too, is known to be the job's. */
export function runFor<Returned>(job: TaskJob | undefined, run: () => Returned): Returned {
  return job && IS_CHEAP ? running.run(job, run) : run();
}

/** Whose code is running, as far as that is known, to find the owner of an uncaught error. */
export function runningJob(): TaskJob | undefined {
  return running.getStore();
}
