import { ConfigurationError } from "../../core/errors.ts";
import { isId } from "../../core/id.ts";
import type { Job } from "../../core/job.ts";
import { taskJobView } from "../../http/answer/job-view.ts";
import { targetOf } from "../../webhooks/accept/delivery-options.ts";
import { withJobs } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { printTable, shownTime } from "../terminal/table.ts";
import { type JobsFilter, storeFilter } from "./filter.ts";

export interface ListJobsOptions extends GlobalOptions, JobsFilter {
  readonly limit: number;
  /** Where the previous page ended: the id of its last job. */
  readonly cursor?: string;
}

/** Prints one page of jobs, newest first. */
export async function listJobs(options: ListJobsOptions, io: Io): Promise<void> {
  const { status, limit, cursor } = options;
  if (cursor !== undefined && !isId("job", cursor)) {
    throw new ConfigurationError(`--cursor ${cursor} is not a job id; give the last id of the previous page`);
  }
  const filter = { ...storeFilter(options), ...(status !== undefined && { status }) };
  const page = { limit: limit + 1, ...(cursor !== undefined && { before: cursor }) };
  const found = await withJobs(options.database, (jobs) => jobs.list(filter, page));
  const jobs = found.slice(0, limit);
  const next = found.length > limit ? (jobs.at(-1)?.id ?? null) : null;

  if (options.json) {
    // it looks on until the page is full or nothing is left
    printJson(io.stdout, {
      data: jobs.map(taskJobView),
      next_cursor: next,
      searched_to: null,
      complete: true,
    });
    return;
  }
  printTable(
    io.stdout,
    ["JOB", "TASK", "STATUS", "ATTEMPTS", "CREATED", "TARGET OR KEY", "ERROR"],
    jobs.map(row),
  );
  if (next) io.stderr.write(`More: add --cursor ${next}\n`);
}

function row(job: Job): string[] {
  return [
    job.id,
    job.task,
    job.status,
    `${job.attempts}/${job.maxAttempts}`,
    shownTime(job.createdAt),
    targetOf(job) ?? job.ties?.key ?? "",
    job.error ?? "",
  ];
}
