import { ConfigurationError, JobNotFoundError } from "../../core/errors.ts";
import { isId } from "../../core/id.ts";
import { rerunRefusal } from "../../engine/refusals.ts";
import { rerunOrRunNow } from "../../engine/rerun.ts";
import type { Store } from "../../store/store.ts";
import { DELIVER_TASK } from "../../webhooks/accept/delivery-options.ts";
import { withExistingStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { type JobsFilter, storeFilter } from "./filter.ts";

/** What the JSON output calls the number: `retried` under the command's old name. */
export type CountedAs = "rerun" | "retried";

export interface RerunJobsOptions extends GlobalOptions, JobsFilter<"failed" | "cancelled"> {}

/** Small enough that a running server never waits long for the lock. */
const BATCH = 500;

/** Queues one job again, makes it due now if it waits, or queues every job of one task that matches the filter. A running server picks them up by itself. */
export async function rerunJobs(
  id: string | undefined,
  options: RerunJobsOptions,
  io: Io,
  countedAs: CountedAs,
): Promise<void> {
  const { status, task, target, createdFrom, createdBefore } = options;
  const filtered = [status, task, target, createdFrom, createdBefore].some(
    (condition) => condition !== undefined,
  );
  if (id !== undefined && filtered) throw new ConfigurationError("give a job's id or a filter, not both");
  if (id !== undefined) return rerunOne(id, options, io, countedAs);
  if (!filtered) {
    throw new ConfigurationError(
      "say which jobs: an id, or a filter such as --status failed, --task <name> or --target <url>",
    );
  }
  return rerunMany(options, io, countedAs);
}

async function rerunOne(id: string, options: GlobalOptions, io: Io, countedAs: CountedAs): Promise<void> {
  const done = await withExistingStore(options.database, async (store) =>
    isId("job", id) ? queueOf(store, countedAs)(id, store.clock.now()) : undefined,
  );
  if (!done) throw new JobNotFoundError(id);
  const refusal = rerunRefusal(done);
  if (refusal) throw refusal;
  if (options.json) printJson(io.stdout, { job_id: id, status: "queued" });
  else io.stdout.write(`${id} is queued again\n`);
}

/** The old name takes failed and cancelled jobs only, as it did. */
function queueOf({ byHand }: Store, countedAs: CountedAs): Store["byHand"]["rerun"] {
  return (id, now) => (countedAs === "retried" ? byHand.rerun(id, now) : rerunOrRunNow(byHand, id, now));
}

async function rerunMany(options: RerunJobsOptions, io: Io, countedAs: CountedAs): Promise<void> {
  const stop = io.stopSignal();
  const { rerun, finished } = await withExistingStore(options.database, (store) =>
    inBatches(store, options, stop),
  );
  if (options.json) printJson(io.stdout, { [countedAs]: rerun, finished });
  else io.stdout.write(`${rerun} ${rerun === 1 ? "job is" : "jobs are"} queued again\n`);
  if (!finished) io.stderr.write("Stopped before the end; the same command continues from there.\n");
}

async function inBatches(store: Store, options: RerunJobsOptions, stop: AbortSignal) {
  const { tasks: [task = DELIVER_TASK] = [], ...common } = storeFilter(options);
  const filter = {
    ...common,
    task,
    status: options.status ?? "failed",
    finishedBefore: store.clock.now(),
  };
  let rerun = 0;
  for (let after: string | null | undefined; after !== null && !stop.aborted; ) {
    const position = after === undefined ? {} : { after };
    const batch = await store.byHand.rerunMany({ ...filter, ...position }, BATCH, store.clock.now());
    rerun += batch.rerun;
    after = batch.last;
    if (after === null) return { rerun, finished: true };
    await new Promise(setImmediate); // lets a signal in: the store's promises alone never yield to the event loop
  }
  return { rerun, finished: false };
}
