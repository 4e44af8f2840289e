import { type JobPlace, taskJobs, webhookJobs } from "./answer/job-place.ts";
import type { Route, Services } from "./route.ts";
import { attemptsRoute } from "./routes/attempts.ts";
import { auditRoute } from "./routes/audit.ts";
import { bulkRoutes } from "./routes/bulk.ts";
import { cancelRoute } from "./routes/cancel.ts";
import { deliverRoute } from "./routes/deliver.ts";
import { docsFileRoute, docsRoute } from "./routes/docs.ts";
import { doctorRoute, pruneRoute } from "./routes/doctor.ts";
import {
  deleteEndpointRoute,
  endpointRoute,
  patchEndpointRoute,
  putEndpointRoute,
} from "./routes/endpoint.ts";
import { endpointAttemptRoutes } from "./routes/endpoint-attempts.ts";
import { endpointOperationRoutes } from "./routes/endpoint-operations.ts";
import { historyRoute, rotateSecretRoute, secretRoute } from "./routes/endpoint-secret.ts";
import { createEndpointRoute, endpointsRoute } from "./routes/endpoints.ts";
import { enqueueRoute } from "./routes/enqueue.ts";
import { eraseTenantRoute } from "./routes/erase-tenant.ts";
import {
  createEventTypeRoute,
  deleteEventTypeRoute,
  eventTypeRoute,
  eventTypesRoute,
  patchEventTypeRoute,
  putEventTypeRoute,
} from "./routes/event-types.ts";
import { eventsRoute } from "./routes/events.ts";
import { failureRoutes } from "./routes/failures.ts";
import { groupRoute } from "./routes/group.ts";
import { healthRoute, readyRoute, startupRoute } from "./routes/health.ts";
import { inputRoute } from "./routes/input.ts";
import { jobRoute } from "./routes/job.ts";
import { jobExportRoute } from "./routes/job-export.ts";
import { jobsRoute, taskJobsRoute } from "./routes/jobs.ts";
import { createKeyRoute, keysRoute, revokeKeyRoute } from "./routes/keys.ts";
import { metricsRoute } from "./routes/metrics.ts";
import { openApiRoute } from "./routes/openapi.ts";
import { portalFileRoute, portalRoute } from "./routes/portal.ts";
import {
  createPortalSessionRoute,
  endPortalSessionRoute,
  endPortalSessionsRoute,
  exchangePortalCodeRoute,
} from "./routes/portal-sessions.ts";
import { redeliverManyRoute, retryManyRoute } from "./routes/redeliver-many.ts";
import { rerunRoute, retryRoute } from "./routes/rerun.ts";
import {
  pauseScheduleRoute,
  pauseSchedulesRoute,
  removeScheduleRoute,
  resumeScheduleRoute,
  resumeSchedulesRoute,
  schedulesRoute,
} from "./routes/schedules.ts";
import { sendEventRoute } from "./routes/send-event.ts";
import { eventJobsRoute, sentEventRoute, sentEventsRoute, tenantEventRoute } from "./routes/sent-events.ts";
import { liveStatsRoute, statsRoute } from "./routes/stats.ts";
import { taskRoute, tasksRoute } from "./routes/tasks.ts";
import { deleteTenantRoute, patchTenantRoute, putTenantRoute, tenantRoute } from "./routes/tenant.ts";
import { createTenantRoute, tenantsRoute } from "./routes/tenants.ts";
import { workersRoute } from "./routes/workers.ts";

/** All routes, in the order in which the description shows them. */
export function apiRoutes(services: Services, version: string, basePath = ""): readonly Route[] {
  const routes: Route[] = [
    enqueueRoute(services),
    tasksRoute(services),
    taskRoute(services),
    taskJobsRoute(services),
    jobExportRoute(services),
    ...jobRoutes(services, taskJobs),
    eventsRoute(services),
    groupRoute(services),
    schedulesRoute(services),
    pauseScheduleRoute(services),
    pauseSchedulesRoute(services),
    resumeSchedulesRoute(services),
    resumeScheduleRoute(services),
    removeScheduleRoute(services),
    deliverRoute(services),
    jobsRoute(services),
    ...jobRoutes(services, webhookJobs),
    ...eventRoutes(services),
    ...tenantRoutes(services),
    ...bulkRoutes(services),
    redeliverManyRoute(services),
    retryManyRoute(services),
    ...failureRoutes(services),
    workersRoute(services),
    auditRoute(services),
    keysRoute(services),
    createKeyRoute(services),
    revokeKeyRoute(services),
    healthRoute(),
    startupRoute(),
    readyRoute(services),
    metricsRoute(services),
    doctorRoute(services),
    pruneRoute(services),
    statsRoute(services),
    liveStatsRoute(services),
    openApiRoute(() => routes, version, basePath),
    docsRoute(),
    docsFileRoute(),
    portalRoute(services),
    portalFileRoute(),
  ];
  return routes;
}

function eventRoutes(services: Services): Route[] {
  return [
    sendEventRoute,
    sentEventsRoute,
    sentEventRoute,
    eventJobsRoute,
    tenantEventRoute,
    createEventTypeRoute,
    eventTypesRoute,
    eventTypeRoute,
    putEventTypeRoute,
    patchEventTypeRoute,
    deleteEventTypeRoute,
  ].map((make) => make(services));
}

function tenantRoutes(services: Services): Route[] {
  return [
    createTenantRoute,
    tenantsRoute,
    tenantRoute,
    putTenantRoute,
    patchTenantRoute,
    deleteTenantRoute,
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
    ...endpointAttemptRoutes,
    createPortalSessionRoute,
    endPortalSessionsRoute,
    endPortalSessionRoute,
    exchangePortalCodeRoute,
  ].map((make) => make(services));
}

function jobRoutes(services: Services, place: JobPlace): Route[] {
  return [jobRoute, inputRoute, attemptsRoute, rerunRoute, retryRoute, cancelRoute].map((make) =>
    make(services, place),
  );
}
