import { describe } from "node:test";
import { claimingClaims } from "./test-kit/queue/claiming-claims.ts";
import { enqueueClaims } from "./test-kit/queue/enqueue-claims.ts";
import { fairnessClaims } from "./test-kit/queue/fairness-claims.ts";
import { followUpClaims } from "./test-kit/queue/follow-up-claims.ts";
import { groupClaims } from "./test-kit/queue/group-claims.ts";
import { guardClaims } from "./test-kit/queue/guard-claims.ts";
import { idempotencyClaims } from "./test-kit/queue/idempotency-claims.ts";
import { keyClaims } from "./test-kit/queue/key-claims.ts";
import { orderedClaims } from "./test-kit/queue/ordered-claims.ts";
import { orderedModelClaims } from "./test-kit/queue/ordered-model-claims.ts";
import { parkingClaims } from "./test-kit/queue/parking-claims.ts";
import { progressClaims } from "./test-kit/queue/progress-claims.ts";
import { settleClaims } from "./test-kit/queue/settle-claims.ts";
import { snoozeClaims } from "./test-kit/queue/snooze-claims.ts";
import { tenantTurnClaims } from "./test-kit/queue/tenant-turn-claims.ts";
import { workerClaims } from "./test-kit/queue/worker-claims.ts";
import { attemptClaims } from "./test-kit/records/attempt-claims.ts";
import { bulkClaims } from "./test-kit/records/bulk-claims.ts";
import { byHandClaims } from "./test-kit/records/by-hand-claims.ts";
import { durationClaims } from "./test-kit/records/duration-claims.ts";
import { gaugeClaims } from "./test-kit/records/gauge-claims.ts";
import { ownRetentionClaims } from "./test-kit/records/own-retention-claims.ts";
import { recordClaims } from "./test-kit/records/record-claims.ts";
import { retentionClaims } from "./test-kit/records/retention-claims.ts";
import { sizeClaims } from "./test-kit/records/size-claims.ts";
import { transferClaims } from "./test-kit/records/transfer-claims.ts";
import { accessClaims } from "./test-kit/shelves/access-claims.ts";
import { accessTokenClaims } from "./test-kit/shelves/access-token-claims.ts";
import { auditClaims } from "./test-kit/shelves/audit-claims.ts";
import { endpointClaims } from "./test-kit/shelves/endpoint-claims.ts";
import { endpointHealthClaims } from "./test-kit/shelves/endpoint-health-claims.ts";
import { eventClaims } from "./test-kit/shelves/event-claims.ts";
import { eventListClaims } from "./test-kit/shelves/event-list-claims.ts";
import { eventTypeClaims } from "./test-kit/shelves/event-type-claims.ts";
import { failureGroupClaims } from "./test-kit/shelves/failure-group-claims.ts";
import { laneBeginClaims } from "./test-kit/shelves/lane-begin-claims.ts";
import { operationalEventClaims } from "./test-kit/shelves/operational-event-claims.ts";
import { portalSessionClaims } from "./test-kit/shelves/portal-session-claims.ts";
import { recurringClaims } from "./test-kit/shelves/recurring-claims.ts";
import { registryClaims } from "./test-kit/shelves/registry-claims.ts";
import { scheduleClaims } from "./test-kit/shelves/schedule-claims.ts";
import { statClaims } from "./test-kit/shelves/stat-claims.ts";
import { tenantClaims } from "./test-kit/shelves/tenant-claims.ts";
import { workerReportClaims } from "./test-kit/shelves/worker-report-claims.ts";
import { type OpenStore, storeClaims } from "./test-kit/store-under-test.ts";

/** The test suite that every store has to pass, whatever its database, written only against the contract in store.ts. */
export function describeStore(name: string, open: OpenStore): void {
  const parts = {
    "enqueues and commits": enqueueClaims,
    "idempotency keys": idempotencyClaims,
    "guards of submissions": guardClaims,
    claiming: claimingClaims,
    "fairness between lanes": fairnessClaims,
    "turns of tenants": tenantTurnClaims,
    events: eventClaims,
    parking: parkingClaims,
    "begins in slow lanes": laneBeginClaims,
    "what workers tell of themselves": workerReportClaims,
    "ordered lanes": orderedClaims,
    "ordered lanes, by a model": orderedModelClaims,
    settling: settleClaims,
    snoozing: snoozeClaims,
    progress: progressClaims,
    "scheduled jobs": scheduleClaims,
    "keys of live jobs": keyClaims,
    groups: groupClaims,
    "follow-ups": followUpClaims,
    "recurring jobs": recurringClaims,
    "jobs and attempts looked up": recordClaims,
    "attempts at endpoints": attemptClaims,
    "rerun and cancel by hand": byHandClaims,
    "bulk runs": bulkClaims,
    "how long jobs took": durationClaims,
    workers: workerClaims,
    retention: retentionClaims,
    "retention of a job's own": ownRetentionClaims,
    "API keys and secrets": accessClaims,
    "the registry of what has changed": registryClaims,
    tenants: tenantClaims,
    endpoints: endpointClaims,
    "health of endpoints": endpointHealthClaims,
    "the audit": auditClaims,
    "operational events": operationalEventClaims,
    "access tokens": accessTokenClaims,
    "sessions of the portal": portalSessionClaims,
    "how full it is": gaugeClaims,
    statistics: statClaims,
    sizes: sizeClaims,
    "groups of failures": failureGroupClaims,
    "event types": eventTypeClaims,
    "events looked up": eventListClaims,
    "export and import": transferClaims,
  };
  describe(name, () => {
    for (const [part, stateClaims] of Object.entries(parts))
      describe(part, () => stateClaims(storeClaims(open)));
  });
}
