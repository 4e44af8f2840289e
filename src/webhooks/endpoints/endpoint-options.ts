import type { Duration } from "../../core/duration.ts";
import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { type Metadata, metadataOf } from "../../core/metadata.ts";
import { callerIdOf, channelsOf } from "../../core/names.ts";
import {
  collectProblems,
  durationOf,
  textOf,
  unknownOptions,
  wholeNumberOf,
  wrong,
  YEAR_MS,
} from "../../core/options.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import { readHeaders } from "../accept/delivery-headers.ts";
import { type AuthOptions, type ReadAuth, readAuth } from "../auth/auth-options.ts";
import { descriptionOf } from "../description.ts";
import { eventTypePatternsOf } from "../events/matching/event-type-patterns.ts";
import { filterOf } from "../events/matching/filter.ts";
import { type LimitOptions, limitsOf } from "../limit-options.ts";
import type { EndpointRetry } from "../registry/known-endpoint.ts";
import { MOST_ATTEMPTS, timeoutOf } from "../schedule.ts";
import { EGRESS_NAME, EGRESS_NAME_RULE } from "../targets/egress.ts";
import { type VerificationOptions, verificationOf } from "./verification-options.ts";

/** Where a tenant's events are delivered to, and which of them. In a change, options left out stay as they are, and `null` clears one. */
export interface EndpointOptions {
  /** http or https, without credentials; checked against the target policy now, and again at every connect. */
  readonly url: string;
  /** Your own id for it: 1 to 256 letters, digits, `-`, `_` and `.`, not starting with `ep_`. Unique within the tenant. */
  readonly uid?: string | null;
  /** For people to read, at most 1000 characters. */
  readonly description?: string;
  /** The event types that it wants: exact names, or wildcards such as `invoice.*`. Absent or `null`: all. */
  readonly eventTypes?: readonly string[] | null;
  /** Only events that share a channel are delivered. Absent or `null`: events with any channels, or none. */
  readonly channels?: readonly string[] | null;
  /** A filter that the payload has to match: docs/filters.md. */
  readonly filter?: unknown;
  /** Strings by name, at most 4096 bytes as JSON. */
  readonly metadata?: Metadata;
  /** Extra headers of each delivery. Stored encrypted; only their names are shown. */
  readonly headers?: Readonly<Record<string, string>> | Headers | ReadonlyMap<string, string> | null;
  /**
   * How Posthorn authenticates to it, besides signing: docs/endpoints.md. Stored encrypted; only what is not secret is shown.
   */
  readonly auth?: AuthOptions | null;
  /** The name of the egress proxy (`egressProxies`) that its deliveries go through. Default `null`: the process's default route. */
  readonly egress?: string | null;
  /** How the signature's headers are named: `webhook-…` as in Standard Webhooks, `svix-…`, or both. Default `webhook`. */
  readonly headerStyle?: "webhook" | "svix" | "both";
  /** Whether the event's type is sent as `webhook-event-type`. Default true. */
  readonly sendsEventType?: boolean;
  /** How long one attempt may take. Default 15 s, from 100 ms to 5 min. */
  readonly timeout?: Duration | null;
  readonly retry?: EndpointRetryOptions | null;
  readonly limits?: LimitOptions | null;
  /** How it has to confirm that it wants events before it gets any, and again when its URL changes. Default `null`: it does not have to. */
  readonly verification?: VerificationOptions | null;
}

export interface EndpointRetryOptions {
  /** How many attempts may fail before the delivery does. Default 10, from 1 to 100. */
  readonly attempts?: number;
  /** The pauses before the second attempt, the third, and so on; the last one repeats. At most 100, each at most a year. */
  readonly delays?: readonly Duration[];
}

/** The fields of an endpoint's row that its caller decides, except secrets and status; headers are not encrypted yet. */
export type EndpointFields = Pick<
  Endpoint,
  | "url"
  | "uid"
  | "description"
  | "eventTypes"
  | "channels"
  | "filter"
  | "metadata"
  | "egress"
  | "headerStyle"
  | "sendsEventType"
  | "timeoutMs"
  | "retry"
  | "limits"
  | "verification"
>;

export interface ReadEndpoint {
  readonly fields: EndpointFields;
  /** Undefined when they stay as they are. */
  readonly headers: Readonly<Record<string, string>> | null | undefined;
  /** Likewise. */
  readonly auth: ReadAuth | null | undefined;
}

export const BLANK_ENDPOINT: EndpointFields = {
  url: "",
  uid: null,
  description: "",
  eventTypes: null,
  channels: null,
  filter: null,
  metadata: "{}",
  egress: null,
  headerStyle: "webhook",
  sendsEventType: true,
  timeoutMs: null,
  retry: null,
  limits: null,
  verification: null,
};

const MEMBERS = [
  "url",
  "uid",
  "description",
  "eventTypes",
  "channels",
  "filter",
  "metadata",
  "headers",
  "auth",
  "egress",
  "headerStyle",
  "sendsEventType",
  "timeout",
  "retry",
  "limits",
  "verification",
] satisfies (keyof EndpointOptions)[];

