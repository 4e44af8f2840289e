import type { Route, Services } from "./route.ts";
import { attemptsRoute } from "./routes/attempts.ts";
import { cancelRoute } from "./routes/cancel.ts";
import { deliverRoute } from "./routes/deliver.ts";
import { docsFileRoute, docsRoute } from "./routes/docs.ts";
import { healthRoute, readyRoute } from "./routes/health.ts";
import { jobRoute } from "./routes/job.ts";
import { jobsRoute } from "./routes/jobs.ts";
import { openApiRoute } from "./routes/openapi.ts";
import { retryRoute } from "./routes/retry.ts";
import { retryManyRoute } from "./routes/retry-many.ts";

/** All there is, in the order in which the description shows it. */
export function apiRoutes(services: Services, version: string, basePath = ""): readonly Route[] {
  const routes: Route[] = [
    deliverRoute(services),
    jobsRoute(services),
    jobRoute(services),
    attemptsRoute(services),
    retryRoute(services),
    cancelRoute(services),
    retryManyRoute(services),
    healthRoute(),
    readyRoute(services),
    openApiRoute(() => routes, version, basePath),
    docsRoute(),
    docsFileRoute(),
  ];
  return routes;
}
