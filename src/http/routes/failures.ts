import type { Context } from "hono";
import { withoutUndefined } from "../../core/without-undefined.ts";
import type { FailureGroup } from "../../engine/failures/failures.ts";
import { byWithReach } from "../access/by.ts";
import { tenantIdSeen } from "../access/reach.ts";
import { json } from "../answer/answer.ts";
import { listedView, pageOptions } from "../answer/listed.ts";
import { rfc3339 } from "../answer/rfc3339.ts";
import { payloadsShown } from "../redaction/payloads-shown.ts";
import { errorHolds } from "../redaction/sought.ts";
import { readJsonBody } from "../request/json-body.ts";
import { momentGiven } from "../request/moment.ts";
import { parseQuery } from "../request/parse.ts";
import type { Answer, Parameter, Route, Services } from "../route.ts";
import {
  type FailureAnswer,
  failureAnswer,
  failureChanges,
  failurePage,
  failureQuery,
} from "../schemas/failure.ts";

const PATH = "/failures";
const ONE = `${PATH}/{fingerprint}`;

const parameter: Parameter = {
  name: "fingerprint",
  in: "path",
  description: "The group's fingerprint.",
  example: "9f86d081884c7d65",
};

const example: FailureAnswer = {
  fingerprint: "9f86d081884c7d65",
  rest: false,
  task: "send-receipt",
  lane: "send-receipt",
  tenant: null,
  class: "error",
  sample: "connect ECONNREFUSED 192.0.2.7:25",
  sample_job: "job_01k9zq3v7n8r2m4w6x8y0z1a3b",
  first_at: "2026-01-31T09:00:00.000Z",
  last_at: "2026-01-31T09:12:00.000Z",
  n: 412,
  hourly: [...new Array<number>(23).fill(0), 412],
  state: "open",
  note: null,
};

const THE_GROUP: Answer = { description: "The group.", schema: failureAnswer, example };

export const failureRoutes = [listRoute, getRoute, changeRoute];

function listRoute({ posthorn, redacted }: Services): Route {
  return {
    method: "GET",
    path: PATH,
    needs: "read",
    scope: "tenant",
    operation: {
      id: "listFailures",
      tag: "Failures",
      summary: "List groups of similar failures",
      description:
        "Failed attempts of one task and lane form a group if their errors differ only in numbers, ids, times and quoted text. The group with the latest failure comes first. A failure is counted about a second after it happened.",
      query: failureQuery,
      answers: {
        200: {
          description: "A page of groups.",
          schema: failurePage,
          example: { data: [example], next_cursor: null, prev_cursor: null },
        },
      },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const query = parseQuery(failureQuery, c.req.url);
      const { tenant: named, since, first_since, text, limit, cursor, ...filter } = query;
      const { failures, webhooks } = posthorn;
      const tenant = named === undefined ? undefined : await tenantIdSeen(named, caller, webhooks.tenants);
      const asked = {
        ...{ ...filter, tenant, ...pageOptions({ limit, cursor }) },
        since: momentGiven("since", since),
        firstSince: momentGiven("first_since", first_since),
        ...(text !== undefined && { text: errorHolds(text, payloadsShown(c, caller), redacted) }),
      };
      return json(200, listedView(await failures.list(asked, caller), failureView));
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
      id: "getFailure",
      tag: "Failures",
      summary: "Get a group of failures",
      parameters: [parameter],
      answers: { 200: THE_GROUP },
      problems: [404],
    },
    handle: async (c, caller) =>
      json(200, failureView(await posthorn.failures.get(fingerprintOf(c), caller))),
  };
}

function changeRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "PATCH",
    path: ONE,
    needs: "send",
    scope: "tenant",
    operation: {
      id: "changeFailure",
      tag: "Failures",
      summary: "Acknowledge or resolve a group of failures, or set its note",
      parameters: [parameter],
      body: {
        schema: failureChanges,
        examples: { known: { state: "acknowledged", note: "their outage" } },
      },
      answers: { 200: THE_GROUP },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      const { body } = await readJsonBody(c, bodies, failureChanges);
      const change = withoutUndefined(body);
      const by = byWithReach(c, caller);
      return json(200, failureView(await posthorn.failures.update(fingerprintOf(c), change, by)));
    },
  };
}

function failureView(group: FailureGroup): FailureAnswer {
  return {
    fingerprint: group.fingerprint,
    rest: group.isRest,
    task: group.task,
    lane: group.lane,
    tenant: group.tenantId,
    class: group.class,
    sample: group.sample,
    sample_job: group.sampleJob,
    first_at: rfc3339(group.firstAt),
    last_at: rfc3339(group.lastAt),
    n: group.n,
    hourly: [...group.hourly],
    state: group.state,
    note: group.note,
  };
}

function fingerprintOf(c: Context): string {
  return c.req.param("fingerprint") ?? "";
}
