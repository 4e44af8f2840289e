import { setImmediate as nextTurn } from "node:timers/promises";
import { firstAttemptIdAt, readAttemptId } from "../../core/attempt-id.ts";
import { isId } from "../../core/id.ts";
import type { Job } from "../../core/job.ts";
import type { AttemptListOptions, ListedAttempts } from "../../webhooks/attempts/attempts.ts";
import type { ShownAttempt } from "../../webhooks/attempts/shown-attempt.ts";
import type { RegisteredEndpoint } from "../../webhooks/endpoints/registered-endpoint.ts";
import { keyOfLane, laneOf } from "../../webhooks/registry/known-endpoint.ts";
import { json, noContent } from "../answer/answer.ts";
import { endpointView } from "./endpoints.ts";
import { invalid, notFound, SvixError } from "./errors.ts";
import { eventTypesOf, gather, gatheredAnswer, limitOf, momentOf, pageOf } from "./lists.ts";
import {
  type ListedMessage,
  MESSAGE_PATH,
  messageNamed,
  messagesOf,
  messageView,
  NONE,
  payloadsOf,
} from "./messages.ts";
import { type SvixOperation, type SvixRequest, unlessUnknown } from "./operation.ts";

/** The names of statuses, by their numbers. */
const TEXTS = ["success", "pending", "fail", "sending", "canceled"] as const;
const [SUCCESS, FAIL, SENDING, CANCELED] = [0, 2, 3, 4] as const;
type Status = 0 | 1 | 2 | 3 | 4;

const ERASED = "EXPUNGED";

export const attemptOperations: readonly SvixOperation[] = [
  {
    id: "v1.message-attempt.list-by-endpoint",
    method: "GET",
    path: "/app/{app}/attempt/endpoint/{endpoint}",
    scope: "application",
    needs: "read",
    async handle(request) {
      const endpoint = await request.endpoint();
      const { attempts } = request.webhooks;
      return listed(request, endpoint.tenantId, (page) =>
        attempts.ofEndpoint(endpoint.tenantId, endpoint.id, page),
      );
    },
  },
  {
    id: "v1.message-attempt.list-by-msg",
    method: "GET",
    path: "/app/{app}/attempt/msg/{msg}",
    scope: "application",
    needs: "read",
    handle: (request) => listedOfMessage(request, request.query.get("endpoint_id") ?? undefined),
  },
  {
    id: "v1.message-attempt.list-by-msg-deprecated",
    method: "GET",
    path: `${MESSAGE_PATH}/attempt`,
    scope: "application",
    needs: "read",
    handle: (request) => listedOfMessage(request, request.query.get("endpoint_id") ?? undefined),
  },
  {
    id: "v1.message-attempt.list-by-endpoint-deprecated",
    method: "GET",
    path: `${MESSAGE_PATH}/endpoint/{endpoint}/attempt`,
    scope: "application",
    needs: "read",
    handle: (request) => listedOfMessage(request, request.at("endpoint")),
  },
  {
    id: "v1.message-attempt.list-attempted-messages",
    method: "GET",
    path: "/app/{app}/endpoint/{endpoint}/msg",
    scope: "application",
    needs: "read",
    async handle(request) {
      const { tenantId, id } = await request.endpoint();
      const wanted = statusAskedFor(request);
      const lane = laneOf(tenantId, id);
      const found = await messagesOf(request, tenantId, async (events) => {
        const jobs = await jobsIn(lane, events, request);
        return events.map((event) => {
          const job = jobs.get(event.id);
          const status = job && statusOf(job, request);
          return job && (wanted === undefined || wanted === status) ? { ...event, job } : undefined;
        });
      });
      const isShown = request.showsContent;
      const payloads = isShown ? await payloadsOf(request, tenantId, found.data) : NONE;
      return gatheredAnswer(
        found,
        (event) => event.id,
        ({ job, ...event }) => ({
          ...messageView({ ...event, payload: payloads.get(event.id) ?? null }, isShown),
          ...standing(job, request),
        }),
      );
    },
  },
  {
    id: "v1.message-attempt.list-attempted-destinations",
    method: "GET",
    path: `${MESSAGE_PATH}/endpoint`,
    scope: "application",
    needs: "read",
    handle: destinations,
  },
  {
    id: "v1.message-attempt.get",
    method: "GET",
    path: `${MESSAGE_PATH}/attempt/{attempt}`,
    scope: "application",
    needs: "read",
    async handle(request) {
      const attempt = await attemptOf(request);
      const [endpoint] = await request.webhooks.endpoints.known(attempt.tenantId, [attempt.endpointId]);
      return json(200, attemptView(attempt, endpoint, request));
    },
  },
  {
    id: "v1.message-attempt.expunge-content",
    method: "DELETE",
    path: `${MESSAGE_PATH}/attempt/{attempt}/content`,
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { tenantId, id } = await attemptOf(request);
      await request.webhooks.attempts.erase(tenantId, id, request.by);
      return noContent();
    },
  },
  {
    id: "v1.message-attempt.resend",
    method: "POST",
    path: `${MESSAGE_PATH}/endpoint/{endpoint}/resend`,
    scope: "application",
    needs: "send",
    portal: "retry",
    async handle(request) {
      const { tenantId, id, payload } = await messageNamed(request);
      if (payload === null) throw new SvixError(400, "missing_payload", "the message's payload is gone");
      // an attempt by hand is not retried, as at Svix
      const options = { attempts: 1, idempotency: request.idempotency, ...request.by };
      await request.webhooks.redeliver(tenantId, id, request.at("endpoint"), options);
      return json(202, {});
    },
  },
];

