import type { Job } from "../../core/job.ts";
import type { Holds, Sought } from "../../core/job-content.ts";
import type { JobFilter } from "../../store/job-records.ts";
import { isLaneOfEndpoint, keyOfLane } from "../../webhooks/registry/known-endpoint.ts";
import type { Facade } from "../facade.ts";
import { cursorAfterJob, jobOfCursor } from "../request/cursor.ts";
import type { PageQuery } from "../schemas/queries.ts";
import { json } from "./answer.ts";
import type { JobPlace } from "./job-place.ts";
import { pageOf } from "./page.ts";
import { rfc3339OrNull } from "./rfc3339.ts";

/**
 * One page of jobs, newest first.
 * @param sought what their content has to hold. Default: it is not looked at.
 * @throws RequestError 422 when the cursor is invalid.
 */
export async function jobsPage(
  { jobs, webhooks }: Facade,
  place: JobPlace,
  filter: JobFilter,
  { limit, cursor }: PageQuery,
  sought?: Sought | Holds,
): Promise<Response> {
  const before = cursor === undefined ? {} : { before: jobOfCursor(cursor) };
  // one more than asked for shows whether there is a next page
  const page = { limit: limit + 1, ...before };
  const sifted = sought && (await jobs.search(filter, page, sought));
  const { jobs: found, searchedTo } = sifted ?? (await jobs.page(filter, page));
  const data = pageOf(found, limit, lengthOf);
  const last = found.length > data.length ? data.at(-1) : searchedTo;
  const probes = await probesOf(data, webhooks.endpoints);
  return json(200, {
    data: data.map((job) => place.view(job, probes.get(job.lane))),
    next_cursor: last ? cursorAfterJob(last.id) : null,
    searched_to: rfc3339OrNull(searchedTo?.createdAt ?? null),
    complete: searchedTo === null,
    // up to where the next page continues
    ...(sifted && {
      searched: found.length > data.length ? sifted.places[data.length - 1] : sifted.lookedAt,
    }),
  });
}

/** By the lane of its endpoint, when a job is tried again that a breaker holds. */
async function probesOf(
  jobs: readonly Job[],
  endpoints: Pick<Facade["webhooks"]["endpoints"], "nextProbes">,
): Promise<ReadonlyMap<string, Date>> {
  const held = jobs.filter(({ heldBy, lane }) => heldBy === "breaker" && isLaneOfEndpoint(lane));
  const lanes = [...new Set(held.map(({ lane }) => lane))];
  if (lanes.length === 0) return new Map();
  const probes = await endpoints.nextProbes(lanes.map(keyOfLane));
  return new Map(
    lanes.flatMap((lane) => {
      const at = probes.get(keyOfLane(lane).id);
      return at ? [[lane, at] as const] : [];
    }),
  );
}

/** Of its parts that can be long. */
function lengthOf({ result, error, options }: Job): number {
  return (result?.length ?? 0) + (error?.length ?? 0) + options.length;
}
