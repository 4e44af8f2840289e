import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import type { JobFilter, Page } from "../../store/store.ts";
import { DELIVER_TASK } from "../../webhooks/delivery-options.ts";
import { readInstant } from "../../webhooks/instant.ts";
import { laneOf } from "../../webhooks/lane.ts";
import { RETRY_TASK } from "../../webhooks/retry-options.ts";
import { parseTargetUrl } from "../../webhooks/targets/target-url.ts";
import { json } from "../answer.ts";
import { cursorAfterJob, jobOfCursor } from "../cursor.ts";
import { jobView } from "../job-view.ts";
import { parseQuery } from "../parse.ts";
import { badQuery } from "../request-error.ts";
import type { Route, Services } from "../route.ts";
import { jobPage } from "../schemas/job.ts";
import { type JobsQuery, jobsQuery } from "../schemas/queries.ts";

const TASKS = [DELIVER_TASK, RETRY_TASK];

export function jobsRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/webhooks/jobs",
    needs: "read",
    operation: {
      id: "listJobs",
      tag: "Jobs",
      summary: "List jobs",
      description: "Newest first, by pages: hand next_cursor back as cursor, with the same filters.",
      query: jobsQuery,
      answers: { 200: { description: "A page of jobs.", schema: jobPage } },
      problems: [422],
    },
    async handle(c) {
      const query = parseQuery(jobsQuery, c.req.url);
      // One more than asked for tells whether there is a next page.
      const jobs = await posthorn.jobs.list(filterOf(query), pageOf(query));
      const data = jobs.slice(0, query.limit);
      const last = jobs.length > query.limit ? data.at(-1) : undefined;
      return json(200, { data: data.map(jobView), next_cursor: last ? cursorAfterJob(last.id) : null });
    },
  };
}

function pageOf({ limit, cursor }: JobsQuery): Page {
  return { limit: limit + 1, ...(cursor === undefined ? {} : { before: jobOfCursor(cursor) }) };
}

function filterOf({ status, target_url, created_from, created_before }: JobsQuery): JobFilter {
  const problems: FieldProblem[] = [];
  const moment = (text: string | undefined, name: string) =>
    text === undefined ? undefined : readInstant(text, [name], problems);
  const createdFrom = moment(created_from, "created_from");
  const createdBefore = moment(created_before, "created_before");
  const target = target_url === undefined ? undefined : readTarget(target_url, problems);
  if (problems.length > 0) {
    throw badQuery(problems.map(({ path, detail }) => ({ parameter: path.join("."), detail })));
  }
  return {
    tasks: TASKS,
    ...(status === undefined ? {} : { status }),
    ...(target === undefined ? {} : { lane: laneOf(target) }),
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdBefore === undefined ? {} : { createdBefore }),
  };
}

/** Spelled as the lanes are, whose names are made from checked targets. */
function readTarget(text: string, problems: FieldProblem[]): URL | undefined {
  try {
    return parseTargetUrl(text);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    problems.push(...error.problems.map(({ detail }) => ({ path: ["target_url"], detail })));
    return undefined;
  }
}
