import { BY_COMMAND_LINE } from "../../core/actor.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { Audit } from "../../engine/audit/audit.ts";
import { rerunInBatches } from "../../engine/rerun.ts";
import { DELIVER_TASK } from "../../webhooks/accept/delivery-options.ts";
import { withExistingStore, withJobs } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { type JobsFilter, storeFilter } from "./filter.ts";

/** What the JSON output calls the number: `retried` under the command's old name. */
export type CountedAs = "rerun" | "retried";

const BY = { actor: BY_COMMAND_LINE };

export interface RerunJobsOptions extends GlobalOptions, JobsFilter {
  readonly status?: "failed" | "cancelled";
}

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

/** The old name takes failed and cancelled jobs only, as it did. */
async function rerunOne(id: string, options: RerunJobsOptions, io: Io, countedAs: CountedAs): Promise<void> {
  await withJobs(options.database, (jobs) =>
    countedAs === "retried" ? jobs.retry(id, BY) : jobs.rerun(id, BY),
  );
  if (options.json) printJson(io.stdout, { job_id: id, status: "queued" });
  else io.stdout.write(`${id} is queued again\n`);
}

async function rerunMany(options: RerunJobsOptions, io: Io, countedAs: CountedAs): Promise<void> {
  const stop = io.stopSignal();
  const { tasks: [task = DELIVER_TASK] = [], ...common } = storeFilter(options);
  const { count, finished } = await withExistingStore(options.database, async ({ byHand, clock, audit }) => {
    const status = options.status ?? "failed";
    const change = { filter: [null, { ...common, task, status }] } as const;
    await new Audit({ shelf: audit, clock }).note(BY, { action: "job.rerun", target: task, change });
    return rerunInBatches(byHand, { ...common, task, status, finishedBefore: clock.now() }, clock, stop);
  });
  if (options.json) printJson(io.stdout, { [countedAs]: count, finished });
  else io.stdout.write(`${count} ${count === 1 ? "job is" : "jobs are"} queued again\n`);
  if (!finished) io.stderr.write("Stopped before the end; the same command continues from there.\n");
}
