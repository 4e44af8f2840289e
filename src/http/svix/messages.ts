import { z } from "zod";
import { HOUR_MS } from "../../core/duration.ts";
import { ConflictError, NotFoundError } from "../../core/errors.ts";
import { firstIdAt, isId } from "../../core/id.ts";
import { rawMember } from "../../core/json/json-member.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import { JsonText } from "../../webhooks/accept/deliver-request.ts";
import type { KeptEvent } from "../../webhooks/events/kept-event.ts";
import type { SendRequest, SentEvent } from "../../webhooks/events/send-request.ts";
import { jsonText, noContent } from "../answer/answer.ts";
import { traceOf } from "../request/trace.ts";
import { createApplication } from "./applications.ts";
import { asWritten } from "./as-written.ts";
import { type ApplicationIn, applicationIn, bodyOf, text } from "./body.ts";
import { invalid, notFound } from "./errors.ts";
import { eventTypesOf, gather, gatheredAnswer, momentOf, pageOf } from "./lists.ts";
import type { SvixOperation, SvixRequest } from "./operation.ts";

const labels = z.array(text).nullish();

const messageIn = z.object({
  eventType: text,
  payload: z.unknown().optional(),
  data: z.unknown().optional(),
  eventId: text.nullish(),
  channels: labels,
  tags: labels,
  deliverAt: text.nullish(),
  payloadRetentionPeriod: z.int().min(1).max(90).nullish(),
  payloadRetentionHours: z.int().min(1).max(2_160).nullish(),
  application: applicationIn.nullish(),
  transformationsParams: z
    .looseObject({ rawPayload: text.nullish(), headers: z.record(text, text).nullish() })
    .nullish(),
});

type MessageIn = z.infer<typeof messageIn>;

export const MESSAGE_PATH = "/app/{app}/msg/{msg}";

export const messageOperations: readonly SvixOperation[] = [
  {
    id: "v1.message.create",
    method: "POST",
    path: "/app/{app}/msg",
    scope: "organization",
    needs: "send",
    accepts: true,
    async handle(request) {
      const { body, text: written } = await bodyOf(request, messageIn);
      const retentionMs = retentionOf(body);
      const payload = payloadOf(body, written);
      const message = { ...messageOf(request, body), ...payload.sent };
      await request.services.rates.take(request.caller.reach?.tenant ?? request.at("app"), request.caller.id);
      const sent = await sendOrCreate(request, message, body.application ?? undefined, retentionMs);
      const isShown = request.showsContent;
      if (sent.replayed) {
        const first = await request.webhooks.events.get(sent.eventId, sent.tenantId);
        return jsonText(202, asWritten(messageView(first, isShown)));
      }
      const view = {
        id: sent.eventId,
        eventType: body.eventType,
        eventId: body.eventId ?? null,
        channels: body.channels ?? null,
        tags: body.tags ?? null,
        ...(message.runAt !== undefined && { deliverAt: message.runAt }),
        timestamp: timeOf(sent.eventId),
      };
      return jsonText(202, asWritten({ ...view, payload: new JsonText(isShown ? payload.shown : "{}") }));
    },
  },
  {
    id: "v1.message.list",
    method: "GET",
    path: "/app/{app}/msg",
    scope: "application",
    needs: "read",
    async handle(request) {
      const { id } = await request.application();
      const isShown = request.showsContent;
      const found = await messagesOf(request, id, (events) => events);
      const payloads = isShown ? await payloadsOf(request, id, found.data) : NONE;
      return gatheredAnswer(
        found,
        (event) => event.id,
        (event) => messageView({ ...event, payload: payloads.get(event.id) ?? null }, isShown),
      );
    },
  },
  {
    id: "v1.message.get",
    method: "GET",
    path: MESSAGE_PATH,
    scope: "application",
    needs: "read",
    async handle(request) {
      return jsonText(200, asWritten(messageView(await messageNamed(request), request.showsContent)));
    },
  },
  {
    id: "v1.message.expunge-content",
    method: "DELETE",
    path: `${MESSAGE_PATH}/content`,
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { tenantId, id } = await messageNamed(request);
      await request.webhooks.events.erase(tenantId, id, request.by);
      return noContent();
    },
  },
];

export type ListedMessage = Omit<KeptEvent, "payload">;

/** By the ids of their messages, for lists, which are without. */
export type Payloads = ReadonlyMap<string, Uint8Array | null>;

export const NONE: Payloads = new Map();

export async function payloadsOf(
  { webhooks }: SvixRequest,
  application: string,
  messages: readonly { readonly id: string }[],
): Promise<Payloads> {
  const kept = await webhooks.events.known(
    application,
    messages.map(({ id }) => id),
  );
  return new Map(kept.map(({ id, payload }) => [id, payload]));
}

/** The message that the path names. @throws SvixError 404 */
export async function messageNamed(request: SvixRequest): Promise<KeptEvent> {
  const { id } = await request.application();
  return request.webhooks.events.get(request.at("msg"), id);
}

