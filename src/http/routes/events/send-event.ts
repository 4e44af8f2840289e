import { idempotencyOf, idempotencyParameter, REPLAYED, replayedHeader } from "../../answer/accept.ts";
import { json } from "../../answer/answer.ts";
import { sendRequestOf } from "../../request/event-request.ts";
import { jsonBodyOf } from "../../request/json-body.ts";
import { traceOf, traceParameter } from "../../request/trace.ts";
import type { Route, Services } from "../../route.ts";
import { eventBody, sentAnswer } from "../../schemas/event.ts";

export const EVENTS_PATH = "/webhooks/events";

/** A payload may be written in base64, or with escapes, and there is more than the payload. */
const TIMES_THE_BODY = 2;

export function sendEventRoute({ posthorn, bodies, rates }: Services): Route {
  return {
    method: "POST",
    path: EVENTS_PATH,
    needs: "send",
    accepts: true,
    scope: "tenant",
    operation: {
      id: "sendEvent",
      tag: "Events",
      summary: "Send an event",
      description:
        "Answers as soon as the event is on disk, and with it a delivery for each of the tenant's endpoints that wants it. The body may be twice as long as that of other requests.",
      parameters: [idempotencyParameter, traceParameter],
      body: {
        schema: eventBody,
        examples: {
          "an event": { tenant: "acme", type: "invoice.paid", payload: { id: 42, amount: 9.5 } },
          "with options": {
            tenant: "acme",
            type: "invoice.paid",
            payload: { id: 42 },
            event_id: "invoice-42-paid",
            channels: ["berlin"],
            delay: "10m",
          },
          text: { tenant: "acme", type: "note.made", payload: "Hello", content_type: "text/plain" },
        },
      },
      answers: {
        202: {
          description: "The event is on disk, and so is every delivery of it.",
          schema: sentAnswer,
          example: { event_id: "msg_01k9zq3v7n8r2m4w6x8y0z1a3b", status: "accepted", jobs: 3 },
          headers: { Location: "The path of the event.", "Idempotent-Replayed": REPLAYED },
        },
      },
      problems: [400, 404, 409, 413, 415, 422, 429],
    },
    async handle(c, caller) {
      const request = jsonBodyOf(c, await bodies.read(c, TIMES_THE_BODY), eventBody);
      const idempotency = idempotencyOf(c, caller, EVENTS_PATH, request.bytes);
      await rates.take(caller.reach?.tenant ?? request.body.tenant, caller.id);
      const trace = traceOf(c);
      const { eventId, jobs, replayed, warnings } = await posthorn.webhooks.send(sendRequestOf(request), {
        ...(idempotency && { idempotency }),
        ...(trace && { trace }),
        ...(caller.reach && { reach: caller.reach }),
      });
      const answer = { event_id: eventId, status: "accepted", jobs };
      return json(202, warnings.length > 0 ? { ...answer, warnings } : answer, {
        location: `${EVENTS_PATH}/${eventId}`,
        ...replayedHeader(replayed),
      });
    },
  };
}
