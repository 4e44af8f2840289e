import { messageOf, StoreUnavailableError } from "../../core/errors.ts";
import { json } from "../answer/answer.ts";
import type { Route, Services } from "../route.ts";
import { healthAnswer } from "../schemas/problem.ts";

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

export function readyRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/readyz",
    needs: "none",
    scope: "everyone",
    operation: {
      id: "ready",
      tag: "Server",
      summary: "Check that the database accepts jobs",
      answers: {
        200: {
          description: "The database accepts jobs, as far as is known.",
          schema: healthAnswer,
          example: OK,
        },
      },
      problems: [],
    },
    async handle() {
      await posthorn.check().catch((cause: unknown) => {
        throw new StoreUnavailableError(messageOf(cause), { cause }); // whatever the error: not ready, rather than broken
      });
      return json(200, OK);
    },
  };
}
