import type { Job } from "../../core/job.ts";
import type { JobContent } from "../../engine/job-search.ts";
import type { JobFilter } from "../../store/job-records.ts";
import type { Facade } from "../facade.ts";
import { cursorAfterJob, jobOfCursor } from "../request/cursor.ts";
import type { PageQuery } from "../schemas/queries.ts";
import { json } from "./answer.ts";
import type { JobPlace } from "./job-place.ts";
import { pageOf } from "./page.ts";
import { rfc3339OrNull } from "./rfc3339.ts";

/**
 * One page of jobs, newest first.
 * @param holds whether a job has what is looked for in it. Default: its content is not looked at.
 * @throws RequestError 422 when the cursor is invalid.
 */
export async function jobsPage(
  { jobs }: Facade,
  place: JobPlace,
  filter: JobFilter,
  { limit, cursor }: PageQuery,
  holds?: (content: JobContent) => boolean,
): Promise<Response> {
  const before = cursor === undefined ? {} : { before: jobOfCursor(cursor) };
  // one more than asked for shows whether there is a next page
  const page = { limit: limit + 1, ...before };
  const { jobs: found, searchedTo } = await (holds
    ? jobs.search(filter, page, holds)
    : jobs.page(filter, page));
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
