import { z } from "zod";
import { endpointAttemptAnswer, endpointAttemptPage } from "./attempt.ts";
import { activityPage, auditEntryAnswer, auditPage } from "./audit.ts";
import { bulkAnswer, bulkBody, bulkPage, bulkPreview, paceBody, replayBody } from "./bulk.ts";
import { deliverBody } from "./deliver.ts";
import {
  changeAnswer,
  endpointAnswer,
  endpointBody,
  endpointChanges,
  endpointMade,
  historyAnswer,
  rotateBody,
  secretAnswer,
} from "./endpoint.ts";
import { healthAnswer as endpointHealthAnswer } from "./endpoint-health.ts";
import { endpointDetail, endpointPage } from "./endpoint-list.ts";
import { reasonBody, stopBody, trialAnswer, trialBody } from "./endpoint-operations.ts";
import { eventAnswer, eventBody, eventPage, listedEventAnswer, sentAnswer } from "./event.ts";
import { eventTypeAnswer, eventTypeBody, eventTypePage, newEventType } from "./event-type.ts";
import { failureAnswer, failureChanges, failurePage } from "./failure.ts";
import { findingsAnswer, pruneAnswer, readyAnswer } from "./findings.ts";
import { groupAnswer, scheduleAnswer, schedulePage, scheduleRun, workerAnswer, workerPage } from "./fleet.ts";
import {
  acceptedAnswer,
  attemptAnswer,
  attemptPage,
  errorDetail,
  jobAnswer,
  jobPage,
  jobStatus,
} from "./job.ts";
import { createdKeyAnswer, keyAnswer, keyBody, keyPage } from "./key.ts";
import { exchangeAnswer, exchangeBody, portalSessionBody, portalSessionMade } from "./portal.ts";
import {
  bodyError,
  fieldError,
  headerError,
  healthAnswer,
  parameterError,
  problemSchema,
} from "./problem.ts";
import { redeliverBody } from "./redeliver.ts";
import { limits } from "./registered.ts";
import { sentRequestAnswer } from "./sent-request.ts";
import { endpointStatsAnswer, statsAnswer } from "./stats.ts";
import { enqueueOptions, taskAnswer, taskBody, taskPage } from "./task.ts";
import {
  progressAnswer,
  standingAnswer,
  taskAcceptedAnswer,
  taskJobAnswer,
  taskJobPage,
} from "./task-job.ts";
import { eraseBody, erasingAnswer, tenantAnswer, tenantBody, tenantChanges, tenantPage } from "./tenant.ts";
import { eventAtEndpoint, unsentPage } from "./unsent.ts";

