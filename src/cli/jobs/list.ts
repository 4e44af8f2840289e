import { ConfigurationError, NotFoundError } from "../../core/errors.ts";
import { isId } from "../../core/id.ts";
import type { Job, JobStatus } from "../../core/job.ts";
import { soughtIn } from "../../core/job-content.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import { StoredJobs } from "../../engine/stored-jobs.ts";
import { taskJobView } from "../../http/answer/job-view.ts";
import type { Page, JobFilter as StoreFilter } from "../../store/job-records.ts";
import type { Store } from "../../store/store.ts";
import { targetOf } from "../../webhooks/accept/delivery-options.ts";
import { laneOf } from "../../webhooks/registry/known-endpoint.ts";
import { withExistingStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { printTable, shownTime } from "../terminal/table.ts";
import { type JobsFilter, storeFilter } from "./filter.ts";

const PLAIN = [
  ...(["event", "tag", "group", "key", "bulk", "trigger", "fingerprint", "class"] as const),
  ...(["attemptsFrom", "finishedFrom", "finishedBefore", "dueFrom", "dueBefore", "waiting", "ids"] as const),
];

/** What only a list is filtered by, named as the store has it, but for these. */
interface ListFilter extends Pick<StoreFilter, (typeof PLAIN)[number]> {
  readonly status?: readonly JobStatus[];
  /** In milliseconds. */
  readonly durationFrom?: number;
  /** What their content has to hold. */
  readonly text?: string;
  /** Its id or uid. */
  readonly tenant?: string;
  readonly endpoint?: string;
}

export interface FilteredJobsOptions extends GlobalOptions, JobsFilter, ListFilter {}

export interface ListJobsOptions extends FilteredJobsOptions {
  readonly limit: number;
  /** Where the previous page ended: the id of its last job. */
  readonly cursor?: string;
}

/** Prints one page of jobs, newest first. */
export async function listJobs(options: ListJobsOptions, io: Io): Promise<void> {
  const { limit, cursor } = options;
  if (cursor !== undefined && !isId("job", cursor)) {
    throw new ConfigurationError(`--cursor ${cursor} is not a job id; give the last id of the previous page`);
  }
  const page = { limit: limit + 1, ...(cursor !== undefined && { before: cursor }) };
  const found = await withExistingStore(options.database, async (store) => {
    return findJobs(new StoredJobs(store, store.clock), await listFilter(options, store), page, options);
  });
  const jobs = found.slice(0, limit);
  const next = found.length > limit ? (jobs.at(-1)?.id ?? null) : null;

  if (options.json) {
    // it looks on until the page is full or nothing is left
    printJson(io.stdout, {
      data: jobs.map((job) => taskJobView(job)),
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

/** Looks on until the page is full or nothing is left. */
export function findJobs(
  jobs: StoredJobs,
  filter: StoreFilter,
  page: Page,
  { text }: FilteredJobsOptions,
): Promise<Job[]> {
  return text ? jobs.listHolding(filter, page, soughtIn(text)) : jobs.list(filter, page);
}

/** @throws NotFoundError for a tenant or an endpoint that is not there; ConfigurationError for an endpoint alone. */
export async function listFilter(options: FilteredJobsOptions, store: Store): Promise<StoreFilter> {
  const { status: statuses, durationFrom: durationFromMs } = options;
  return {
    ...storeFilter(options),
    ...withoutUndefined({ statuses, durationFromMs }),
    ...Object.fromEntries(
      PLAIN.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
    ),
    ...(await placeOf(options, store)),
  };
}

async function placeOf(
  { tenant: name, endpoint, target }: FilteredJobsOptions,
  { tenants, endpoints }: Store,
): Promise<Pick<StoreFilter, "tenant" | "lane">> {
  if (name === undefined && endpoint === undefined) return {};
  if (name === undefined) throw new ConfigurationError("--endpoint needs its --tenant");
  if (endpoint !== undefined && target !== undefined)
    throw new ConfigurationError("--endpoint cannot be given with --target; give one of the two");
  const tenant = await tenants.get(name);
  if (!tenant) throw new NotFoundError("tenant", name);
  if (endpoint === undefined) return { tenant: tenant.id };
  const found = await endpoints.get(tenant.id, endpoint);
  if (!found) throw new NotFoundError("endpoint", endpoint);
  return { tenant: tenant.id, lane: laneOf(tenant.id, found.id) };
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
