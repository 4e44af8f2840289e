import type { Job } from "../../core/job.ts";
import type { LaneLimits } from "../../engine/task.ts";
import type { Endpoint, EndpointKey } from "../../store/shelves/endpoints.ts";
import { EndpointMatcher, type Verdict } from "../events/matching/endpoint-matcher.ts";
import type { EventToMatch } from "../events/matching/event-to-match.ts";
import { compileFilter } from "../events/matching/filter.ts";
import type { OpenedEndpoint } from "./opened-endpoint.ts";

/** What an endpoint allows of itself, on one worker and over a fleet. */
export interface EndpointLimits extends LaneLimits {
  /** One delivery at a time, in the order of acceptance: the oldest holds the others up until it has ended. */
  readonly ordered?: boolean;
}

/** How often an endpoint is tried. What is left out is as for any delivery. */
export interface EndpointRetry {
  /** How many attempts may fail. */
  readonly attempts?: number;
  /** Before the second attempt, the third and so on; the last of them before all further ones. */
  readonly delaysMs?: readonly number[];
}

const NO_RETRY: EndpointRetry = {};

/** What of an endpoint's row is needed for each event: of tens of thousands, the rest would be most of what is remembered. */
export type KnownRow = Pick<
  Endpoint,
  | ("id" | "tenant" | "url" | "deletedAt" | "timeoutMs" | "egress")
  | ("eventTypes" | "channels" | "filter" | "status")
  | ("headers" | "auth" | "secrets" | "headerStyle" | "sendsEventType")
>;

/** An endpoint as this process knows it, never changed: another takes its place when it has changed. */
export class KnownEndpoint {
  readonly row: KnownRow;
  readonly lane: string;
  readonly isOrdered: boolean;
  /** Undefined for most. */
  readonly limits: LaneLimits | undefined;
  /** Of all its tenant's endpoints together. */
  readonly tenantLimits: LaneLimits | undefined;
  readonly retry: EndpointRetry;
  /** Why deliveries to it wait; undefined if they need not. See `Parking`. */
  readonly heldUpBy: HoldUp | undefined;
  /** Kept here by who opens it: a WeakMap with thousands of entries holds the collector up for milliseconds. */
  opened: OpenedEndpoint | undefined;
  #matcher: EndpointMatcher | undefined;

  /** @param tenantLimits as the tenant's row has them. */
  constructor(row: Endpoint, tenantLimits: string | null) {
    this.row = knownOf(row);
    this.lane = laneOf(row.tenant, row.id);
    const limits = row.limits === null ? undefined : (JSON.parse(row.limits) as EndpointLimits); // only checked ones are kept
    this.isOrdered = limits?.ordered === true;
    this.limits = limits?.concurrency !== undefined || limits?.rate ? limits : undefined;
    this.tenantLimits = tenantLimits === null ? undefined : (JSON.parse(tenantLimits) as LaneLimits); // likewise
    this.heldUpBy = heldUpByStatus(row);
    this.retry = row.retry === null ? NO_RETRY : (JSON.parse(row.retry) as EndpointRetry); // likewise
  }

  get isDeleted(): boolean {
    return this.row.deletedAt !== null;
  }

  /** Whether it wants an event. */
  verdictOn(event: EventToMatch): Verdict {
    this.#matcher ??= matcherOf(this.row); // most of those that are only sent to are never asked
    return this.#matcher.verdictOn(event);
  }
}

/** Why an endpoint is held up by somebody's decision. */
export type HoldUp = "paused" | "disabled" | "unverified";

export function heldUpByStatus({ status, verification, url }: Endpoint): HoldUp | undefined {
  if (status !== "active") return status;
  if (verification === null) return undefined;
  // only checked ones are stored; an endpoint whose URL changed has to confirm again
  return (JSON.parse(verification) as EndpointVerification).verifiedUrl === url ? undefined : "unverified";
}

/** How an endpoint shows that it wants events, and whether it has. */
export interface EndpointVerification {
  readonly method: "challenge" | "handshake";
  /** Whom a handshake asks for. */
  readonly origin?: string;
  /** The URL for which it did; null before. */
  readonly verifiedUrl: string | null;
  /** When it was last asked, and why that did not do. */
  readonly triedAt: number | null;
  readonly error: string | null;
}

/** The lane of an endpoint's deliveries. A tenant's lanes are adjacent in order. */
export function laneOf(tenant: string, endpoint: string): string {
  return `${tenant}/${endpoint}`;
}

const LANE = /^app_[0-9a-z]{26}\/ep_[0-9a-z]{26}$/;

/** Whether it is one of `laneOf`: other deliveries are named after their targets. */
export function isLaneOfEndpoint(lane: string): boolean {
  return LANE.test(lane);
}

/** The tenant and the endpoint that a lane of `laneOf` is named after. */
export function keyOfLane(lane: string): EndpointKey {
  const at = lane.indexOf("/");
  return { tenant: lane.slice(0, at), id: lane.slice(at + 1) };
}

/** The id of the endpoint that a job delivers an event to, if it does. */
export function endpointOf({ lane, origin }: Pick<Job, "lane" | "origin">): string | null {
  return origin?.event === undefined ? null : keyOfLane(lane).id;
}

/** Spelled out, so that each has its place in the object itself. */
function knownOf(row: Endpoint): KnownRow {
  return {
    id: row.id,
    tenant: row.tenant,
    url: row.url,
    deletedAt: row.deletedAt,
    timeoutMs: row.timeoutMs,
    egress: row.egress,
    eventTypes: row.eventTypes,
    channels: row.channels,
    filter: row.filter,
    status: row.status,
    headers: row.headers,
    auth: row.auth,
    secrets: row.secrets,
    headerStyle: row.headerStyle,
    sendsEventType: row.sendsEventType,
  };
}

function matcherOf({ eventTypes, channels, filter, status }: KnownRow): EndpointMatcher {
  return new EndpointMatcher({
    eventTypes: eventTypes === null ? null : (JSON.parse(eventTypes) as string[]), // only checked ones are kept
    channels: channels === null ? null : (JSON.parse(channels) as string[]), // likewise
    filter: filter === null ? null : compileFilter(filter),
    status,
  });
}
