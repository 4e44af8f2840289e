import { z } from "zod";
import { DAY_MS } from "../../core/duration.ts";
import { isId } from "../../core/id.ts";
import type { JobStatus } from "../../core/job.ts";
import type { AttemptClass } from "../../core/outcome.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import type { BulkFilter, BulkRequest } from "../../engine/bulk/bulk-request.ts";
import type { PublicBulkRun } from "../../engine/bulk/bulk-view.ts";
import { json } from "../answer/answer.ts";
import { bodyOf, text } from "./body.ts";
import { ENDPOINT_PATH } from "./endpoint-path.ts";
import { invalid } from "./errors.ts";
import { gather, gatheredAnswer, orderOf, pageOf } from "./lists.ts";
import type { SvixOperation, SvixRequest } from "./operation.ts";

const moment = z.iso.datetime({ offset: true });
const spanIn = z.object({ since: moment, until: moment.nullish() });
const replayIn = spanIn.extend({
  eventTypes: z.array(text).min(1).max(100).nullish(),
  channel: text.min(1).nullish(),
  tag: text.min(1).nullish(),
  status: z.int().min(0).max(4).nullish(),
  statusCodeClass: z.literal([0, 100, 200, 300, 400, 500]).nullish(),
});

type ReplayFilter = Omit<z.infer<typeof replayIn>, "since" | "until">;

const LONGEST_MS = 14 * DAY_MS;
const LEEWAY_MS = 300_000;

/** Operations on many messages are bulk runs, which survive restarts of the server. */
export const backgroundTaskOperations: readonly SvixOperation[] = [
  {
    id: "v1.endpoint.recover",
    method: "POST",
    path: `${ENDPOINT_PATH}/recover`,
    scope: "application",
    needs: "send",
    portal: "replay",
    async handle(request) {
      const { since, until } = (await bodyOf(request, spanIn)).body;
      const end = until == null ? request.now : Date.parse(until);
      if (end - Date.parse(since) > LONGEST_MS + LEEWAY_MS)
        throw invalid(["body", "since"], "must be at most 14 days before until");
      return replayed(request, "failed", since, until);
    },
  },
  {
    id: "v1.endpoint.replay-missing",
    method: "POST",
    path: `${ENDPOINT_PATH}/replay-missing`,
    scope: "application",
    needs: "send",
    portal: "replay",
    async handle(request) {
      const { since, until } = (await bodyOf(request, spanIn)).body;
      return replayed(request, "missing", since, until);
    },
  },
  {
    id: "v1.endpoint.bulk-replay",
    method: "POST",
    path: `${ENDPOINT_PATH}/bulk-replay`,
    scope: "application",
    needs: "send",
    portal: "replay",
    async handle(request) {
      const { since, until, ...given } = (await bodyOf(request, replayIn)).body;
      return replayed(request, "all", since, until, filterOf(given));
    },
  },
  {
    id: "v1.message.expunge-all-contents",
    method: "POST",
    path: "/app/{app}/msg/expunge-all-contents",
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { id: tenant } = await request.application();
      return started(request, { action: "erase", filter: { tenant }, startsIn: 0 });
    },
  },
  {
    id: "v1.background-task.list",
    method: "GET",
    path: "/background-task",
    scope: "organization",
    needs: "read",
    async handle(request) {
      const page = pageOf(request, (key) => isId("qtask", key));
      const [status, task] = [request.query.get("status"), request.query.get("task")];
      const { bulk } = request.services.posthorn;
      const found = await gather(
        { ...page, ...orderOf(request) },
        (at) => bulk.list(at, request.caller.reach),
        (runs) =>
          runs.map((run) => {
            const view = taskView(run);
            // libraries with types of their own fail over tasks that they do not know
            if (!TASKS.has(view.task)) return undefined;
            return (!status || view.status === status) && (!task || view.task === task) ? view : undefined;
          }),
      );
      return gatheredAnswer(
        found,
        ({ id }) => id,
        (view) => view,
      );
    },
  },
  {
    id: "v1.background-task.get",
    method: "GET",
    path: "/background-task/{task}",
    scope: "organization",
    needs: "read",
    async handle(request) {
      const run = await request.services.posthorn.bulk.get(request.at("task"), request.caller.reach);
      return json(200, taskView(run));
    },
  },
];

async function replayed(
  request: SvixRequest,
  what: NonNullable<BulkRequest["what"]>,
  createdFrom: string,
  createdBefore: string | null | undefined,
  chosen: Partial<BulkFilter> = {},
): Promise<Response> {
  const { tenantId, id } = await request.endpoint();
  const filter = {
    ...{ tenant: tenantId, endpoint: id, createdFrom, ...chosen },
    ...(createdBefore != null && { createdBefore }),
  };
  return started(request, { action: "replay", what, filter, startsIn: 0 });
}

async function started(request: SvixRequest, asked: BulkRequest): Promise<Response> {
  const { by, caller, idempotency, services } = request;
  const { run } = await services.posthorn.bulk.start(asked, { ...by, reach: caller.reach, idempotency });
  const { id: task, status, task: name, updatedAt } = taskView(run);
  return json(202, { id: task, status, task: name, updatedAt });
}

/** The statuses of deliveries that are replayed; what is waiting is not sent twice. */
function filterOf({ eventTypes, channel, tag, status, statusCodeClass }: ReplayFilter): Partial<BulkFilter> {
  return withoutUndefined({
    type: eventTypes ?? undefined,
    channel: channel ?? undefined,
    tag: tag ?? undefined,
    status: status == null ? undefined : (STATUSES[status] ?? []),
    class: statusCodeClass == null ? undefined : (CLASSES[statusCodeClass] ?? []),
  });
}

/** By Svix's numbers. */
const STATUSES: Readonly<Record<number, readonly JobStatus[]>> = {
  0: ["succeeded"],
  1: ["queued"],
  2: ["failed"],
  3: ["queued", "running"],
  4: ["cancelled"],
};

/** The outcome of an attempt, by the first digit of the answer's status; 0 if there was no answer. */
const CLASSES: Readonly<Record<number, readonly AttemptClass[]>> = {
  0: ["timeout", "connect", "dns", "tls", "broken", "blocked", "auth", "error", "lost"],
  100: [],
  200: ["2xx"],
  300: ["3xx"],
  400: ["4xx", "410", "429"],
  500: ["5xx"],
};

const PURGE = "application.purge_content";
const NAMES = {
  failed: "endpoint.recover",
  missing: "endpoint.replay",
  all: "endpoint.bulk-replay",
} as const;
const TASKS: ReadonlySet<string> = new Set([...Object.values(NAMES), PURGE]);

/** `task` is Svix's name for the action, or Posthorn's own if Svix has none. */
function taskView(run: PublicBulkRun) {
  return {
    id: run.id,
    status: run.endedAt === null ? "running" : run.state === "done" ? "finished" : "failed",
    task: run.what ? NAMES[run.what] : run.action === "erase" ? PURGE : run.action,
    updatedAt: run.updatedAt,
    data: run.action === "erase" ? { messagesPurged: run.done } : { messagesSent: run.done },
  };
}
