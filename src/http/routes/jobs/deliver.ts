import { rawMember } from "../../../core/json/json-member.ts";
import type { TraceParent } from "../../../core/traces/trace-parent.ts";
import { type DeliverRequest, JsonText } from "../../../webhooks/accept/deliver-request.ts";
import { acceptAnswers, acceptParameters, answerAccepted, idempotencyOf } from "../../answer/accept.ts";
import { webhookJobs } from "../../answer/job-place.ts";
import { jsonTextOf, parseJson } from "../../request/json-text.ts";
import { parseBody } from "../../request/parse.ts";
import { traceOf } from "../../request/trace.ts";
import type { Route, Services } from "../../route.ts";
import { type DeliverBody, deliverBody } from "../../schemas/deliver.ts";
import { durationGiven } from "../../schemas/times.ts";

const PATH = "/webhooks/deliver";

/** Every webhook comes in here, so whatever this does is done once for each of them. */
export function deliverRoute(services: Services): Route {
  const { posthorn, bodies } = services;
  return {
    method: "POST",
    path: PATH,
    needs: "send",
    accepts: true,
    scope: "server",
    operation: {
      id: "deliverWebhook",
      tag: "Webhooks",
      summary: "Deliver a webhook",
      description:
        "Answers as soon as the delivery is on disk; it is then sent, signed according to Standard Webhooks 1.0, and retried until the receiver answers 2xx or the attempts are used up.",
      parameters: acceptParameters,
      body: {
        schema: deliverBody,
        examples: {
          "a webhook": {
            target_url: "https://example.com/hooks",
            payload: { type: "invoice.paid", data: { id: 42 } },
          },
          "with options": {
            target_url: "https://example.com/hooks",
            payload: { type: "invoice.paid", data: { id: 42 } },
            headers: { "x-tenant": "acme" },
            delay: "10m",
            max_attempts: 5,
            timeout: "20s",
            event_id: "invoice_42_paid",
          },
        },
      },
      answers: acceptAnswers(webhookJobs),
      problems: [400, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      const bytes = await bodies.read(c);
      const text = jsonTextOf(c, bytes);
      const given = parseJson(text);
      const idempotency = idempotencyOf(c, caller, PATH, bytes);
      const body = parseBody(deliverBody, given);
      const accepted = await posthorn.webhooks.deliver(
        deliverRequest(body, given, text, traceOf(c)),
        idempotency,
      );
      return answerAccepted(c, accepted, webhookJobs, services);
    },
  };
}

/** @param given the parsed body. @param text the body as it arrived, with the payload's exact bytes. */
function deliverRequest(
  body: DeliverBody,
  given: unknown,
  text: string,
  trace: TraceParent | undefined,
): DeliverRequest {
  const payload = rawMember(text, "payload");
  const request: Writable<DeliverRequest> = {
    targetUrl: body.target_url,
    payload: payload === undefined ? body.payload : new JsonText(payload),
  };
  if (body.headers !== undefined) request.headers = headersOf(given);
  if (body.run_at !== undefined) request.runAt = body.run_at;
  if (body.delay !== undefined) request.delay = durationGiven(body.delay);
  if (body.max_attempts !== undefined) request.maxAttempts = body.max_attempts;
  if (body.timeout !== undefined) request.timeout = durationGiven(body.timeout);
  if (body.event_id !== undefined) request.eventId = body.event_id;
  if (body.secret !== undefined) request.secret = body.secret;
  if (body.tags !== undefined) request.tags = body.tags;
  if (body.copy_of !== undefined) request.copyOf = body.copy_of;
  if (trace) request.trace = trace;
  return request;
}

/** Straight from the parsed JSON, because zod omits a header named `__proto__`, and none may vanish. */
function headersOf(given: unknown): Readonly<Record<string, string>> {
  return (given as { headers: Record<string, string> }).headers; // deliverBody has checked it
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