async function attemptOf(request: SvixRequest): Promise<ShownAttempt> {
  const { tenantId, id } = await messageNamed(request);
  const attempt = await request.webhooks.attempts.get(tenantId, request.at("attempt"));
  if (attempt.eventId !== id) throw notFound(`there is no attempt ${attempt.id} of this message`);
  return attempt;
}

async function listedOfMessage(request: SvixRequest, endpoint: string | undefined): Promise<Response> {
  const { tenantId, id } = await messageNamed(request);
  const { attempts } = request.webhooks;
  return listed(request, tenantId, (page) => attempts.ofEvent(tenantId, id, { ...page, endpoint }));
}

async function listed(
  request: SvixRequest,
  tenant: string,
  list: (page: AttemptListOptions) => Promise<ListedAttempts>,
): Promise<Response> {
  const page = pageOf(request, (key) => readAttemptId(key) !== undefined);
  const status = statusAskedFor(request);
  const [since, until] = [momentOf(request, "after"), momentOf(request, "before")];
  const types = eventTypesOf(request);
  const { query } = request;
  const filter: AttemptListOptions = {
    ...codesOf(query.get("status_code_class")),
    ...(status === SUCCESS && { status: "succeeded" }),
    ...(status === FAIL && { status: "failed" }),
    ...(types?.size === 1 && { type: [...types][0] }),
    channel: query.get("channel") ?? undefined,
    tag: query.get("tag") ?? undefined,
    ...(since !== undefined && { since: new Date(since) }),
    ...(until !== undefined && { until: new Date(until) }),
  };
  const isNever = status !== undefined && status !== SUCCESS && status !== FAIL;
  // with nothing but a beginning, those that are nearest to it
  const isFromBeginning = since !== undefined && until === undefined && !query.get("iterator");
  const at = isFromBeginning ? { ...page, before: firstAttemptIdAt(since) } : page;
  const found = isNever
    ? { data: [], done: true }
    : await gather(
        at,
        (from) => list({ ...filter, limit: from.limit, after: from.after, before: from.before }),
        (attempts) => attempts.filter(({ type }) => !types || (type !== null && types.has(type))),
      );
  const ids = [...new Set(found.data.map(({ endpointId }) => endpointId))];
  const endpoints = new Map(
    (await request.webhooks.endpoints.known(tenant, ids)).map((endpoint) => [endpoint.id, endpoint]),
  );
  const messages = request.flag("with_msg", false)
    ? await messagesFor(request, tenant, found.data)
    : undefined;
  return gatheredAnswer(
    found,
    ({ id }) => id,
    (attempt) => ({
      ...attemptView(attempt, endpoints.get(attempt.endpointId), request),
      ...(messages && { msg: messages.get(attempt.eventId) ?? null }),
    }),
  );
}

/** Events without a payload are looked up one by one, because they may be gone altogether. */
async function messagesFor({ webhooks }: SvixRequest, tenant: string, attempts: readonly ShownAttempt[]) {
  const ids = [...new Set(attempts.map(({ eventId }) => eventId))];
  const known = await webhooks.events.known(tenant, ids);
  const messages = new Map(known.map((event) => [event.id, messageView(event, true)]));
  const others = ids.filter((id) => !messages.has(id));
  for (const id of others) {
    const event = await unlessUnknown(webhooks.events.get(id, tenant));
    if (event) messages.set(id, messageView(event, true));
  }
  return messages;
}

