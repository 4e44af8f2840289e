import { isJsonType } from "../../webhooks/events/read-send-request.ts";
import type { SendRequest } from "../../webhooks/events/send-request.ts";
import type { EventBody } from "../schemas/event.ts";
import { durationGiven } from "../schemas/times.ts";
import { type JsonBody, memberText } from "./json-body.ts";
import { badBody } from "./request-error.ts";

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** An event's body in the library's form, which checks its values. @throws RequestError 422 for its payload. */
export function sendRequestOf(request: JsonBody<EventBody>): SendRequest {
  const { body, given } = request;
  return {
    tenant: body.tenant,
    type: body.type,
    payload: payloadOf(request),
    ...(body.content_type !== undefined && { contentType: body.content_type }),
    ...(body.event_id !== undefined && { eventId: body.event_id }),
    ...(body.channels !== undefined && { channels: body.channels }),
    ...(body.tags !== undefined && { tags: body.tags }),
    // straight from the parsed JSON, because zod omits a header named `__proto__`, and none may vanish
    ...(body.headers !== undefined && { headers: given.headers as Readonly<Record<string, string>> }),
    ...(body.run_at !== undefined && { runAt: body.run_at }),
    ...(body.delay !== undefined && { delay: durationGiven(body.delay) }),
  };
}

function payloadOf({ body, text }: JsonBody<EventBody>): unknown {
  const { payload_base64: base64, content_type: contentType } = body;
  const payload = memberText(text, "payload");
  if (base64 === undefined) {
    const isText = contentType !== undefined && !isJsonType(contentType);
    return isText ? body.payload : payload;
  }
  const wrong = (detail: string) => badBody([{ path: ["payload_base64"], detail }]);
  if (payload !== undefined) throw wrong("cannot be given with payload; give one of the two");
  if (contentType === undefined || isJsonType(contentType))
    throw wrong("requires content_type, which says what it is; JSON goes into payload");
  if (!BASE64.test(base64)) throw wrong("is not base64");
  return new Uint8Array(Buffer.from(base64, "base64"));
}
