import { openPosthorn } from "../src/posthorn.ts";
import { listJobs } from "../src/store/list-jobs.ts";
import { storeOf } from "../src/store/store-of.ts";

const PAGE = 10_000;

/** How many jobs a stopped Posthorn's own records say are still to run. */
export async function countUnfinished(database: string): Promise<number> {
  // under the key of the run (run.ts), which opens what the measured processes sealed
  const posthorn = await openPosthorn({ database, worker: false });
  try {
    let count = 0;
    for (const status of ["queued", "running"] as const) {
      for (let before: string | undefined; ; ) {
        const page = { limit: PAGE, ...(before !== undefined && { before }) };
        const jobs = await listJobs(storeOf(posthorn).records, { status }, page);
        count += jobs.length;
        before = jobs.at(-1)?.id;
        if (jobs.length < PAGE) break;
      }
    }
    return count;
  } finally {
    await posthorn.close();
  }
}
