import type { FieldProblem } from "../../core/errors.ts";

const MOST_HEADERS = 50;
/** Names and values together. Common servers refuse a request with more than 8 to 16 KiB of headers. */
const MOST_BYTES = 8_192;

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
/** RFC 9110 §5.5 without obs-text, which receivers read in different encodings. Blanks may be inside, not at the ends. */
const VALUE = /^(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?$/;

const OURS = "is set by Posthorn";
const HTTPS = "belongs to HTTP itself";
/** `content-type` is not here: the body is JSON, but it may have a more specific type, such as application/cloudevents+json. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ["user-agent", OURS],
  ["webhook-id", `${OURS}; use the event id`],
  ["webhook-timestamp", OURS],
  ["webhook-signature", `${OURS}; use the secret`],
  ["content-length", OURS],
  ["content-encoding", `${OURS}: the body is sent as it is`],
  ["host", HTTPS],
  ["transfer-encoding", HTTPS],
  ["connection", HTTPS],
  ["keep-alive", HTTPS],
  ["upgrade", HTTPS],
  ["http2-settings", HTTPS],
  ["te", HTTPS],
  ["trailer", HTTPS],
  ["expect", HTTPS],
]);
const PROXY = "proxy-";
/** Reserved in deliveries to endpoints, where a second header of this name would make the first one useless. */
const ON_THE_WAY_TO_ENDPOINTS: ReadonlySet<string> = new Set([
  ...["webhook-event-type", "svix-id", "svix-timestamp", "svix-signature"],
]);

/** Where the headers are sent: to the target of one delivery, or to endpoints, which get more headers of Posthorn's own. */
export type HeadersFor = "target" | "endpoints";

/**
 * Checks the headers that a caller wants sent. Values are often secrets, so no problem repeats one.
 * `content-type` is returned in lower case, so that it replaces the default; other names stay as written.
 */
export function readHeaders(
  headers: unknown,
  problems: FieldProblem[],
  to: HeadersFor = "target",
): Record<string, string> | undefined {
  const given = entriesOf(headers);
  if (given === undefined) {
    problems.push({
      path: ["headers"],
      detail: "must be an object of names and strings, a Headers or a Map",
    });
    return undefined;
  }
  if (given.length > MOST_HEADERS) {
    problems.push({
      path: ["headers"],
      detail: `must be at most ${MOST_HEADERS}; there are ${given.length}`,
    });
    return undefined;
  }
  const kept: [string, string][] = [];
  const seen = new Set<string>();
  let bytes = 0;
  for (const [name, value] of given) {
    const lower = name.toLowerCase();
    const detail =
      wrongHeaderName(lower, to) ??
      wrongHeaderValue(value) ??
      (seen.has(lower) ? "is given twice" : undefined);
    if (detail !== undefined) problems.push({ path: ["headers", name], detail });
    if (typeof value !== "string") continue;
    seen.add(lower);
    bytes += name.length + value.length;
    kept.push([lower === "content-type" ? lower : name, value]);
  }
  if (bytes > MOST_BYTES) {
    problems.push({
      path: ["headers"],
      detail: `must be at most ${MOST_BYTES} bytes together; there are ${bytes}`,
    });
  }
  return Object.fromEntries(kept); // defines the member: assigning to `__proto__`, a valid name, would not
}

/** Undefined for values whose headers cannot be read, which would otherwise be lost silently. */
function entriesOf(headers: unknown): [string, unknown][] | undefined {
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) return undefined;
  if (!(Symbol.iterator in headers)) {
    const entries = Object.entries(headers);
    return entries.length > 0 || isPlain(headers) ? entries : undefined;
  }
  const entries = [...(headers as Iterable<unknown>)]; // the line above has checked it
  return entries.every(isEntry) ? entries : undefined;
}

function isPlain(headers: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(headers);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isEntry(entry: unknown): entry is [string, unknown] {
  return Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string";
}

/** Why a header of this name, in lower case, cannot be sent. */
export function wrongHeaderName(lower: string, to: HeadersFor): string | undefined {
  if (!TOKEN.test(lower)) return "is not a header name (RFC 9110)";
  if (lower.startsWith(PROXY)) return HTTPS;
  if (to === "endpoints" && ON_THE_WAY_TO_ENDPOINTS.has(lower)) return OURS;
  return RESERVED.get(lower);
}

/** Why a header cannot have this value. */
export function wrongHeaderValue(value: unknown): string | undefined {
  if (typeof value === "string" && VALUE.test(value)) return undefined;
  return "must be a string of visible ASCII characters, with blanks only between them";
}
