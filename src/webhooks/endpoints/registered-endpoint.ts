import { dateOf } from "../../core/instant.ts";
import { parseAsWritten } from "../../core/json/parse-as-written.ts";
import type { Metadata } from "../../core/metadata.ts";
import type { EndpointHealth } from "../../store/shelves/endpoint-health.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import type { ShownAuth } from "../auth/auth-options.ts";
import { shownAuth } from "../auth/kept-auth.ts";
import { type LimitOptions, shownLimits } from "../limit-options.ts";
import type { EndpointRetry } from "../registry/known-endpoint.ts";
import { type EndpointHealthView, healthView } from "./endpoint-health-view.ts";
import { type ShownVerification, shownVerification } from "./verification-options.ts";

/** An endpoint as it is registered, without its secrets and the values of its headers. */
export interface RegisteredEndpoint {
  readonly id: string;
  /** The id of its tenant. */
  readonly tenantId: string;
  readonly uid: string | null;
  readonly url: string;
  readonly description: string;
  /** Null if it gets events of all types. */
  readonly eventTypes: readonly string[] | null;
  readonly channels: readonly string[] | null;
  /** A number in it that a double does not hold is what `JSON.rawJSON` makes. */
  readonly filter: unknown;
  readonly metadata: Metadata;
  /** The names of its extra headers. */
  readonly headers: readonly string[];
  /** Without its secrets. */
  readonly auth: ShownAuth | null;
  readonly egress: string | null;
  readonly headerStyle: "webhook" | "svix" | "both";
  readonly signature: "hmac" | "ed25519";
  readonly sendsEventType: boolean;
  /** Of one attempt, in milliseconds; null for the default, 15 s. */
  readonly timeout: number | null;
  /** Delays in milliseconds; null for the default. */
  readonly retry: { readonly attempts?: number; readonly delays?: readonly number[] } | null;
  readonly limits: LimitOptions | null;
  readonly verification: ShownVerification | null;
  /** `paused`: its deliveries wait. `disabled`: it gets no new events, and its queued deliveries wait. */
  readonly status: "active" | "paused" | "disabled";
  readonly statusReason: string | null;
  /** Who gave it its status; null if nobody said. */
  readonly statusActor: string | null;
  readonly statusChangedAt: Date;
  /** How its deliveries are going. */
  readonly health: EndpointHealthView;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * @param headerNames of those that the row holds sealed.
 * @param health undefined if the endpoint has not failed yet.
 */
export function shownEndpoint(
  row: Endpoint,
  headerNames: readonly string[],
  health: EndpointHealth | undefined,
): RegisteredEndpoint {
  return {
    id: row.id,
    tenantId: row.tenant,
    uid: row.uid,
    url: row.url,
    description: row.description,
    eventTypes: parsed<readonly string[]>(row.eventTypes),
    channels: parsed<readonly string[]>(row.channels),
    filter: row.filter === null ? null : parseAsWritten(row.filter),
    metadata: parsed<Metadata>(row.metadata) ?? {},
    headers: headerNames,
    auth: shownAuth(row.auth),
    egress: row.egress,
    headerStyle: row.headerStyle,
    signature: row.signature,
    sendsEventType: row.sendsEventType,
    timeout: row.timeoutMs,
    retry: shownRetry(row.retry),
    limits: shownLimits(row.limits),
    verification: shownVerification(row.verification, row.url),
    status: row.status,
    statusReason: row.statusReason,
    statusActor: row.statusActor,
    statusChangedAt: dateOf(row.statusAt),
    health: healthView(health),
    createdAt: dateOf(row.createdAt),
    updatedAt: dateOf(row.updatedAt),
  };
}

function shownRetry(kept: string | null): RegisteredEndpoint["retry"] {
  const retry = parsed<EndpointRetry>(kept);
  if (retry === null) return null;
  const { attempts, delaysMs } = retry;
  return { ...(attempts !== undefined && { attempts }), ...(delaysMs && { delays: delaysMs }) };
}

/** Only what was checked is kept. */
function parsed<Of>(json: string | null): Of | null {
  return json === null ? null : (JSON.parse(json) as Of);
}
