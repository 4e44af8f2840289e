import { BY_COMMAND_LINE } from "../../core/actor.ts";
import { withJobs } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";

/** Ends a queued or running job. Whatever a running handler still does is not recorded. */
export async function cancelJob(id: string, options: GlobalOptions, io: Io): Promise<void> {
  await withJobs(options.database, (jobs) => jobs.cancel(id, { actor: BY_COMMAND_LINE }));
  if (options.json) printJson(io.stdout, { job_id: id, status: "cancelled" });
  else io.stdout.write(`${id} is cancelled\n`);
}
