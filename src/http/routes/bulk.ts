import type { Context } from "hono";
import type { z } from "zod";
import { withoutUndefined } from "../../core/without-undefined.ts";
import type { BulkFilter, BulkRequest } from "../../engine/bulk/bulk-request.ts";
import type { BulkStartOptions } from "../../engine/bulk/bulk-runs.ts";
import type { PublicBulkRun } from "../../engine/bulk/bulk-view.ts";
import { byWithReach } from "../access/by.ts";
import { tenantSeen } from "../access/reach.ts";
import { requireFields } from "../access/session-gate.ts";
import { idempotencyOf, idempotencyParameter, REPLAYED, replayedHeader } from "../answer/accept.ts";
import { json } from "../answer/answer.ts";
import { bulkView, previewView } from "../answer/bulk-view.ts";
import { pageOptions, searchedView } from "../answer/listed.ts";
import { readJsonBody } from "../request/json-body.ts";
import { parseQuery } from "../request/parse.ts";
import type { Answer, Parameter, Route, Services } from "../route.ts";
import {
  type BulkAnswer,
  bulkAnswer,
  bulkBody,
  bulkPage,
  bulkPreview,
  bulkQuery,
  paceBody,
  replayBody,
} from "../schemas/bulk.ts";
import { durationGiven } from "../schemas/times.ts";
import { ENDPOINT_PATH, endpointParameters, pathEndpoint } from "./endpoints/endpoint.ts";
import { pathTenant } from "./tenants/tenant.ts";

const PATH = "/bulk";
const ONE = `${PATH}/{bulk_run}`;

const runParameter: Parameter = {
  name: "bulk_run",
  in: "path",
  description: "The bulk run's id.",
  example: "qtask_01k9zq3v7n8r2m4w6x8y0z1a3b",
};

const example: BulkAnswer = {
  id: "qtask_01k9zq3v7n8r2m4w6x8y0z1a3b",
  action: "redeliver",
  state: "waiting",
  reason: null,
  filter: {
    ...{ class: "5xx", status: ["failed"], created_from: "2026-01-31T03:00:00.000Z" },
    ...{ created_before: "2026-01-31T09:00:00.001Z", finished_before: "2026-01-31T09:00:00.001Z" },
  },
  what: null,
  tenant: null,
  pace: 50,
  matched: 0,
  done: 0,
  failed: 0,
  skipped: {},
  rate: null,
  remaining: null,
  actor: "key_01k9zq3v7n8r2m4w6x8y0z1a3b",
  note: "their outage",
  job_id: "job_01k9zq3v7n8r2m4w6x8y0z1a3b",
  starts_at: "2026-01-31T09:00:10.000Z",
  created_at: "2026-01-31T09:00:00.000Z",
  updated_at: "2026-01-31T09:00:00.000Z",
  ended_at: null,
};

const THE_RUN: Answer = { description: "The bulk run.", schema: bulkAnswer, example };
const STARTED = {
  200: { description: "With dry_run: what it would do.", schema: bulkPreview },
  202: {
    ...THE_RUN,
    headers: { Location: "The path of the bulk run.", "Idempotent-Replayed": REPLAYED },
  },
};

export const bulkRoutes = [
  startRoute,
  listRoute,
  getRoute,
  paceRoute,
  moveRoute("stop", "Stop a bulk run", "It queues nothing more; jobs that it has queued still run."),
  moveRoute("resume", "Resume a bulk run", "Continues a run that was stopped, or that paused by itself."),
  moveRoute(
    "take-back",
    "Take back a bulk run",
    "A run that has not started is undone entirely. Otherwise, jobs that it queued and that have not started are cancelled; what was sent stays sent.",
  ),
  replayRoute,
];

function startRoute(services: Services): Route {
  return {
    method: "POST",
    path: PATH,
    needs: "manage",
    scope: "tenant",
    operation: {
      id: "startBulkRun",
      tag: "Bulk runs",
      summary: "Start a bulk run",
      description:
        "Applies one action to all jobs that match a filter: redeliver, rerun, run now, cancel or replay; or erases the payloads of a tenant's events. The selection is fixed when the run is created: times become absolute, and later jobs are not included. The run starts after `starts_in`, keeps to its `pace`, and survives restarts.",
      parameters: [idempotencyParameter],
      body: {
        schema: bulkBody,
        examples: {
          "what failed for hours": { action: "redeliver", filter: { class: "5xx", created_from: "6h" } },
        },
      },
      answers: STARTED,
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, services.bodies, bulkBody);
      const { action, filter, what, ...how } = request.body;
      const named = filter.tenant ?? caller.reach?.tenant;
      const tenant =
        named === undefined ? undefined : await tenantSeen(named, caller, services.posthorn.webhooks.tenants);
      const asked = {
        action,
        filter: { ...filterOf(filter), ...withoutUndefined({ tenant }) },
        ...withoutUndefined({ what }),
        ...howOf(how),
      };
      const idempotency = idempotencyOf(c, caller, PATH, request.bytes);
      return answerStarted(asked, how.dry_run === true, { ...byWithReach(c, caller), idempotency }, services);
    },
  };
}

