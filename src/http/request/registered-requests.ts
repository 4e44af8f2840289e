import type { Metadata } from "../../core/metadata.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import type { AuthOptions } from "../../webhooks/auth/auth-options.ts";
import type { EndpointRetryOptions } from "../../webhooks/endpoints/endpoint-options.ts";
import type { NewEndpointOptions } from "../../webhooks/endpoints/endpoints.ts";
import type { VerificationOptions } from "../../webhooks/endpoints/verification-options.ts";
import type { EventTypeOptions } from "../../webhooks/event-types/event-type-options.ts";
import type { LimitOptions } from "../../webhooks/limit-options.ts";
import type { NewTenantOptions } from "../../webhooks/tenants/tenant-options.ts";
import type { EndpointBody, EndpointChangesBody } from "../schemas/endpoint.ts";
import type { EventTypeBody } from "../schemas/event-type.ts";
import type { TenantBody } from "../schemas/tenant.ts";
import { durationGiven } from "../schemas/times.ts";
import { type JsonBody, memberText } from "./json-body.ts";

/** Bodies in the library's form, which checks their values. A `null` that the library has no word for is what it clears to. */

type Options<Of> = { -readonly [Name in keyof Of]?: Of[Name] };

export function tenantOptions({ body, given }: JsonBody<TenantBody>): NewTenantOptions {
  const options: Options<NewTenantOptions> = {};
  if (body.uid !== undefined) options.uid = body.uid;
  if (body.name !== undefined) options.name = body.name ?? "";
  if (body.metadata !== undefined) options.metadata = metadataOf(given);
  if (body.limits !== undefined) options.limits = body.limits as LimitOptions | null; // optional members are absent, not undefined
  if (body.mode !== undefined) options.mode = body.mode;
  return options;
}

export function endpointOptions(request: JsonBody<EndpointBody>): NewEndpointOptions {
  const { url, secret, signature, status } = request.body;
  return {
    ...endpointChangesOf(request),
    url,
    ...withoutUndefined({ secret, signature, status }),
  };
}

export function endpointChangesOf({
  body,
  given,
  text,
}: JsonBody<EndpointChangesBody>): Partial<NewEndpointOptions> {
  const options: Options<NewEndpointOptions> = {};
  if (body.url !== undefined) options.url = body.url;
  if (body.uid !== undefined) options.uid = body.uid;
  if (body.description !== undefined) options.description = body.description ?? "";
  if (body.event_types !== undefined) options.eventTypes = body.event_types;
  if (body.channels !== undefined) options.channels = body.channels;
  if (body.filter !== undefined) options.filter = body.filter && memberText(text, "filter");
  if (body.metadata !== undefined) options.metadata = metadataOf(given);
  // straight from the parsed JSON, because zod omits a header named `__proto__`, and none may vanish
  if (body.headers !== undefined) options.headers = given.headers as Readonly<Record<string, string>> | null; // as the schema has checked
  if (body.auth !== undefined) options.auth = authOf(body.auth, given.auth);
  if (body.egress !== undefined) options.egress = body.egress;
  if (body.header_style !== undefined) options.headerStyle = body.header_style;
  if (body.sends_event_type !== undefined) options.sendsEventType = body.sends_event_type;
  if (body.timeout !== undefined)
    options.timeout = body.timeout === null ? null : durationGiven(body.timeout);
  if (body.retry !== undefined) options.retry = retryOf(body.retry);
  if (body.limits !== undefined) options.limits = body.limits as LimitOptions | null; // optional members are absent, not undefined
  // the library checks which members go together
  if (body.verification !== undefined) options.verification = body.verification as VerificationOptions | null;
  return options;
}

export function eventTypeOptions({ body, text }: JsonBody<EventTypeBody>): EventTypeOptions {
  const options: Options<EventTypeOptions> = {};
  if (body.description !== undefined) options.description = body.description ?? "";
  if (body.schemas !== undefined) options.schemas = body.schemas && schemasOf(body.schemas, text);
  if (body.enforce !== undefined) options.enforce = body.enforce;
  if (body.is_archived !== undefined) options.isArchived = body.is_archived;
  if (body.is_deprecated !== undefined) options.isDeprecated = body.is_deprecated;
  if (body.feature_flags !== undefined) options.featureFlags = body.feature_flags;
  if (body.group_name !== undefined) options.groupName = body.group_name;
  return options;
}

function metadataOf({ metadata }: Readonly<Record<string, unknown>>): Metadata {
  return (metadata ?? {}) as Metadata; // as the schema has checked
}

/** @param given as it was parsed, because zod omits a parameter named `__proto__`, and none may vanish. */
function authOf(auth: NonNullable<EndpointBody["auth"]> | null, given: unknown): AuthOptions | null {
  if (auth?.kind !== "oauth2") return auth as AuthOptions | null; // optional members are absent, not undefined
  const { token_url, client_id, client_secret, client_auth, parameters, ...rest } = auth;
  return {
    ...(rest as { kind: "oauth2"; scope?: string; audience?: string }), // likewise
    tokenUrl: token_url,
    clientId: client_id,
    clientSecret: client_secret,
    ...(client_auth && { clientAuth: client_auth }),
    ...(parameters && { parameters: (given as { parameters: Record<string, string> }).parameters }), // as the schema has checked
  };
}

function retryOf(retry: EndpointBody["retry"]): EndpointRetryOptions | null {
  if (!retry) return null;
  const { attempts, delays } = retry;
  return withoutUndefined({ attempts, delays: delays?.map(durationGiven) });
}

/** Each as it is written, with numbers that JavaScript cannot hold. */
function schemasOf(schemas: Readonly<Record<string, unknown>>, text: string): Record<string, unknown> {
  const all = memberText(text, "schemas")?.text ?? "{}";
  return Object.fromEntries(Object.keys(schemas).map((version) => [version, memberText(all, version)]));
}
