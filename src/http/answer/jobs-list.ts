import type { FieldProblem } from "../../core/errors.ts";
import type { Job } from "../../core/job.ts";
import { collectProblems, instantOf } from "../../core/options.ts";
import type { JobFilter } from "../../store/job-records.ts";
import type { Facade } from "../facade.ts";
import { cursorAfterJob, jobOfCursor } from "../request/cursor.ts";
import { badQuery } from "../request/request-error.ts";
import type { JobsSpan, PageQuery } from "../schemas/queries.ts";
import { json } from "./answer.ts";
import type { JobPlace } from "./job-place.ts";
import { pageOf } from "./page.ts";
import { rfc3339OrNull } from "./rfc3339.ts";

/** The part of a filter that every list of jobs has, in the store's form. Adds what is wrong with it to `problems`. */
export function spanOf(
  { status, created_from, created_before, bulk }: JobsSpan,
  problems: FieldProblem[],
): JobFilter {
  const moment = (text: string | undefined, name: string) =>
    text === undefined ? undefined : collectProblems(problems, () => instantOf(text, [name]));
  const createdFrom = moment(created_from, "created_from");
  const createdBefore = moment(created_before, "created_before");
  return {
    ...(status === undefined ? {} : { status }),
    ...(bulk === undefined ? {} : { bulk }),
    ...(createdFrom === undefined ? {} : { createdFrom }),
    ...(createdBefore === undefined ? {} : { createdBefore }),
  };
}

/** @throws RequestError 422 when there are problems. */
export function refuseParameters(problems: readonly FieldProblem[]): void {
  if (problems.length === 0) return;
  throw badQuery(problems.map(({ path, detail }) => ({ parameter: path.join("."), detail })));
}

/**
 * One page of jobs, newest first.
 * @throws RequestError 422 when the cursor is invalid.
 */
export async function jobsPage(
  { jobs }: Facade,
  place: JobPlace,
  filter: JobFilter,
  { limit, cursor }: PageQuery,
): Promise<Response> {
  const before = cursor === undefined ? {} : { before: jobOfCursor(cursor) };
  // one more than asked for shows whether there is a next page
  const { jobs: found, searchedTo } = await jobs.page(filter, { limit: limit + 1, ...before });
  const data = pageOf(found, limit, lengthOf);
  const last = found.length > data.length ? data.at(-1) : searchedTo;
  return json(200, {
    data: data.map(place.view),
    next_cursor: last ? cursorAfterJob(last.id) : null,
    searched_to: rfc3339OrNull(searchedTo?.createdAt ?? null),
    complete: searchedTo === null,
  });
}

/** Of its parts that can be long. */
function lengthOf({ result, error, options }: Job): number {
  return (result?.length ?? 0) + (error?.length ?? 0) + options.length;
}