/**
 * Checks everything except where its URL leads.
 * @param before what is kept where an option is absent.
 * @param more options of the call besides these.
 * @throws InvalidInputError naming every option that is wrong.
 */
export function readEndpoint(
  options: Partial<EndpointOptions>,
  before: EndpointFields,
  more: readonly string[] = [],
): ReadEndpoint {
  const problems = unknownOptions(options, [...MEMBERS, ...more]);
  const read = <T, R, K extends R | undefined>(
    value: T | undefined,
    kept: K,
    reader: (value: T) => R,
  ): R | K => {
    if (value === undefined) return kept;
    const given = collectProblems(problems, () => [reader(value)] as const); // which may be null
    return given ? given[0] : kept;
  };
  const { url, limits, verification } = options;
  if (url === undefined && before.url === "") problems.push({ path: ["url"], detail: "is required" });
  const fields = {
    url: read(url, before.url, (text) => textOf(text, ["url"])),
    uid: read(options.uid, before.uid, orNull(uidOf)),
    description: read(options.description, before.description, descriptionOf),
    eventTypes: read(options.eventTypes, before.eventTypes, orNull(keptEventTypesOf)),
    channels: read(options.channels, before.channels, orNull(keptChannelsOf)),
    filter: read(options.filter, before.filter, orNull(filterOf)),
    metadata: read(options.metadata, before.metadata, (given) => JSON.stringify(metadataOf(given))),
    egress: read(options.egress, before.egress, orNull(egressOf)),
    headerStyle: read(options.headerStyle, before.headerStyle, headerStyleOf),
    sendsEventType: read(options.sendsEventType, before.sendsEventType, flagOf),
    timeoutMs: read(options.timeout, before.timeoutMs, orNull(timeoutOf)),
    retry: read(options.retry, before.retry, orNull(retryOf)),
    limits: read(limits, before.limits, (given) => limitsOf(given, true)),
    verification: read(
      verification,
      before.verification,
      orNull((given) => verificationOf(given, before.verification)),
    ),
  };
  const headers = headersOf(options.headers, problems);
  const auth = read(options.auth, undefined, orNull(readAuth));
  if (problems.length > 0) throw new InvalidInputError(problems);
  return { fields, headers, auth };
}

function orNull<T, R>(reader: (value: T) => R): (value: T | null) => R | null {
  return (value) => (value === null ? null : reader(value));
}

function uidOf(id: string): string {
  return callerIdOf(id, "ep", ["uid"]);
}

function keptEventTypesOf(patterns: readonly string[]): string {
  return JSON.stringify(eventTypePatternsOf(patterns));
}

function keptChannelsOf(channels: readonly string[]): string {
  return JSON.stringify(channelsOf(channels));
}

function headersOf(
  headers: EndpointOptions["headers"],
  problems: FieldProblem[],
): Readonly<Record<string, string>> | null | undefined {
  if (headers === undefined || headers === null) return headers;
  const read = readHeaders(headers, problems, "endpoints");
  return read && Object.keys(read).length > 0 ? read : null;
}

function egressOf(name: string): string {
  if (typeof name === "string" && EGRESS_NAME.test(name)) return name;
  throw wrong(["egress"], `must be the name of an egress proxy: ${EGRESS_NAME_RULE}`);
}

function headerStyleOf(value: Endpoint["headerStyle"]): Endpoint["headerStyle"] {
  if (value === "webhook" || value === "svix" || value === "both") return value;
  throw wrong(["headerStyle"], "must be webhook, svix or both");
}

function flagOf(value: boolean): boolean {
  if (typeof value === "boolean") return value;
  throw wrong(["sendsEventType"], "must be true or false");
}

function retryOf(retry: EndpointRetryOptions): string {
  const problems = unknownOptions(retry, ["attempts", "delays"], ["retry"]);
  const { attempts, delays } = retry;
  const kept: EndpointRetry = {
    ...(attempts !== undefined && {
      attempts:
        collectProblems(problems, () => wholeNumberOf(attempts, 1, MOST_ATTEMPTS, ["retry", "attempts"])) ??
        1,
    }),
    ...(delays !== undefined && { delaysMs: delaysOf(delays, problems) }),
  };
  if (problems.length > 0) throw new InvalidInputError(problems);
  return JSON.stringify(kept);
}

function delaysOf(delays: readonly Duration[], problems: FieldProblem[]): readonly number[] {
  if (!Array.isArray(delays) || delays.length === 0 || delays.length > MOST_ATTEMPTS) {
    problems.push({ path: ["retry", "delays"], detail: `must be a list of 1 to ${MOST_ATTEMPTS} durations` });
    return [];
  }
  return delays.map((delay, at) => {
    return collectProblems(problems, () => durationOf(delay, 0, YEAR_MS, ["retry", "delays", at])) ?? 0;
  });
}
