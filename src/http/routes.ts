import { type JobPlace, taskJobs, webhookJobs } from "./answer/job-place.ts";
import type { Route, Services } from "./route.ts";
import { auditRoute } from "./routes/audit.ts";
import { bulkRoutes } from "./routes/bulk.ts";
import { attemptsRoute } from "./routes/endpoints/attempts.ts";
import {
  deleteEndpointRoute,
  endpointRoute,
  patchEndpointRoute,
  putEndpointRoute,
} from "./routes/endpoints/endpoint.ts";
import { endpointAttemptRoutes } from "./routes/endpoints/endpoint-attempts.ts";
import { endpointOperationRoutes } from "./routes/endpoints/endpoint-operations.ts";
import { historyRoute, rotateSecretRoute, secretRoute } from "./routes/endpoints/endpoint-secret.ts";
import { createEndpointRoute, endpointsRoute } from "./routes/endpoints/endpoints.ts";
import {
  createEventTypeRoute,
  deleteEventTypeRoute,
  eventTypeRoute,
  eventTypesRoute,
  patchEventTypeRoute,
  putEventTypeRoute,
} from "./routes/events/event-types.ts";
import { eventsRoute } from "./routes/events/events.ts";
import { sendEventRoute } from "./routes/events/send-event.ts";
import {
  eventJobsRoute,
  sentEventRoute,
  sentEventsRoute,
  tenantEventRoute,
} from "./routes/events/sent-events.ts";
import { failureRoutes } from "./routes/failures.ts";
import { cancelRoute } from "./routes/jobs/cancel.ts";
import { deliverRoute } from "./routes/jobs/deliver.ts";
import { enqueueRoute } from "./routes/jobs/enqueue.ts";
import { groupRoute } from "./routes/jobs/group.ts";
import { inputRoute } from "./routes/jobs/input.ts";
import { jobRoute } from "./routes/jobs/job.ts";
import { jobExportRoute } from "./routes/jobs/job-export.ts";
import { jobsRoute, taskJobsRoute } from "./routes/jobs/jobs.ts";
import { redeliverManyRoute, retryManyRoute } from "./routes/jobs/redeliver-many.ts";
import { rerunRoute, retryRoute } from "./routes/jobs/rerun.ts";
import { taskRoute, tasksRoute } from "./routes/jobs/tasks.ts";
import { createKeyRoute, keysRoute, revokeKeyRoute } from "./routes/keys.ts";
import { docsFileRoute, docsRoute } from "./routes/server/docs.ts";
import { doctorRoute, pruneRoute } from "./routes/server/doctor.ts";
import { healthRoute, readyRoute, startupRoute } from "./routes/server/health.ts";
import { metricsRoute } from "./routes/server/metrics.ts";
import { openApiRoute } from "./routes/server/openapi.ts";
import {
  pauseScheduleRoute,
  pauseSchedulesRoute,
  removeScheduleRoute,
  resumeScheduleRoute,
  resumeSchedulesRoute,
  schedulesRoute,
} from "./routes/server/schedules.ts";
import { liveStatsRoute, statsRoute } from "./routes/server/stats.ts";
import { workersRoute } from "./routes/server/workers.ts";
import { eraseTenantRoute } from "./routes/tenants/erase-tenant.ts";
import { portalFileRoute, portalRoute } from "./routes/tenants/portal.ts";
import {
  createPortalSessionRoute,
  endPortalSessionRoute,
  endPortalSessionsRoute,
  exchangePortalCodeRoute,
} from "./routes/tenants/portal-sessions.ts";
import { deleteTenantRoute, patchTenantRoute, putTenantRoute, tenantRoute } from "./routes/tenants/tenant.ts";
import { createTenantRoute, tenantsRoute } from "./routes/tenants/tenants.ts";

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
