import { JobNotFoundError } from "../../core/errors.ts";
import { isId } from "../../core/id.ts";
import { cancelRefusal } from "../../engine/refusals.ts";
import { withExistingStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";

/** Ends a queued or running job. Whatever a running handler still does is not recorded. */
export async function cancelJob(id: string, options: GlobalOptions, io: Io): Promise<void> {
  const done = await withExistingStore(options.database, async (store) =>
    isId("job", id) ? store.byHand.cancel(id, store.clock.now()) : undefined,
  );
  if (!done) throw new JobNotFoundError(id);
  const refusal = cancelRefusal(done);
  if (refusal) throw refusal;
  if (options.json) printJson(io.stdout, { job_id: id, status: "cancelled" });
  else io.stdout.write(`${id} is cancelled\n`);
}
