import type { z } from "zod";
import { type FieldProblem, InvalidInputError } from "../../../core/errors.ts";
import type { JobFilter } from "../../../store/job-records.ts";
import { laneOfUrl } from "../../../webhooks/accept/lane.ts";
import { parseTargetUrl } from "../../../webhooks/targets/target-url.ts";
import type { Caller } from "../../access/permission.ts";
import { type JobPlace, taskJobs, webhookJobs } from "../../answer/job-place.ts";
import { jobsPage } from "../../answer/jobs-list.ts";
import type { Facade } from "../../facade.ts";
import { payloadsShown } from "../../redaction/payloads-shown.ts";
import { soughtBy } from "../../redaction/sought.ts";
import { jobFilterOf } from "../../request/job-filter.ts";
import { parseQuery } from "../../request/parse.ts";
import type { Route, Services } from "../../route.ts";
import { jobsQuery, type TaskJobsFilter, taskJobsSearchQuery } from "../../schemas/queries.ts";

/** Deliveries, and retries of them by filter. */
export function jobsRoute({ posthorn }: Services): Route {
  return listRoute(webhookJobs, "List deliveries", jobsQuery, async (c, caller) => {
    const query = parseQuery(jobsQuery, c.req.url);
    const problems: FieldProblem[] = [];
    const target = query.target_url === undefined ? undefined : readTarget(query.target_url, problems);
    const { tasks } = webhookJobs;
    const own = { ...(tasks && { tasks }), ...(target && { lane: laneOfUrl(target) }) };
    const filter = await jobFilterOf(query, own, problems, caller, posthorn);
    return jobsPage(posthorn, webhookJobs, filter, query);
  });
}

/** Jobs of every task. */
export function taskJobsRoute({ posthorn, redacted }: Services): Route {
  return listRoute(taskJobs, "List jobs", taskJobsSearchQuery, async (c, caller) => {
    const { text, ...query } = parseQuery(taskJobsSearchQuery, c.req.url);
    const filter = await taskJobFilter(query, caller, posthorn);
    const sought = text === undefined ? undefined : soughtBy(text, payloadsShown(c, caller), redacted);
    return jobsPage(posthorn, taskJobs, filter, query, sought);
  });
}

function listRoute(place: JobPlace, summary: string, query: z.ZodObject, handle: Route["handle"]): Route {
  return {
    method: "GET",
    path: place.path,
    needs: "read",
    scope: "tenant",
    operation: {
      id: place.operationIds.list,
      tag: place.tag,
      summary,
      description:
        "Newest first, in pages: pass next_cursor as cursor for the next one, with the same filters, until it is null. A page may be short, or empty, before that.",
      query,
      answers: { 200: { description: "A page of jobs.", schema: place.page } },
      problems: [404, 422],
    },
    handle,
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
