import { type AccessTokenShelf, AccessTokens } from "./access-tokens.ts";
import { ApiKeys, type KeyRing } from "./api-keys.ts";
import { Audit, type AuditShelf } from "./audit.ts";
import { type BulkRunShelf, BulkRuns } from "./bulk-runs.ts";
import { Health, type HealthShelf } from "./endpoint-health.ts";
import { type EndpointShelf, Endpoints } from "./endpoints.ts";
import { Erasure, type ErasureShelf } from "./erasure.ts";
import { type EventKeyShelf, EventKeys } from "./event-keys.ts";
import { type EventTypeShelf, EventTypes } from "./event-types.ts";
import { type EventShelf, Events } from "./events.ts";
import { type FanoutShelf, Fanouts } from "./fanouts.ts";
import { type LaneBeginShelf, LaneBegins } from "./lane-begins.ts";
import { type OperationalEventShelf, OperationalEvents } from "./operational-events.ts";
import { type PortalSessionShelf, PortalSessions } from "./portal-sessions.ts";
import { Registry, type RegistryShelf } from "./registry.ts";
import { type FireSchedule, type ScheduleShelf, Schedules } from "./schedules.ts";
import { Sealed, type SealedShelf } from "./sealed.ts";
import { type SecretShelf, Secrets } from "./secrets.ts";
import { type EndpointStatShelf, EndpointStats } from "./statistics/endpoint-stats.ts";
import { type FailureGroupShelf, FailureGroups } from "./statistics/failure-groups.ts";
import { type FailureHourShelf, FailureHours } from "./statistics/failure-hours.ts";
import { type SizeShelf, Sizes } from "./statistics/sizes.ts";
import { type StatShelf, Stats } from "./statistics/stats.ts";
import type { Session } from "./tables/session.ts";
import { type TenantShelf, Tenants } from "./tenants.ts";
import { type WorkerReportShelf, WorkerReports } from "./worker-reports.ts";

/** The parts of a store that are tables which nothing is claimed from: written once, for both databases. */
export interface Shelves {
  readonly keys: KeyRing;
  readonly secrets: SecretShelf;
  readonly sealed: SealedShelf;
  readonly schedules: ScheduleShelf;
  readonly registry: RegistryShelf;
  readonly tenants: TenantShelf;
  readonly endpoints: EndpointShelf;
  readonly endpointHealth: HealthShelf;
  readonly erasure: ErasureShelf;
  readonly eventTypes: EventTypeShelf;
  readonly events: EventShelf;
  readonly eventKeys: EventKeyShelf;
  readonly fanouts: FanoutShelf;
  readonly laneBegins: LaneBeginShelf;
  readonly accessTokens: AccessTokenShelf;
  readonly portalSessions: PortalSessionShelf;
  readonly stats: StatShelf;
  readonly endpointStats: EndpointStatShelf;
  readonly sizes: SizeShelf;
  readonly failureGroups: FailureGroupShelf;
  readonly failureHours: FailureHourShelf;
  readonly bulkRuns: BulkRunShelf;
  readonly operationalEvents: OperationalEventShelf;
  readonly audit: AuditShelf;
  readonly workerReports: WorkerReportShelf;
}

export function shelvesOn(session: Session, fire: FireSchedule): Shelves {
  return {
    keys: new ApiKeys(session),
    secrets: new Secrets(session),
    sealed: new Sealed(session),
    schedules: new Schedules(session, fire),
    registry: new Registry(session),
    tenants: new Tenants(session),
    endpoints: new Endpoints(session),
    endpointHealth: new Health(session),
    erasure: new Erasure(session),
    eventTypes: new EventTypes(session),
    events: new Events(session),
    eventKeys: new EventKeys(session),
    fanouts: new Fanouts(session),
    laneBegins: new LaneBegins(session),
    accessTokens: new AccessTokens(session),
    portalSessions: new PortalSessions(session),
    stats: new Stats(session),
    endpointStats: new EndpointStats(session),
    sizes: new Sizes(session),
    failureGroups: new FailureGroups(session),
    failureHours: new FailureHours(session),
    bulkRuns: new BulkRuns(session),
    operationalEvents: new OperationalEvents(session),
    audit: new Audit(session),
    workerReports: new WorkerReports(session),
  };
}