/** A page of an application's messages that the query asks for, newest first, as `take` has them in `gather`. */
export function messagesOf<Of>(
  request: SvixRequest,
  application: string,
  take: (
    messages: readonly ListedMessage[],
  ) => readonly (Of | undefined)[] | Promise<readonly (Of | undefined)[]>,
) {
  const page = pageOf(request, (key) => isId("msg", key));
  const [since, until] = [momentOf(request, "after"), momentOf(request, "before")];
  const types = eventTypesOf(request);
  const [channel, tag] = [request.query.get("channel"), request.query.get("tag")];
  const filter = withoutUndefined({
    since: since === undefined ? undefined : new Date(since),
    until: until === undefined ? undefined : new Date(until),
    channel: channel || undefined,
    type: types?.size === 1 ? [...types][0] : undefined,
  });
  // with nothing but a beginning, those that are nearest to it
  const isFromBeginning = since !== undefined && until === undefined && !request.query.get("iterator");
  const at = isFromBeginning ? { ...page, before: firstIdAt("msg", since) } : page;
  return gather(
    at,
    (from) => request.webhooks.events.list(application, { ...from, ...filter }),
    (events) =>
      take(events.filter(({ type, tags }) => (!types || types.has(type)) && (!tag || tags?.includes(tag)))),
  );
}

/** To be given out by `asWritten`. */
export function messageView(
  event: Omit<KeptEvent, "payload"> & { readonly payload: Uint8Array | null },
  isShown: boolean,
) {
  return {
    id: event.id,
    eventType: event.type,
    eventId: event.eventId,
    channels: event.channels,
    tags: event.tags,
    ...(event.runAt !== null && { deliverAt: event.runAt }),
    timestamp: event.createdAt,
    payload: new JsonText(isShown ? shownPayload(event) : "{}"),
  };
}

function shownPayload({ payload }: KeptEvent): string {
  if (payload === null) return '{"expired":true}';
  const written = Buffer.from(payload).toString();
  try {
    const given: unknown = JSON.parse(written);
    if (isObject(given)) return written;
  } catch {
    // text of another kind
  }
  return "{}";
}

/** What is sent, and how the answer shows it. */
function payloadOf(
  body: MessageIn,
  written: string,
): { readonly sent: Pick<SendRequest, "payload" | "contentType">; readonly shown: string } {
  const { rawPayload, headers, ...others } = body.transformationsParams ?? {};
  const [other] = Object.keys(others);
  if (other !== undefined)
    throw invalid(
      ["body", "transformationsParams", other],
      "is not supported here: there are no transformations",
    );
  const name = body.payload === undefined ? "data" : "payload";
  if (!isObject(body[name]))
    throw invalid(["body", "payload"], "must be a JSON object", "value_error.jsondecode");
  const shown = rawMember(written, name) ?? "{}";
  if (rawPayload == null) return { sent: { payload: new JsonText(shown) }, shown };
  const contentType = Object.entries(headers ?? {}).find(
    ([header]) => header.toLowerCase() === "content-type",
  )?.[1];
  return { sent: rawContent(rawPayload, contentType), shown };
}

/** How long its payload may be kept, in milliseconds, if given. */
function retentionOf({
  payloadRetentionPeriod: days,
  payloadRetentionHours: hours,
}: MessageIn): number | undefined {
  if (days != null && hours != null)
    throw invalid(["body", "payloadRetentionHours"], "cannot be given together with payloadRetentionPeriod");
  if (hours != null) return hours * HOUR_MS;
  return days == null ? undefined : days * 24 * HOUR_MS;
}

/** It is sent as it is, whatever its content type. */
function rawContent(
  raw: string,
  contentType = "application/json",
): Pick<SendRequest, "payload" | "contentType"> {
  return { payload: new JsonText(raw), contentType };
}

function messageOf(request: SvixRequest, body: MessageIn): Omit<SendRequest, "payload"> {
  const { deliverAt } = body;
  return {
    tenant: request.at("app"),
    type: body.eventType,
    ...(body.eventId != null && { eventId: body.eventId }),
    ...(body.channels != null && { channels: body.channels }),
    ...(body.tags != null && { tags: body.tags }),
    ...(deliverAt != null && { runAt: deliverAt }),
  };
}

/** Sends a message. Creates the application first if it does not exist and the message describes it. */
async function sendOrCreate(
  request: SvixRequest,
  message: SendRequest,
  application: MessageIn["application"],
  eraseAfter: number | undefined,
): Promise<SentEvent> {
  const { webhooks, caller, idempotency, c } = request;
  const trace = traceOf(c);
  const options = {
    unknownTenants: "reject",
    repeatedEventIds: "reject",
    ...(idempotency && { idempotency }),
    ...(trace && { trace }),
    ...(eraseAfter !== undefined && { eraseAfter }),
    ...(caller.reach && { reach: caller.reach }),
  } as const;
  try {
    return await webhooks.send(message, options);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    if (!application) throw notFound(`there is no application ${message.tenant}`);
  }
  await createDescribed(request, application);
  return webhooks.send(message, options);
}

/** Creates the application that the path names, as the body describes it; another request may be faster. */
export async function createDescribed(request: SvixRequest, application: ApplicationIn): Promise<void> {
  const uid = application.uid ?? undefined;
  if (uid === undefined)
    throw invalid(["body", "application", "uid"], "is required here", "application_uid_missing");
  if (uid !== request.at("app"))
    throw invalid(["body", "application", "uid"], "must be the one in the path", "application_uid_mismatch");
  await createApplication(request, application, null).catch((error: unknown) => {
    if (!(error instanceof ConflictError)) throw error;
  });
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

/** The creation time in an id. */
function timeOf(id: string): string {
  const from = id.indexOf("_") + 1;
  let ms = 0;
  for (let at = from; at < from + 10; at++) ms = ms * 32 + DIGITS.indexOf(id.charAt(at));
  return new Date(ms).toISOString();
}
