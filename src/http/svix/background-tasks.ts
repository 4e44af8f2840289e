import { z } from "zod";
import { isId } from "../../core/id.ts";
import type { BulkRequest } from "../../engine/bulk/bulk-request.ts";
import type { PublicBulkRun } from "../../engine/bulk/bulk-view.ts";
import { json } from "../answer/answer.ts";
import { bodyOf, text } from "./body.ts";
import { ENDPOINT_PATH } from "./endpoints.ts";
import { invalid } from "./errors.ts";
import { gather, gatheredAnswer, orderOf, pageOf } from "./lists.ts";
import type { SvixOperation, SvixRequest } from "./operation.ts";

const moment = z.iso.datetime({ offset: true });
const spanIn = z.object({ since: moment, until: moment.nullish() });
const replayIn = spanIn.extend({
  eventTypes: z.array(text).nullish(),
  channel: text.nullish(),
  tag: text.nullish(),
  status: z.int().nullish(),
  statusCodeClass: z.int().nullish(),
});

const LONGEST_MS = 14 * 86_400_000;
const LEEWAY_MS = 300_000;

/** What is done for many messages at once is a bulk run, which survives whatever becomes of the server. */
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
      const end = until == null ? Date.now() : Date.parse(until);
      if (end - Date.parse(since) > LONGEST_MS + LEEWAY_MS)
        throw invalid(["body", "since"], "must be at most 14 days before until");
      return started(request, "failed", since, until ?? undefined);
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
      return started(request, "missing", since, until ?? undefined);
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
      const { since, until, ...filter } = (await bodyOf(request, replayIn)).body;
      for (const [name, value] of Object.entries(filter))
        if (value != null && !(name === "status" && value === 2))
          throw invalid(
            ["body", name],
            "cannot be chosen by here: leave it out, or start a bulk run at POST /bulk",
          );
      return started(request, filter.status === 2 ? "failed" : "all", since, until ?? undefined);
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
        (run) => {
          // libraries with types of their own fail over tasks that they do not know
          if (run.action !== "replay") return undefined;
          const view = taskView(run);
          return (!status || view.status === status) && (!task || view.task === task) ? view : undefined;
        },
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

async function started(
  request: SvixRequest,
  what: NonNullable<BulkRequest["what"]>,
  createdFrom: string,
  createdBefore: string | undefined,
): Promise<Response> {
  const { tenantId, id } = await request.endpoint();
  const filter = { tenant: tenantId, endpoint: id, createdFrom, ...(createdBefore && { createdBefore }) };
  const { actor, id: caller, reach } = request.caller;
  const { run } = await request.services.posthorn.bulk.start(
    { action: "replay", what, filter, startsIn: 0 },
    { actor: actor.id ?? caller, reach, idempotency: request.idempotency },
  );
  const { id: task, status, task: name, updatedAt } = taskView(run);
  return json(202, { id: task, status, task: name, updatedAt });
}

const NAMES = {
  failed: "endpoint.recover",
  missing: "endpoint.replay",
  all: "endpoint.bulk-replay",
} as const;

/** `task` is what Svix's clients know of; of what they do not, the action. */
function taskView(run: PublicBulkRun) {
  const { what = "failed" } = run.filter as { readonly what?: keyof typeof NAMES }; // of a replay it is one of these
  return {
    id: run.id,
    status: run.endedAt === null ? "running" : run.state === "done" ? "finished" : "failed",
    task: run.action === "replay" ? NAMES[what] : run.action,
    updatedAt: run.updatedAt,
    data: { messagesSent: run.done },
  };
}
