import { createHash } from "node:crypto";
import { type FieldProblem, InvalidInputError, messageOf } from "../../core/errors.ts";
import { isId } from "../../core/id.ts";
import { toJsonText } from "../../core/json/json-text.ts";
import { callerIdOf, channelsOf, eventTypeOf, tagsOf } from "../../core/names.ts";
import { collectProblems, dueAt, textOf, unknownOptions } from "../../core/options.ts";
import { JsonText } from "../accept/deliver-request.ts";
import { readHeaders } from "../accept/delivery-headers.ts";
import type { SendRequest } from "./send-request.ts";

/** A checked SendRequest. */
export interface NewEvent {
  /** A uid, or an id of ours. */
  readonly tenant: string;
  readonly type: string;
  readonly payload: Uint8Array;
  readonly contentType: string;
  readonly eventId: string | null;
  readonly channels: readonly string[] | null;
  readonly tags: readonly string[] | null;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** In milliseconds since the epoch; null for at once. */
  readonly runAt: number | null;
  /** Tells a repeated event from another one that has its id. */
  readonly fingerprint: string;
}

const MOST_PAYLOAD_BYTES = 1_048_576;

const JSON_TYPE = "application/json";
const IS_JSON = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
/** RFC 9110 §8.3.1, as far as anybody uses it. */
const CONTENT_TYPE =
  /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;\s*[\w!#$&^.+-]+=(?:[\w!#$&^.+-]+|"[ !#-[\]-~]*"))*$/;
const LONGEST_CONTENT_TYPE = 255;

const MEMBERS = [
  "tenant",
  "type",
  "payload",
  "contentType",
  "eventId",
  "channels",
  "tags",
  "headers",
  "runAt",
  "delay",
] satisfies (keyof SendRequest)[];

/**
 * Checks everything that can be checked on the spot; what the event's type asks of it is known to the registry.
 * @throws InvalidInputError naming every field that is wrong.
 */
export function readSendRequest(request: SendRequest, now: number): NewEvent {
  const problems = unknownOptions(request, MEMBERS);
  const { headers } = request;
  const given = <T>(value: T | undefined, read: (value: T) => unknown) =>
    value === undefined ? undefined : collectProblems(problems, () => read(value));
  const contentType = readContentType(request.contentType, problems);
  const event = {
    tenant: collectProblems(problems, () => tenantOf(request.tenant)) ?? "",
    type: collectProblems(problems, () => eventTypeOf(request.type)) ?? "",
    payload: readPayload(request.payload, contentType, problems),
    contentType,
    eventId: (given(request.eventId, (id) => callerIdOf(id, "msg", ["eventId"])) ?? null) as string | null,
    channels: (given(request.channels, (names) => channelsOf(names)) ?? null) as readonly string[] | null,
    tags: (given(request.tags, (names) => tagsOf(names)) ?? null) as readonly string[] | null,
    headers: headers === undefined ? undefined : readHeaders(headers, problems, "endpoints"),
    runAt: dueAt(request, now, problems) ?? null,
  };
  if (problems.length > 0) throw new InvalidInputError(problems);
  // only ids of callers are used again, and a digest is a tenth of what an event takes to be accepted
  return { ...event, fingerprint: event.eventId === null ? "" : fingerprintOf(event, request) };
}

/** What names a tenant: an id of ours, or its caller's. */
export function tenantOf(value: unknown): string {
  const text = textOf(value as string, ["tenant"], "must be a string: the tenant's uid or id"); // textOf checks it
  return isId("app", text) ? text : callerIdOf(text, "app", ["tenant"]);
}

/** Whether a payload of this media type is JSON. */
export function isJsonType(contentType: string): boolean {
  return IS_JSON.test(contentType);
}

function readContentType(value: string | undefined, problems: FieldProblem[]): string {
  if (value === undefined) return JSON_TYPE;
  if (typeof value === "string" && value.length <= LONGEST_CONTENT_TYPE && CONTENT_TYPE.test(value))
    return value;
  problems.push({
    path: ["contentType"],
    detail: 'must be a media type, such as "text/plain; charset=utf-8"',
  });
  return JSON_TYPE;
}

function readPayload(payload: unknown, contentType: string, problems: FieldProblem[]): Uint8Array {
  const wrong = (detail: string) => {
    problems.push({ path: ["payload"], detail });
    return new Uint8Array();
  };
  const isJson = isJsonType(contentType);
  if (payload === undefined) return wrong("is required");
  let bytes: Uint8Array;
  if (payload instanceof JsonText) bytes = Buffer.from(payload.text);
  else if (payload instanceof Uint8Array) {
    if (isJson) return wrong(`is bytes; say what they are with contentType, or give JSON as a JsonText`);
    bytes = payload.slice();
  } else if (!isJson) {
    if (typeof payload !== "string") return wrong(`must be bytes or a string, because it is ${contentType}`);
    bytes = Buffer.from(payload);
  } else {
    try {
      bytes = Buffer.from(toJsonText(payload));
    } catch (error) {
      return wrong(messageOf(error));
    }
  }
  const text = payload instanceof JsonText ? payload.text : payload;
  if (typeof text === "string" && !text.isWellFormed())
    return wrong("contains half a surrogate pair, which UTF-8 cannot encode");
  if (bytes.length > MOST_PAYLOAD_BYTES)
    return wrong(`must be at most ${MOST_PAYLOAD_BYTES} bytes; it is ${bytes.length}`);
  return bytes;
}

/** The delay as it was given: by the clock, a repeated one would be another moment. */
function fingerprintOf(event: Omit<NewEvent, "fingerprint">, { runAt, delay }: SendRequest): string {
  const { type, contentType, channels, tags, headers, payload } = event;
  const due = runAt instanceof Date ? runAt.getTime() : (runAt ?? delay ?? null);
  const sorted = headers && Object.entries(headers).sort(([one], [other]) => (one < other ? -1 : 1));
  const rest = JSON.stringify([type, contentType, channels?.toSorted(), tags?.toSorted(), sorted, due]);
  return createHash("sha256").update(rest).update("\n").update(payload).digest("hex");
}