/** The schemas that have a name in the API's description and are referred to by it. */
export const namedSchemas = z
  .registry<{ id: string }>()
  .add(deliverBody, { id: "DeliverRequest" })
  .add(redeliverBody, { id: "RedeliverRequest" })
  .add(taskBody, { id: "TaskRequest" })
  .add(enqueueOptions, { id: "EnqueueOptions" })
  .add(taskAnswer, { id: "Task" })
  .add(taskPage, { id: "TaskPage" })
  .add(acceptedAnswer, { id: "Accepted" })
  .add(jobAnswer, { id: "Job" })
  .add(jobStatus, { id: "JobStatus" })
  .add(jobPage, { id: "JobPage" })
  .add(taskAcceptedAnswer, { id: "TaskAccepted" })
  .add(taskJobAnswer, { id: "TaskJob" })
  .add(taskJobPage, { id: "TaskJobPage" })
  .add(standingAnswer, { id: "Standing" })
  .add(sentRequestAnswer, { id: "SentRequest" })
  .add(progressAnswer, { id: "Progress" })
  .add(attemptAnswer, { id: "Attempt" })
  .add(errorDetail, { id: "ErrorDetail" })
  .add(attemptPage, { id: "AttemptPage" })
  .add(groupAnswer, { id: "Group" })
  .add(scheduleAnswer, { id: "Schedule" })
  .add(scheduleRun, { id: "ScheduleRun" })
  .add(schedulePage, { id: "SchedulePage" })
  .add(workerAnswer, { id: "Worker" })
  .add(workerPage, { id: "WorkerPage" })
  .add(eventBody, { id: "EventRequest" })
  .add(sentAnswer, { id: "SentEvent" })
  .add(eventAnswer, { id: "Event" })
  .add(listedEventAnswer, { id: "ListedEvent" })
  .add(eventPage, { id: "EventPage" })
  .add(newEventType, { id: "NewEventType" })
  .add(eventTypeBody, { id: "EventTypeRequest" })
  .add(eventTypeAnswer, { id: "EventType" })
  .add(eventTypePage, { id: "EventTypePage" })
  .add(tenantBody, { id: "TenantRequest" })
  .add(tenantChanges, { id: "TenantChanges" })
  .add(tenantAnswer, { id: "Tenant" })
  .add(tenantPage, { id: "TenantPage" })
  .add(endpointBody, { id: "EndpointRequest" })
  .add(endpointChanges, { id: "EndpointChanges" })
  .add(endpointAnswer, { id: "Endpoint" })
  .add(endpointMade, { id: "NewEndpoint" })
  .add(endpointPage, { id: "EndpointPage" })
  .add(endpointDetail, { id: "EndpointDetail" })
  .add(rotateBody, { id: "RotateRequest" })
  .add(secretAnswer, { id: "EndpointSecret" })
  .add(changeAnswer, { id: "EndpointChange" })
  .add(historyAnswer, { id: "EndpointHistory" })
  .add(activityPage, { id: "TenantActivity" })
  .add(limits, { id: "Limits" })
  .add(endpointHealthAnswer, { id: "EndpointHealth" })
  .add(reasonBody, { id: "ReasonRequest" })
  .add(stopBody, { id: "StopRequest" })
  .add(trialBody, { id: "TestRequest" })
  .add(trialAnswer, { id: "TestResult" })
  .add(endpointAttemptAnswer, { id: "EndpointAttempt" })
  .add(endpointAttemptPage, { id: "EndpointAttemptPage" })
  .add(eventAtEndpoint, { id: "EventAtEndpoint" })
  .add(unsentPage, { id: "UnsentPage" })
  .add(eraseBody, { id: "EraseRequest" })
  .add(erasingAnswer, { id: "Erasure" })
  .add(portalSessionBody, { id: "PortalSessionRequest" })
  .add(portalSessionMade, { id: "PortalSession" })
  .add(exchangeBody, { id: "PortalTokenRequest" })
  .add(exchangeAnswer, { id: "PortalToken" })
  .add(bulkBody, { id: "BulkRequest" })
  .add(replayBody, { id: "ReplayRequest" })
  .add(paceBody, { id: "PaceRequest" })
  .add(bulkAnswer, { id: "BulkRun" })
  .add(bulkPreview, { id: "BulkPreview" })
  .add(bulkPage, { id: "BulkRunPage" })
  .add(keyBody, { id: "KeyRequest" })
  .add(keyAnswer, { id: "Key" })
  .add(createdKeyAnswer, { id: "NewKey" })
  .add(keyPage, { id: "KeyPage" })
  .add(auditEntryAnswer, { id: "AuditEntry" })
  .add(auditPage, { id: "AuditPage" })
  .add(findingsAnswer, { id: "Findings" })
  .add(readyAnswer, { id: "Readiness" })
  .add(statsAnswer, { id: "Stats" })
  .add(endpointStatsAnswer, { id: "EndpointStats" })
  .add(pruneAnswer, { id: "Pruned" })
  .add(failureChanges, { id: "FailureGroupChanges" })
  .add(failureAnswer, { id: "FailureGroup" })
  .add(failurePage, { id: "FailureGroupPage" })
  .add(problemSchema, { id: "Problem" })
  .add(fieldError, { id: "FieldError" })
  .add(bodyError, { id: "BodyError" })
  .add(parameterError, { id: "ParameterError" })
  .add(headerError, { id: "HeaderError" })
  .add(healthAnswer, { id: "Health" });
