import type { KeptEvent, ListedEvent } from "../../webhooks/events/kept-event.ts";
import { isJsonType } from "../../webhooks/events/read-send-request.ts";
import type { ListedEventAnswer } from "../schemas/event.ts";
import { jsonText } from "./answer.ts";
import { rfc3339, rfc3339OrNull } from "./rfc3339.ts";

export function listedEventView(event: ListedEvent): ListedEventAnswer {
  const { unsent } = event;
  return {
    event_id: event.id,
    tenant: event.tenantId,
    given_event_id: event.eventId,
    type: event.type,
    channels: event.channels && [...event.channels],
    tags: event.tags && [...event.tags],
    headers: [...event.headers],
    content_type: event.contentType,
    jobs: event.jobs,
    unsent: unsent && {
      counts: unsent.counts,
      named: unsent.named.map(([endpoint_id, reason]) => ({ endpoint_id, reason })),
    },
    run_at: rfc3339OrNull(event.runAt),
    created_at: rfc3339(event.createdAt),
  };
}

/** 200 with the event, its payload as it was written. */
export function eventAnswered(event: KeptEvent): Response {
  const { payload, contentType } = event;
  const view = JSON.stringify({ ...listedEventView(event), is_erased: payload === null });
  const [name, text] = payload === null ? ["payload", "null"] : payloadOf(payload, contentType);
  return jsonText(200, `${view.slice(0, -1)},"${name}":${text}}`);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function payloadOf(payload: Uint8Array, contentType: string): readonly [name: string, text: string] {
  try {
    const text = utf8.decode(payload);
    return ["payload", isJsonType(contentType) ? text : JSON.stringify(text)];
  } catch {
    return ["payload_base64", JSON.stringify(Buffer.from(payload).toString("base64"))];
  }
}
