import { DAY_MS } from "../../core/duration.ts";
import { laneOf } from "../../webhooks/registry/known-endpoint.ts";
import { json } from "../answer/answer.ts";
import { ENDPOINT_PATH } from "./endpoint-path.ts";
import { SvixError } from "./errors.ts";
import { momentOf } from "./lists.ts";
import type { SvixOperation, SvixRequest } from "./operation.ts";

const LONGEST_MS = 28 * DAY_MS;
const LEEWAY_MS = 300_000;
/** How many waiting deliveries are counted. */
const MOST_WAITING = 1_000;

/** Numbers of attempts. */
export const endpointStatsOperations: readonly SvixOperation[] = [
  {
    id: "v1.endpoint.get-stats",
    method: "GET",
    path: `${ENDPOINT_PATH}/stats`,
    scope: "application",
    needs: "read",
    async handle(request) {
      const counts = await countsOf(request);
      return json(200, { ...counts, pending: 0, sending: await sendingOf(request) });
    },
  },
  {
    id: "v1.endpoint.get-attempt-stats",
    method: "GET",
    path: `${ENDPOINT_PATH}/attempt-stats`,
    scope: "application",
    needs: "read",
    handle: async (request) => json(200, await countsOf(request)),
  },
];

async function countsOf(request: SvixRequest) {
  const { now } = request;
  const until = momentOf(request, "until") ?? now;
  const since = momentOf(request, "since") ?? until - LONGEST_MS;
  if (until > now + LEEWAY_MS || since > until || until - since > LONGEST_MS + LEEWAY_MS)
    throw new SvixError(400, "invalid_range", "since and until must span at most 28 days, and not lie ahead");
  const { tenantId, id } = await request.endpoint();
  const span = { since: new Date(since), until: new Date(until) };
  const { succeeded, failed } = await request.webhooks.attempts.count(tenantId, id, span);
  return { success: succeeded, fail: failed, canceled: 0 };
}

async function sendingOf(request: SvixRequest): Promise<number> {
  const { tenantId, id } = await request.endpoint();
  const { jobs } = request.services.posthorn;
  const lane = laneOf(tenantId, id);
  const pages = await Promise.all(
    (["queued", "running"] as const).map((status) => jobs.page({ lane, status }, { limit: MOST_WAITING })),
  );
  return pages.reduce((sum, page) => sum + page.jobs.length, 0);
}
