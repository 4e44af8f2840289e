import { describe } from "node:test";
import { accessClaims } from "./test-kit/access-claims.ts";
import { accessTokenClaims } from "./test-kit/access-token-claims.ts";
import { attemptClaims } from "./test-kit/attempt-claims.ts";
import { auditClaims } from "./test-kit/audit-claims.ts";
import { bulkClaims } from "./test-kit/bulk-claims.ts";
import { byHandClaims } from "./test-kit/by-hand-claims.ts";
import { claimingClaims } from "./test-kit/claiming-claims.ts";
import { endpointClaims } from "./test-kit/endpoint-claims.ts";
import { endpointHealthClaims } from "./test-kit/endpoint-health-claims.ts";
import { enqueueClaims } from "./test-kit/enqueue-claims.ts";
import { eventClaims } from "./test-kit/event-claims.ts";
import { eventListClaims } from "./test-kit/event-list-claims.ts";
import { eventTypeClaims } from "./test-kit/event-type-claims.ts";
import { failureGroupClaims } from "./test-kit/failure-group-claims.ts";
import { fairnessClaims } from "./test-kit/fairness-claims.ts";
import { followUpClaims } from "./test-kit/follow-up-claims.ts";
import { gaugeClaims } from "./test-kit/gauge-claims.ts";
import { groupClaims } from "./test-kit/group-claims.ts";
import { guardClaims } from "./test-kit/guard-claims.ts";
import { idempotencyClaims } from "./test-kit/idempotency-claims.ts";
import { keyClaims } from "./test-kit/key-claims.ts";
import { laneBeginClaims } from "./test-kit/lane-begin-claims.ts";
import { operationalEventClaims } from "./test-kit/operational-event-claims.ts";
import { orderedClaims } from "./test-kit/ordered-claims.ts";
import { orderedModelClaims } from "./test-kit/ordered-model-claims.ts";
import { ownRetentionClaims } from "./test-kit/own-retention-claims.ts";
import { parkingClaims } from "./test-kit/parking-claims.ts";
import { portalSessionClaims } from "./test-kit/portal-session-claims.ts";
import { progressClaims } from "./test-kit/progress-claims.ts";
import { recordClaims } from "./test-kit/record-claims.ts";
import { recurringClaims } from "./test-kit/recurring-claims.ts";
import { registryClaims } from "./test-kit/registry-claims.ts";
import { retentionClaims } from "./test-kit/retention-claims.ts";
import { scheduleClaims } from "./test-kit/schedule-claims.ts";
import { settleClaims } from "./test-kit/settle-claims.ts";
import { sizeClaims } from "./test-kit/size-claims.ts";
import { snoozeClaims } from "./test-kit/snooze-claims.ts";
import { statClaims } from "./test-kit/stat-claims.ts";
import { type OpenStore, storeClaims } from "./test-kit/store-under-test.ts";
import { tenantClaims } from "./test-kit/tenant-claims.ts";
import { tenantTurnClaims } from "./test-kit/tenant-turn-claims.ts";
import { transferClaims } from "./test-kit/transfer-claims.ts";
import { workerClaims } from "./test-kit/worker-claims.ts";

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
