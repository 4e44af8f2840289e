import { setImmediate as nextTurn } from "node:timers/promises";
import type { Job } from "../core/job.ts";
import type { JobFilter, JobRecords, Page } from "./job-records.ts";

/** Fills a page, newest first, with as many searches as that takes; the process can do other work in between. */
export async function listJobs(
  records: Pick<JobRecords, "list">,
  filter: JobFilter,
  { limit, before: first }: Page,
): Promise<Job[]> {
  const jobs: Job[] = [];
  for (let before = first; ; ) {
    const page = { limit: limit - jobs.length, ...(before !== undefined && { before }) };
    const { jobs: found, searchedTo } = await records.list(filter, page);
    jobs.push(...found);
    if (searchedTo === null) return jobs;
    before = searchedTo.id;
    await nextTurn();
  }
}