function codesOf(codeClass: string | null): Pick<AttemptListOptions, "codeFrom" | "codeBefore"> {
  if (codeClass === null) return {};
  if (!/^(?:0|[1-5]00)$/.test(codeClass))
    throw invalid(["query", "status_code_class"], "must be 0, 100, 200, 300, 400 or 500");
  return { codeFrom: Number(codeClass), codeBefore: Number(codeClass) + 100 };
}

function statusAskedFor({ query }: SvixRequest): Status | undefined {
  const text = query.get("status");
  if (text === null) return undefined;
  if (!/^[0-4]$/.test(text)) throw invalid(["query", "status"], "must be from 0 to 4");
  return Number(text) as Status; // one of these
}

function attemptView(attempt: ShownAttempt, endpoint: RegisteredEndpoint | undefined, request: SvixRequest) {
  const isCanceled = attempt.outcome === "cancelled";
  const status = attempt.outcome === "succeeded" ? SUCCESS : isCanceled ? canceled(request) : FAIL;
  const response = attempt.isErased ? ERASED : (attempt.excerpt ?? attempt.error ?? "");
  return {
    id: attempt.id,
    msgId: attempt.eventId,
    endpointId: attempt.endpointId,
    url: endpoint?.url ?? "",
    response: request.showsContent ? response : "{}",
    responseStatusCode: attempt.code ?? 0,
    responseDurationMs: attempt.duration,
    status,
    statusText: TEXTS[status],
    triggerType: attempt.trigger === null ? 0 : 1,
    timestamp: attempt.startedAt,
  };
}

/** Known only to clients that say so. */
function canceled(request: SvixRequest): Status {
  return request.flag("expanded_statuses", false) ? CANCELED : SUCCESS;
}

function statusOf({ status }: Job, request: SvixRequest): Status {
  if (status === "succeeded") return SUCCESS;
  if (status === "failed") return FAIL;
  return status === "cancelled" ? canceled(request) : SENDING;
}

/** The newest deliveries of messages, by these. */
function jobsIn(
  lane: string,
  messages: readonly ListedMessage[],
  { services }: SvixRequest,
): Promise<ReadonlyMap<string, Job>> {
  const since = Math.min(...messages.map(({ createdAt }) => createdAt.getTime()));
  return services.posthorn.jobs.delivering(
    lane,
    messages.map(({ id }) => id),
    since,
  );
}

/** Where a delivery stands. */
function standing(job: Job, request: SvixRequest) {
  const status = statusOf(job, request);
  const nextAttempt = job.runAt === null ? {} : { nextAttempt: new Date(job.runAt).toISOString() };
  return { status, statusText: TEXTS[status], ...nextAttempt };
}

/** How many deliveries of a message are read at once. */
const JOBS_AT_ONCE = 500;

/** Every endpoint that the message goes to, deleted ones among them, in the order of their ids. */
async function destinations(request: SvixRequest): Promise<Response> {
  const { before, after, limit = limitOf(request.query) } = pageOf(request, (key) => isId("ep", key));
  const { tenantId, id } = await messageNamed(request);
  const latest = new Map<string, Job>();
  for (let from: string | undefined; ; ) {
    const page = { limit: JOBS_AT_ONCE, ...(from !== undefined && { before: from }) };
    const { jobs, searchedTo } = await request.services.posthorn.jobs.page(
      { event: id, tenant: tenantId },
      page,
    );
    for (const job of jobs) {
      const endpoint = keyOfLane(job.lane).id;
      if (!latest.has(endpoint)) latest.set(endpoint, job);
    }
    if (searchedTo === null && jobs.length < JOBS_AT_ONCE) break;
    from = searchedTo?.id ?? jobs.at(-1)?.id;
    await nextTurn(); // an event may have thousands of deliveries
  }
  const ids = [...latest.keys()].sort();
  const fitting = ids.filter((each) => (before === undefined ? each > (after ?? "") : each < before));
  const chosen = before === undefined ? fitting.slice(0, limit) : fitting.slice(-limit);
  const known = await request.webhooks.endpoints.known(tenantId, chosen);
  const data = known
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
    .map((endpoint) => {
      const { metadata: _, ...view } = endpointView(endpoint, request.typeNames);
      const job = latest.get(endpoint.id);
      return { ...view, ...(job && standing(job, request)) };
    });
  return gatheredAnswer(
    { data, done: chosen.length === fitting.length },
    (view) => view.id,
    (view) => view,
  );
}
