import { messageOf, StoreUnavailableError } from "../../../core/errors.ts";
import { json } from "../../answer/answer.ts";
import { complaintsView } from "../../answer/findings-view.ts";
import { headerOf } from "../../request/incoming.ts";
import { RequestError } from "../../request/request-error.ts";
import type { Route, Services } from "../../route.ts";
import { readyAnswer } from "../../schemas/findings.ts";
import { healthAnswer } from "../../schemas/problem.ts";

const OK = { status: "ok" };

export function healthRoute(): Route {
  return {
    method: "GET",
    path: "/healthz",
    needs: "none",
    scope: "everyone",
    operation: {
      id: "health",
      tag: "Server",
      summary: "Check that the process is alive",
      answers: { 200: { description: "The process is alive.", schema: healthAnswer, example: OK } },
      problems: [],
    },
    handle: () => json(200, OK),
  };
}

export function startupRoute(): Route {
  return {
    method: "GET",
    path: "/startupz",
    needs: "none",
    scope: "everyone",
    operation: {
      id: "started",
      tag: "Server",
      summary: "Check that the process has started",
      description: "Succeeds once the database is open and has this release's schema.",
      answers: { 200: { description: "The process has started.", schema: healthAnswer, example: OK } },
      problems: [],
    },
    handle: () => json(200, OK),
  };
}

/** Whose keys `/readyz` tells more than whether it is ready. */
const LOOKS_AFTER_IT = { needs: "read", scope: "server" } as const;

export function readyRoute({ posthorn, doctor, admits }: Services): Route {
  return {
    method: "GET",
    path: "/readyz",
    needs: "none",
    scope: "everyone",
    operation: {
      id: "ready",
      tag: "Server",
      summary: "Check that the process is ready: its database accepts jobs, and it is not stopping",
      description:
        "For a key that may read all tenants, the answer also names the checks that found something.",
      answers: {
        200: {
          description: "The database accepts jobs, as far as is known.",
          schema: readyAnswer,
          example: OK,
        },
      },
      problems: [],
    },
    async handle(c) {
      if (posthorn.isDraining)
        throw new RequestError("the process is stopping", { status: 503, code: "stopping" });
      await posthorn.check().catch((cause: unknown) => {
        throw new StoreUnavailableError(messageOf(cause), { cause }); // whatever the error: not ready, rather than broken
      });
      const isKnown = headerOf(c, "authorization") !== null && (await admits(c, LOOKS_AFTER_IT));
      if (!isKnown) return json(200, OK);
      return json(200, { ...OK, findings: complaintsView(await doctor().findings()) });
    },
  };
}
