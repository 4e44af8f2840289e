import { ConfigurationError, JobNotFoundError } from "../../core/errors.ts";
import { isId } from "../../core/id.ts";
import { retryRefusal } from "../../engine/refusals.ts";
import type { Store } from "../../store/store.ts";
import { DELIVER_TASK } from "../../webhooks/accept/delivery-options.ts";
import { withExistingStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { type JobsFilter, storeFilter } from "./filter.ts";

export interface RetryJobsOptions extends GlobalOptions, JobsFilter<"failed" | "cancelled"> {}

/** Small enough that a running server never waits long for the lock. */
const BATCH = 500;

/** Queues one job again, or every job of one task that the filter fits. A running server takes them up by itself. */
export async function retryJobs(id: string | undefined, options: RetryJobsOptions, io: Io): Promise<void> {
  const { status, task, target, createdFrom, createdBefore } = options;
  const filtered = [status, task, target, createdFrom, createdBefore].some(
    (condition) => condition !== undefined,
  );
  if (id !== undefined && filtered) throw new ConfigurationError("give a job's id or a filter, not both");
  if (id !== undefined) return retryOne(id, options, io);
  if (!filtered) {
    throw new ConfigurationError(
      "say which jobs: an id, or a filter such as --status failed, --task <name> or --target <url>",
    );
  }
  return retryMany(options, io);
}

async function retryOne(id: string, options: GlobalOptions, io: Io): Promise<void> {
  const done = await withExistingStore(options.database, async (store) =>
    isId("job", id) ? store.retry(id, store.clock.now()) : undefined,
  );
  if (!done) throw new JobNotFoundError(id);
  const refusal = retryRefusal(done);
  if (refusal) throw refusal;
  if (options.json) printJson(io.stdout, { job_id: id, status: "queued" });
  else io.stdout.write(`${id} is queued again\n`);
}

async function retryMany(options: RetryJobsOptions, io: Io): Promise<void> {
  const stop = io.stopSignal();
  const { retried, finished } = await withExistingStore(options.database, (store) =>
    inBatches(store, options, stop),
  );
  if (options.json) printJson(io.stdout, { retried, finished });
  else io.stdout.write(`${retried} ${retried === 1 ? "job is" : "jobs are"} queued again\n`);
  if (!finished) io.stderr.write("Stopped before the end; the same command goes on from there.\n");
}

async function inBatches(store: Store, options: RetryJobsOptions, stop: AbortSignal) {
  const { tasks: [task = DELIVER_TASK] = [], ...common } = storeFilter(options);
  const filter = {
    ...common,
    task,
    status: options.status ?? "failed",
    finishedBefore: store.clock.now(),
  };
  let retried = 0;
  for (let after: string | null | undefined; after !== null && !stop.aborted; ) {
    const position = after === undefined ? {} : { after };
    const batch = await store.retryMany({ ...filter, ...position }, BATCH, store.clock.now());
    retried += batch.retried;
    after = batch.last;
    if (after === null) return { retried, finished: true };
    await new Promise(setImmediate); // lets a signal in: the store's promises alone never leave the turn
  }
  return { retried, finished: false };
}
