import { newId } from "../../../core/id.ts";
import type { BulkRun } from "../../shelves/bulk-runs.ts";
import type { EndpointHealth } from "../../shelves/endpoint-health.ts";
import type { Endpoint } from "../../shelves/endpoints.ts";
import type { EventType } from "../../shelves/event-types.ts";
import type { Tenant } from "../../shelves/tenants.ts";
import { NOW } from "../store-under-test.ts";

// rows of what is registered, plain unless said otherwise

/** As long as an empty secret is when it is encrypted. */
export const SEALED = `v1.${"A".repeat(38)}`;

export function newTenant(fields: Partial<Tenant> = {}): Tenant {
  return {
    id: newId("app", NOW),
    uid: null,
    name: "Acme ☎",
    metadata: "{}",
    limits: null,
    mode: "live",
    madeBy: "api",
    createdAt: NOW,
    updatedAt: NOW,
    deletedAt: null,
    ...fields,
  };
}

export function newEndpoint(tenant: string, fields: Partial<Endpoint> = {}): Endpoint {
  return {
    id: newId("ep", NOW),
    tenant,
    uid: null,
    url: "https://example.com/hooks",
    description: "",
    eventTypes: null,
    channels: null,
    filter: null,
    metadata: "{}",
    headers: null,
    auth: null,
    egress: null,
    secrets: SEALED,
    headerStyle: "webhook",
    signature: "hmac",
    sendsEventType: true,
    timeoutMs: null,
    retry: null,
    limits: null,
    verification: null,
    status: "active",
    statusReason: null,
    statusActor: null,
    statusAt: NOW,
    revision: 1,
    createdAt: NOW,
    updatedAt: NOW,
    deletedAt: null,
    ...fields,
  };
}

/** Not kept yet. */
export function newHealth(
  endpoint: { readonly id: string; readonly tenant: string },
  fields: Partial<EndpointHealth> = {},
): EndpointHealth {
  return {
    endpoint: endpoint.id,
    tenant: endpoint.tenant,
    version: 0,
    breaker: "closed",
    failures: 1,
    failingSince: NOW,
    openedAt: null,
    probeAt: null,
    probes: 0,
    lastSuccessAt: null,
    lastFailureAt: NOW,
    lastError: "it answered 500",
    updatedAt: NOW,
    ...fields,
  };
}

export function newEventType(name: string, fields: Partial<EventType> = {}): EventType {
  return {
    name,
    description: "",
    schemas: null,
    enforce: "off",
    isArchived: false,
    isDeprecated: false,
    featureFlags: null,
    groupName: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...fields,
  };
}

/** Not kept yet; plain unless said otherwise. */
export function newBulkRun(fields: Partial<BulkRun> = {}): BulkRun {
  return {
    id: newId("qtask", NOW),
    tenant: null,
    mode: null,
    action: "redeliver",
    filter: '{"kind":"jobs","jobs":{}}',
    state: "running",
    reason: null,
    cursor: null,
    step: 0,
    pace: null,
    matched: 0,
    done: 0,
    failed: 0,
    skipped: "{}",
    watched: null,
    course: null,
    alone: null,
    driver: newId("job", NOW),
    actor: null,
    note: null,
    startsAt: NOW,
    createdAt: NOW,
    updatedAt: NOW,
    endedAt: null,
    ...fields,
  };
}
