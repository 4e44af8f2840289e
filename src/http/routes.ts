import { type JobPlace, taskJobs, webhookJobs } from "./answer/job-place.ts";
import type { Route, Services } from "./route.ts";
import { auditRoute } from "./routes/audit.ts";
import { bulkRoutes } from "./routes/bulk.ts";
import {
  deleteEndpointRoute,
  endpointRoute,
  patchEndpointRoute,
  putEndpointRoute,
} from "./routes/endpoints/endpoint.ts";
import { endpointAttemptRoutes } from "./routes/endpoints/endpoint-attempts.ts";
import { historyRoute } from "./routes/endpoints/endpoint-history.ts";
import { endpointOperationRoutes } from "./routes/endpoints/endpoint-operations.ts";
import { rotateSecretRoute, secretRoute } from "./routes/endpoints/endpoint-secret.ts";
import { unsentRoutes } from "./routes/endpoints/endpoint-unsent.ts";
import { createEndpointRoute, endpointsRoute } from "./routes/endpoints/endpoints.ts";
import { redeliverEventRoute } from "./routes/endpoints/redeliver-event.ts";
import { eventTypeRoutes } from "./routes/events/event-types.ts";
import { sendEventRoute } from "./routes/events/send-event.ts";
import { sentEventRoutes } from "./routes/events/sent-events.ts";
import { failureRoutes } from "./routes/failures.ts";
import { attemptsRoute } from "./routes/jobs/attempts.ts";
import { cancelRoute } from "./routes/jobs/cancel.ts";
import { deliverRoute } from "./routes/jobs/deliver.ts";
import { enqueueRoute } from "./routes/jobs/enqueue.ts";
import { groupRoute } from "./routes/jobs/group.ts";
import { inputRoute } from "./routes/jobs/input.ts";
import { jobRoute } from "./routes/jobs/job.ts";
import { jobEventsRoute } from "./routes/jobs/job-events.ts";
import { jobExportRoute } from "./routes/jobs/job-export.ts";
import { jobsRoute, taskJobsRoute } from "./routes/jobs/jobs.ts";
import { redeliverManyRoute, retryManyRoute } from "./routes/jobs/redeliver-many.ts";
import { rerunRoute, retryRoute } from "./routes/jobs/rerun.ts";
import { sentRequestRoute, signRequestRoute } from "./routes/jobs/sent-request.ts";
import { standingRoute } from "./routes/jobs/standing.ts";
import { taskRoute, tasksRoute } from "./routes/jobs/tasks.ts";
import { keyRoutes } from "./routes/keys.ts";
import { backupRoute } from "./routes/server/backup.ts";
import { docsFileRoute, docsRoute } from "./routes/server/docs.ts";
import { doctorRoute, pruneRoute } from "./routes/server/doctor.ts";
import { healthRoute, readyRoute, startupRoute } from "./routes/server/health.ts";
import { metricsRoute } from "./routes/server/metrics.ts";
import { openApiRoute } from "./routes/server/openapi.ts";
import { scheduleRoutes } from "./routes/server/schedules.ts";
import { liveStatsRoute, statsRoute } from "./routes/server/stats.ts";
import { workerRoutes } from "./routes/server/workers.ts";
import { worstEndpointRoutes } from "./routes/server/worst-endpoints.ts";
import { activityRoute } from "./routes/tenants/activity.ts";
import { eraseTenantRoute } from "./routes/tenants/erase-tenant.ts";
import { portalFileRoute, portalRoute } from "./routes/tenants/portal.ts";
import { portalSessionRoutes } from "./routes/tenants/portal-sessions.ts";
import { tenantRoutes } from "./routes/tenants/tenant.ts";
import { createTenantRoute, tenantsRoute } from "./routes/tenants/tenants.ts";

/** In the order in which the description shows them. */
const MAKERS: readonly ((services: Services) => Route)[] = [
  enqueueRoute,
  tasksRoute,
  taskRoute,
  taskJobsRoute,
  jobExportRoute,
  ...jobRoutes(taskJobs),
  standingRoute,
  sentRequestRoute,
  signRequestRoute,
  jobEventsRoute,
  groupRoute,
  ...scheduleRoutes,
  deliverRoute,
  jobsRoute,
  ...jobRoutes(webhookJobs),
  sendEventRoute,
  ...sentEventRoutes,
  ...eventTypeRoutes,
  createTenantRoute,
  tenantsRoute,
  ...tenantRoutes,
  activityRoute,
  eraseTenantRoute,
  createEndpointRoute,
  endpointsRoute,
  endpointRoute,
  putEndpointRoute,
  patchEndpointRoute,
  deleteEndpointRoute,
  secretRoute,
  rotateSecretRoute,
  historyRoute,
  ...endpointOperationRoutes,
  ...unsentRoutes,
  redeliverEventRoute,
  ...endpointAttemptRoutes,
  ...portalSessionRoutes,
  ...bulkRoutes,
  redeliverManyRoute,
  retryManyRoute,
  ...failureRoutes,
  ...workerRoutes,
  ...worstEndpointRoutes,
  auditRoute,
  ...keyRoutes,
  healthRoute,
  startupRoute,
  readyRoute,
  metricsRoute,
  doctorRoute,
  pruneRoute,
  backupRoute,
  statsRoute,
  liveStatsRoute,
];

/** All routes. */
export function apiRoutes(services: Services, version: string, basePath = ""): readonly Route[] {
  const routes: Route[] = [
    ...MAKERS.map((make) => make(services)),
    openApiRoute(() => routes, version, basePath),
    docsRoute(),
    docsFileRoute(),
    portalRoute(services),
    portalFileRoute(services),
  ];
  return routes;
}

function jobRoutes(place: JobPlace) {
  return [jobRoute, inputRoute, attemptsRoute, rerunRoute, retryRoute, cancelRoute].map(
    (make) => (services: Services) => make(services, place),
  );
}
