import type { ApiKeys } from "../access/api-keys.ts";
import type { By } from "../core/actor.ts";
import type { AuditTrail } from "../engine/audit/audit-trail.ts";
import type { BulkRuns } from "../engine/bulk/bulk-runs.ts";
import type { Failures } from "../engine/failures/failures.ts";
import type { Jobs } from "../engine/jobs.ts";
import type { PublicWorker } from "../engine/public-worker.ts";
import type { PruneResult } from "../engine/retention/pruner.ts";
import type { Schedules } from "../tasks/schedules.ts";
import type { Tasks } from "../tasks/tasks.ts";
import type { Attempts } from "../webhooks/attempts/attempts.ts";
import type { Endpoints } from "../webhooks/endpoints/endpoints.ts";
import type { EventTypes } from "../webhooks/event-types/event-types.ts";
import type { Events } from "../webhooks/events/events.ts";
import type { PortalSessions } from "../webhooks/portal/portal-sessions.ts";
import type { Tenants } from "../webhooks/tenants/tenants.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";

/** A Posthorn as the API is given it: its jobs are found by `jobsOf`. */
export type Served = Omit<Facade, "jobs">;

/** What the API needs of Posthorn. */
export interface Facade {
  readonly webhooks: Pick<Webhooks, "deliver" | "redeliverMany" | "retryMany" | "send" | "redeliver"> & {
    readonly tenants: Pick<
      Tenants,
      "createOnce" | "getOrCreate" | "get" | "list" | "put" | "patch" | "delete" | "erase" | "activity"
    >;
    readonly endpoints: Pick<
      Endpoints,
      | "create"
      | "get"
      | "list"
      | "put"
      | "patch"
      | "delete"
      | "secret"
      | "rotateSecret"
      | "history"
      | "pause"
      | "resume"
      | "disable"
      | "enable"
      | "health"
      | "stats"
      | "totals"
      | "backlogs"
      | "nextProbes"
      | "waitingLongest"
      | "unsent"
      | "eventAt"
      | "secretAges"
      | "mostFailing"
      | "test"
      | "verify"
      | "headers"
      | "known"
    >;
    readonly eventTypes: Pick<
      EventTypes,
      "createOnce" | "createOrRevive" | "get" | "list" | "put" | "patch" | "delete"
    >;
    readonly events: Pick<Events, "get" | "known" | "list" | "erase">;
    readonly attempts: Pick<Attempts, "ofEndpoint" | "ofTenant" | "ofEvent" | "count" | "get" | "erase">;
    readonly portal: Pick<PortalSessions, "create" | "exchange" | "authenticate" | "end">;
  };
  readonly bulk: Pick<
    BulkRuns,
    "start" | "preview" | "get" | "list" | "setPace" | "stop" | "resume" | "takeBack"
  >;
  readonly failures: Pick<Failures, "list" | "get" | "update">;
  readonly tasks: Pick<Tasks, "find" | "list" | "enqueue">;
  readonly jobs: Pick<
    Jobs,
    | "get"
    | "input"
    | "page"
    | "search"
    | "delivering"
    | "attempts"
    | "standing"
    | "rerun"
    | "retry"
    | "cancel"
    | "waitUntilEnded"
    | "watch"
    | "group"
  >;
  readonly schedules: Pick<
    Schedules,
    "list" | "pause" | "resume" | "pauseAll" | "resumeAll" | "run" | "remove"
  >;
  readonly audit: Pick<AuditTrail, "list" | "revealed" | "exported" | "backedUp">;
  readonly keys: Pick<ApiKeys, "create" | "list" | "revoke">;
  readonly isDraining: boolean;
  check(): Promise<void>;
  prune(by?: By): Promise<PruneResult>;
  workers(): Promise<PublicWorker[]>;
  drainWorker(id: string, by?: By): Promise<PublicWorker>;
}
