import { durationText } from "../../core/duration.ts";
import type { EndpointBacklog } from "../../webhooks/endpoints/endpoint-backlog.ts";
import type { EndpointHealthView } from "../../webhooks/endpoints/endpoint-health-view.ts";
import type { EndpointChange } from "../../webhooks/endpoints/endpoint-history.ts";
import type { EndpointTotals } from "../../webhooks/endpoints/endpoint-stats.ts";
import type { SecretAge } from "../../webhooks/endpoints/endpoints.ts";
import type { RegisteredEndpoint } from "../../webhooks/endpoints/registered-endpoint.ts";
import type { RegisteredEventType } from "../../webhooks/event-types/event-type-options.ts";
import type { RegisteredTenant } from "../../webhooks/tenants/tenant-options.ts";
import type { ChangeAnswer, EndpointAnswer } from "../schemas/endpoint.ts";
import type { HealthAnswer } from "../schemas/endpoint-health.ts";
import type { ListedEndpoint } from "../schemas/endpoint-list.ts";
import type { EventTypeAnswer } from "../schemas/event-type.ts";
import type { TenantAnswer } from "../schemas/tenant.ts";
import { changedView } from "./change-view.ts";
import { rfc3339, rfc3339OrNull } from "./rfc3339.ts";

export function tenantView(tenant: RegisteredTenant): TenantAnswer {
  return {
    tenant_id: tenant.id,
    uid: tenant.uid,
    name: tenant.name,
    metadata: tenant.metadata,
    limits: tenant.limits,
    mode: tenant.mode,
    made_by: tenant.madeBy,
    created_at: rfc3339(tenant.createdAt),
    updated_at: rfc3339(tenant.updatedAt),
  };
}

export function healthView(health: EndpointHealthView): HealthAnswer {
  return {
    breaker: health.breaker,
    failures: health.failures,
    failing_since: rfc3339OrNull(health.failingSince),
    opened_at: rfc3339OrNull(health.openedAt),
    next_probe_at: rfc3339OrNull(health.nextProbeAt),
    last_success_at: rfc3339OrNull(health.lastSuccessAt),
    last_failure_at: rfc3339OrNull(health.lastFailureAt),
    last_error: health.lastError,
  };
}

export function totalsView({ attemptMs, ...same }: EndpointTotals): NonNullable<ListedEndpoint["stats"]> {
  return { ...same, attempt_ms: attemptMs };
}

export function backlogView({
  oldestDueAt,
  ...same
}: EndpointBacklog): NonNullable<ListedEndpoint["backlog"]> {
  return { ...same, oldest_due_at: oldestDueAt?.toISOString() ?? null };
}

export function secretAgeView({ createdAt, expiresAt }: SecretAge) {
  return { created_at: rfc3339(createdAt), expires_at: rfc3339OrNull(expiresAt) };
}

export function endpointView(endpoint: RegisteredEndpoint): EndpointAnswer {
  const { retry } = endpoint;
  return {
    endpoint_id: endpoint.id,
    tenant: endpoint.tenantId,
    uid: endpoint.uid,
    url: endpoint.url,
    description: endpoint.description,
    event_types: listOf(endpoint.eventTypes),
    channels: listOf(endpoint.channels),
    filter: endpoint.filter,
    metadata: endpoint.metadata,
    headers: [...endpoint.headers],
    auth: authView(endpoint.auth),
    egress: endpoint.egress,
    header_style: endpoint.headerStyle,
    signature: endpoint.signature,
    sends_event_type: endpoint.sendsEventType,
    timeout: endpoint.timeout === null ? null : exactly(endpoint.timeout),
    retry: retry && {
      ...(retry.attempts !== undefined && { attempts: retry.attempts }),
      ...(retry.delays && { delays: retry.delays.map(exactly) }),
    },
    limits: endpoint.limits,
    verification: verificationView(endpoint.verification),
    status: endpoint.status,
    status_reason: endpoint.statusReason,
    status_actor: endpoint.statusActor,
    status_changed_at: rfc3339(endpoint.statusChangedAt),
    health: healthView(endpoint.health),
    created_at: rfc3339(endpoint.createdAt),
    updated_at: rfc3339(endpoint.updatedAt),
  };
}

function authView(shown: RegisteredEndpoint["auth"]): EndpointAnswer["auth"] {
  if (shown?.kind === "mtls") {
    const { expiresAt, hasCa, ...rest } = shown;
    return { ...rest, expires_at: rfc3339(expiresAt), has_ca: hasCa };
  }
  if (shown?.kind !== "oauth2") return shown;
  const { tokenUrl, clientId, clientAuth, parameters, ...rest } = shown;
  return {
    ...rest,
    ...{ token_url: tokenUrl, client_id: clientId, client_auth: clientAuth, parameters: [...parameters] },
  };
}

function verificationView(shown: RegisteredEndpoint["verification"]): EndpointAnswer["verification"] {
  if (shown === null) return null;
  const { triedAt, ...verification } = shown;
  return { ...verification, tried_at: rfc3339OrNull(triedAt) };
}

export function changeView({ revision, at, actor, reason, change }: EndpointChange): ChangeAnswer {
  return { revision, at: rfc3339(at), actor, reason, changes: changedView(change) };
}

export function eventTypeView(type: RegisteredEventType): EventTypeAnswer {
  return {
    name: type.name,
    description: type.description,
    schemas: type.schemas,
    enforce: type.enforce,
    is_archived: type.isArchived,
    is_deprecated: type.isDeprecated,
    feature_flags: listOf(type.featureFlags),
    group_name: type.groupName,
    created_at: rfc3339(type.createdAt),
    updated_at: rfc3339(type.updatedAt),
  };
}

function listOf<Of>(list: readonly Of[] | null): Of[] | null {
  return list && [...list];
}

/** A duration in the form in which requests take it. */
function exactly(ms: number): string {
  return ms % 1_000 === 0 ? durationText(ms) : `${ms}ms`;
}
