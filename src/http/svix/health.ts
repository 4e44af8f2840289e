import { noContent } from "../answer/answer.ts";
import type { SvixOperation } from "./operation.ts";

/** Clients read no body from either. */
export const healthOperations: readonly SvixOperation[] = [
  {
    id: "v1.health.get",
    method: "GET",
    path: "/health",
    scope: "everyone",
    needs: "none",
    async handle({ services }) {
      await services.posthorn.check();
      return noContent();
    },
  },
  {
    id: "v1.health.ping",
    method: "GET",
    path: "/health/ping",
    scope: "everyone",
    needs: "none",
    handle: () => Promise.resolve(noContent()),
  },
];
