import { type FieldProblem, InvalidInputError } from "../../../core/errors.ts";
import type { JobFilter } from "../../../store/job-records.ts";
import { laneOf } from "../../../webhooks/accept/lane.ts";
import { parseTargetUrl } from "../../../webhooks/targets/target-url.ts";
import type { Caller } from "../../access/permission.ts";
import { taskJobs, webhookJobs } from "../../answer/job-place.ts";
import { jobsPage } from "../../answer/jobs-list.ts";
import type { Facade } from "../../facade.ts";
import { payloadsShown } from "../../redaction/payloads-shown.ts";
import { soughtBy } from "../../redaction/sought.ts";
import { jobFilterOf } from "../../request/job-filter.ts";
import { parseQuery } from "../../request/parse.ts";
import type { Route, Services } from "../../route.ts";
import { jobsQuery, type TaskJobsFilter, taskJobsSearchQuery } from "../../schemas/queries.ts";

const DESCRIPTION =
  "Newest first, in pages: pass next_cursor as cursor for the next one, with the same filters, until it is null. A page may be short, or empty, before that.";

/** Deliveries, and retries of them by filter. */
export function jobsRoute({ posthorn }: Services): Route {
  const { path, tag, operationIds, page, tasks } = webhookJobs;
  return {
    method: "GET",
    path,
    needs: "read",
    scope: "tenant",
    operation: {
      id: operationIds.list,
      tag,
      summary: "List deliveries",
      description: DESCRIPTION,
      query: jobsQuery,
      answers: { 200: { description: "A page of jobs.", schema: page } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const query = parseQuery(jobsQuery, c.req.url);
      const problems: FieldProblem[] = [];
      const target = query.target_url === undefined ? undefined : readTarget(query.target_url, problems);
      const own = { ...(tasks && { tasks }), ...(target && { lane: laneOf(target) }) };
      const filter = await jobFilterOf(query, own, problems, caller, posthorn);
      return jobsPage(posthorn, webhookJobs, filter, query);
    },
  };
}

/** Jobs of every task. */
export function taskJobsRoute({ posthorn, redacted }: Services): Route {
  const { path, tag, operationIds, page } = taskJobs;
  return {
    method: "GET",
    path,
    needs: "read",
    scope: "tenant",
    operation: {
      id: operationIds.list,
      tag,
      summary: "List jobs",
      description: DESCRIPTION,
      query: taskJobsSearchQuery,
      answers: { 200: { description: "A page of jobs.", schema: page } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const { text, ...query } = parseQuery(taskJobsSearchQuery, c.req.url);
      const filter = await taskJobFilter(query, caller, posthorn);
      const sought = text === undefined ? undefined : soughtBy(text, payloadsShown(c, caller), redacted);
      return jobsPage(posthorn, taskJobs, filter, query, sought);
    },
  };
}

/** See `jobFilterOf`. */
export function taskJobFilter(
  { task, lane, ...query }: TaskJobsFilter,
  caller: Caller,
  posthorn: Facade,
): Promise<JobFilter> {
  const own = { ...(task !== undefined && { tasks: [task] }), ...(lane !== undefined && { lane }) };
  return jobFilterOf(query, own, [], caller, posthorn);
}

/** Written the way lanes are, whose names are made from checked targets. */
function readTarget(text: string, problems: FieldProblem[]): URL | undefined {
  try {
    return parseTargetUrl(text);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    problems.push(...error.problems.map(({ detail }) => ({ path: ["target_url"], detail })));
    return undefined;
  }
}