function replayRoute(services: Services): Route {
  const path = `${ENDPOINT_PATH}/replay`;
  return {
    method: "POST",
    path,
    needs: "manage",
    scope: "tenant",
    portal: "replay",
    operation: {
      id: "replayToEndpoint",
      tag: "Tenants",
      summary: "Replay events to an endpoint",
      description:
        "Sends deliveries that failed since a given time, events that the endpoint never got (including those from before it was created, enabled or set to more types), or everything. Each keeps its webhook-id. 409 while an earlier replay of `missing` or `all` is under way.",
      parameters: [...endpointParameters, idempotencyParameter],
      body: { schema: replayBody, examples: { "what it never got": { since: "48h", what: "missing" } } },
      answers: STARTED,
      problems: [400, 404, 409, 413, 415, 422, 429],
    },
    async handle(c, caller) {
      const request = await readJsonBody(c, services.bodies, replayBody);
      requireFields(caller, request.body);
      const { since, until, what = "failed", ...how } = request.body;
      const tenant = await pathTenant(c, caller, services);
      const filter = {
        ...{ tenant, endpoint: pathEndpoint(c), createdFrom: since },
        ...withoutUndefined({ createdBefore: until, type: caller.eventTypes && [...caller.eventTypes] }),
      };
      const asked = { action: "replay", filter, what, ...howOf(how) } as const;
      const idempotency = idempotencyOf(c, caller, c.req.path, request.bytes);
      return answerStarted(asked, how.dry_run === true, { ...byWithReach(c, caller), idempotency }, services);
    },
  };
}

function listRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: PATH,
    needs: "read",
    scope: "tenant",
    operation: {
      id: "listBulkRuns",
      tag: "Bulk runs",
      summary: "List bulk runs",
      query: bulkQuery,
      answers: { 200: { description: "A page of bulk runs.", schema: bulkPage } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const { limit, cursor, ...filter } = parseQuery(bulkQuery, c.req.url);
      const page = pageOptions({ limit, cursor });
      const runs = await posthorn.bulk.list({ ...filter, ...page }, caller.reach);
      return json(200, searchedView(runs, bulkView));
    },
  };
}

function getRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: ONE,
    needs: "read",
    scope: "tenant",
    operation: {
      id: "getBulkRun",
      tag: "Bulk runs",
      summary: "Get a bulk run",
      parameters: [runParameter],
      answers: { 200: THE_RUN },
      problems: [404],
    },
    handle: async (c, caller) => answerRun(posthorn.bulk.get(runOf(c), caller.reach)),
  };
}

function paceRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "PATCH",
    path: ONE,
    needs: "manage",
    scope: "tenant",
    operation: {
      id: "changeBulkRun",
      tag: "Bulk runs",
      summary: "Change a bulk run's pace",
      parameters: [runParameter],
      body: { schema: paceBody, examples: { slower: { pace: 5 } } },
      answers: { 200: THE_RUN },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      const { body } = await readJsonBody(c, bodies, paceBody);
      return answerRun(posthorn.bulk.setPace(runOf(c), body.pace, byWithReach(c, caller)));
    },
  };
}

function moveRoute(verb: "stop" | "resume" | "take-back", summary: string, description: string) {
  return ({ posthorn: { bulk }, bodies }: Services): Route => ({
    method: "POST",
    path: `${ONE}/${verb}`,
    needs: "manage",
    scope: "tenant",
    operation: {
      id: { stop: "stopBulkRun", resume: "resumeBulkRun", "take-back": "takeBulkRunBack" }[verb],
      tag: "Bulk runs",
      summary,
      description: `${description} 409 if its state does not allow it.`,
      parameters: [runParameter],
      answers: { 200: THE_RUN },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const given = [runOf(c), byWithReach(c, caller)] as const;
      if (verb === "stop") return answerRun(bulk.stop(...given));
      return answerRun(verb === "resume" ? bulk.resume(...given) : bulk.takeBack(...given));
    },
  });
}

async function answerStarted(
  asked: BulkRequest,
  isDry: boolean,
  options: BulkStartOptions,
  { posthorn }: Services,
): Promise<Response> {
  if (isDry) return json(200, previewView(await posthorn.bulk.preview(asked, options)));
  const { run, replayed } = await posthorn.bulk.start(asked, options);
  return json(202, bulkView(run), { location: `${PATH}/${run.id}`, ...replayedHeader(replayed) });
}

async function answerRun(run: Promise<PublicBulkRun>): Promise<Response> {
  return json(200, bulkView(await run));
}

type How = Pick<z.infer<typeof replayBody>, "pace" | "starts_in" | "note">;

function howOf({ pace, starts_in, note }: How): Pick<BulkRequest, "pace" | "startsIn" | "note"> {
  const startsIn = starts_in === undefined ? undefined : durationGiven(starts_in);
  return withoutUndefined({ pace, startsIn, note });
}

/** The same conditions by the library's names. */
function filterOf(filter: z.infer<typeof bulkBody>["filter"]): BulkFilter {
  const named = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), value]],
  );
  return Object.fromEntries(named) as BulkFilter; // the schema has the same members
}

function runOf(c: Context): string {
  return c.req.param("bulk_run") ?? "";
}
