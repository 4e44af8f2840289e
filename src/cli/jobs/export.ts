import { BY_COMMAND_LINE } from "../../core/actor.ts";
import { Audit } from "../../engine/audit/audit.ts";
import { AuditTrail } from "../../engine/audit/audit-trail.ts";
import { StoredJobs } from "../../engine/stored-jobs.ts";
import { taskJobView } from "../../http/answer/job-view.ts";
import { withExistingStore } from "../database.ts";
import { type Io, written } from "../terminal/io.ts";
import { type FilteredJobsOptions, findJobs, listFilter } from "./list.ts";

const AT_ONCE = 200;

/** Writes a line of JSON for each job, newest first, no faster than they are read. */
export async function exportJobs(options: FilteredJobsOptions, io: Io): Promise<void> {
  await withExistingStore(options.database, async (store) => {
    const { clock } = store;
    const filter = await listFilter(options, store);
    const audit = new AuditTrail(store.audit, new Audit({ shelf: store.audit, clock }));
    await audit.exported(
      { filter: { ...filter, ...(options.text && { text: options.text }) }, tenantId: filter.tenant ?? null },
      { actor: BY_COMMAND_LINE },
    );
    const jobs = new StoredJobs(store, clock);
    let before: string | undefined;
    for (;;) {
      const page = await findJobs(
        jobs,
        filter,
        { limit: AT_ONCE, ...(before !== undefined && { before }) },
        options,
      );
      const lines = page.map((job) => `${JSON.stringify(taskJobView(job))}\n`);
      if (lines.length > 0) await written(io.stdout, lines.join(""));
      before = page.at(-1)?.id;
      if (page.length < AT_ONCE) return;
    }
  });
}
