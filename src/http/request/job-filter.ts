import { parseDuration } from "../../core/duration.ts";
import type { FieldProblem } from "../../core/errors.ts";
import { isId } from "../../core/id.ts";
import { wrongTag } from "../../core/names.ts";
import { collectProblems, instantOf } from "../../core/options.ts";
import type { JobFilter } from "../../store/job-records.ts";
import { laneOf } from "../../webhooks/registry/known-endpoint.ts";
import type { Caller } from "../access/permission.ts";
import { jobsSeen, tenantIdSeen } from "../access/reach.ts";
import type { Facade } from "../facade.ts";
import type { JobsFilter } from "../schemas/queries.ts";
import { badQuery } from "./request-error.ts";

const TIMES = [
  ["created_from", "createdFrom"],
  ["created_before", "createdBefore"],
  ["finished_from", "finishedFrom"],
  ["finished_before", "finishedBefore"],
  ["due_from", "dueFrom"],
  ["due_before", "dueBefore"],
] as const;

/**
 * What every list of jobs is asked with, in the store's form, within what the caller sees.
 * @param own what this list is asked with besides; a lane among it cannot be given with an endpoint.
 * @param problems what is wrong with that.
 * @throws RequestError 422; NotFoundError for a tenant or an endpoint that the caller does not see.
 */
export async function jobFilterOf(
  query: JobsFilter,
  own: Pick<JobFilter, "tasks" | "lane">,
  problems: readonly FieldProblem[],
  caller: Caller,
  { webhooks }: Pick<Facade, "webhooks">,
): Promise<JobFilter> {
  const { status, tenant, endpoint, event, trigger, tag, group, key, bulk, fingerprint, ids, waiting } =
    query;
  const found = [...problems];
  const moments = TIMES.flatMap(([name, field]) => {
    const text = query[name];
    const ms = text === undefined ? undefined : collectProblems(found, () => instantOf(text, [name]));
    return ms === undefined ? [] : [[field, ms] as const];
  });
  const { duration_from: duration } = query;
  const durationFromMs =
    duration === undefined
      ? undefined
      : collectProblems(found, () => parseDuration(duration, ["duration_from"]));
  if (event !== undefined && !isId("msg", event))
    found.push({ path: ["event"], detail: "must be the id of an event: msg_…" });
  if (bulk !== undefined && !isId("qtask", bulk))
    found.push({ path: ["bulk"], detail: "must be the id of a bulk run: qtask_…" });
  const tagProblem = tag === undefined ? undefined : wrongTag(tag);
  if (tagProblem !== undefined) found.push({ path: ["tag"], detail: tagProblem });
  const named = tenant ?? (endpoint === undefined ? undefined : caller.reach?.tenant);
  if (endpoint !== undefined && named === undefined)
    found.push({ path: ["tenant"], detail: "is required with endpoint" });
  if (endpoint !== undefined && own.lane !== undefined)
    found.push({ path: ["endpoint"], detail: "cannot be given with a lane or target_url" });
  if (found.length > 0)
    throw badQuery(found.map(({ path, detail }) => ({ parameter: path.join("."), detail })));

  const owner = named === undefined ? undefined : await tenantIdSeen(named, caller, webhooks.tenants);
  const lane =
    owner !== undefined && endpoint !== undefined
      ? laneOf(owner, (await webhooks.endpoints.get(owner, endpoint)).id)
      : own.lane;
  const { class: ofClass, attempts_from: attemptsFrom } = query;
  const given = {
    ...{ ...own, lane, event, trigger, tag, group, key, bulk, fingerprint, ids, waiting },
    ...{ class: ofClass, attemptsFrom, durationFromMs },
    ...(status?.length === 1 ? { status: status[0] } : { statuses: status }),
    ...Object.fromEntries(moments),
    ...jobsSeen(caller),
    ...(owner !== undefined && { tenant: owner }),
  };
  // the store's own members, of the types that the query's schema has checked
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as JobFilter;
}
