import { z } from "zod";
import { isId } from "../../core/id.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import type { RegisteredEndpoint } from "../../webhooks/endpoints/registered-endpoint.ts";
import type { RegisteredTenant } from "../../webhooks/tenants/tenant-options.ts";
import { requireFields } from "../access/session-gate.ts";
import { json, noContent } from "../answer/answer.ts";
import { limitsFor, throttleRateOf } from "./applications.ts";
import { bodyOf, metadata, rate, rateOf, text } from "./body.ts";
import { readSvixHeaders } from "./endpoint-headers.ts";
import { ENDPOINT_PATH } from "./endpoint-path.ts";
import { checkedKey } from "./endpoint-secrets.ts";
import { invalid } from "./errors.ts";
import { listAnswer, orderOf, pageOf } from "./lists.ts";
import { type SvixOperation, type SvixRequest, type TypeNames, unlessUnknown } from "./operation.ts";

const version = z.int().min(1).nullish();
const types = z.array(text).nullish();

const endpointUpdate = z.object({
  url: text,
  uid: text.nullish(),
  description: text.nullish(),
  disabled: z.boolean().nullish(),
  eventTypes: types,
  filterTypes: types,
  channels: types,
  throttleRate: rate,
  rateLimit: rate,
  metadata: metadata.nullish(),
  version,
});

const endpointIn = endpointUpdate.extend({
  secret: text.nullish(),
  headers: z.record(text, text).nullish(),
});

const endpointPatch = endpointUpdate.extend({
  url: text.optional(),
  description: text.optional(),
  disabled: z.boolean().optional(),
  secret: text.nullish(),
});

type EndpointIn = z.infer<typeof endpointIn>;
type EndpointUpdate = z.infer<typeof endpointUpdate>;
type EndpointPatch = z.infer<typeof endpointPatch>;

/** An old field that clients may still set and read, and that has no effect: kept among the metadata if it is not 1. */
const VERSION = "svix-version";

export const endpointOperations: readonly SvixOperation[] = [
  {
    id: "v1.endpoint.list",
    method: "GET",
    path: "/app/{app}/endpoint",
    scope: "application",
    needs: "read",
    async handle(request) {
      const page = pageOf(request, (key) => isId("ep", key));
      const { id } = await request.application();
      const endpoints = await request.webhooks.endpoints.list(id, { ...page, ...orderOf(request) });
      return listAnswer(
        page,
        endpoints,
        (endpoint) => endpoint.id,
        (endpoint) => endpointView(endpoint, request.typeNames),
      );
    },
  },
  {
    id: "v1.endpoint.create",
    method: "POST",
    path: "/app/{app}/endpoint",
    scope: "application",
    needs: "manage",
    async handle(request) {
      const { body } = await bodyOf(request, endpointIn);
      return shown(request, 201, await createEndpoint(request, await request.application(), body));
    },
  },
  {
    id: "v1.endpoint.get",
    method: "GET",
    path: ENDPOINT_PATH,
    scope: "application",
    needs: "read",
    async handle(request) {
      return shown(request, 200, await request.endpoint());
    },
  },
  {
    id: "v1.endpoint.update",
    method: "PUT",
    path: ENDPOINT_PATH,
    scope: "application",
    needs: "manage",
    async handle(request) {
      const { body } = await bodyOf(request, endpointUpdate);
      const tenant = await request.application();
      const name = request.at("endpoint");
      const known = await unlessUnknown(request.webhooks.endpoints.get(tenant.id, name));
      const uid = body.uid ?? (isId("ep", name) ? null : name);
      if (!known) return shown(request, 201, await createEndpoint(request, tenant, { ...body, uid }));
      return shown(request, 200, await replaceEndpoint(request, known, { ...body, uid }));
    },
  },
  {
    id: "v1.endpoint.patch",
    method: "PATCH",
    path: ENDPOINT_PATH,
    scope: "application",
    needs: "manage",
    async handle(request) {
      const { body } = await bodyOf(request, endpointPatch);
      return shown(request, 200, await patchEndpoint(request, await request.endpoint(), body));
    },
  },
  {
    id: "v1.endpoint.delete",
    method: "DELETE",
    path: ENDPOINT_PATH,
    scope: "application",
    needs: "manage",
    async handle(request) {
      const { tenantId, id } = await request.endpoint();
      await request.webhooks.endpoints.delete(tenantId, id, request.by);
      return noContent();
    },
  },
];

function shown({ typeNames }: SvixRequest, status: number, endpoint: RegisteredEndpoint): Response {
  return json(status, endpointView(endpoint, typeNames));
}

export function endpointView(endpoint: RegisteredEndpoint, typeNames: TypeNames) {
  const { [VERSION]: kept, ...shown } = endpoint.metadata;
  const throttleRate = throttleRateOf(endpoint.limits);
  const { channels } = endpoint;
  const eventTypes = endpoint.eventTypes?.map((name) => typeNames.shown(name)) ?? null;
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    uid: endpoint.uid,
    version: kept === undefined ? 1 : Number(kept),
    disabled: endpoint.status === "disabled",
    eventTypes,
    filterTypes: eventTypes,
    channels,
    throttleRate,
    rateLimit: throttleRate,
    metadata: shown,
    createdAt: endpoint.createdAt,
    updatedAt: endpoint.updatedAt,
  };
}

async function createEndpoint(
  request: SvixRequest,
  { id: tenant }: RegisteredTenant,
  body: EndpointIn,
): Promise<RegisteredEndpoint> {
  const { secret, headers, ...rest } = body;
  refuseFields(request, { secret, headers, limits: rateOf(body) });
  const options = {
    ...(await settingsOf(request, undefined, rest)),
    ...(secret != null && { secret }),
    ...(headers != null && { headers: readSvixHeaders(headers) }),
    // existing receivers of Svix users read Svix's header names, others the standard's
    headerStyle: "both" as const,
    ...(body.disabled === true && { status: "disabled" as const }),
  };
  const { endpoints } = request.webhooks;
  return (await endpoints.create(tenant, options, request.by, request.idempotency)).endpoint;
}

/** Replaces everything that Svix's API has; fields that only Posthorn has stay. */
async function replaceEndpoint(
  request: SvixRequest,
  known: RegisteredEndpoint,
  body: EndpointUpdate,
): Promise<RegisteredEndpoint> {
  const throttleRate = rateOf(body);
  if (throttleRate !== throttleRateOf(known.limits)) refuseFields(request, { limits: throttleRate });
  const options = await settingsOf(request, known, body);
  const changed = await request.webhooks.endpoints.patch(known.tenantId, known.id, options, request.by);
  return switched(request, changed, body.disabled ?? false);
}

async function patchEndpoint(
  request: SvixRequest,
  known: RegisteredEndpoint,
  body: EndpointPatch,
): Promise<RegisteredEndpoint> {
  const throttleRate = rateOf(body);
  const { secret } = body;
  refuseFields(request, { limits: throttleRate, secret });
  const key = secret == null ? undefined : checkedKey(secret, "secret");
  const eventTypes = body.eventTypes === undefined ? body.filterTypes : body.eventTypes;
  const given = {
    ...withoutUndefined({
      url: body.url === undefined ? undefined : urlOf(body.url),
      ...{ uid: body.uid, description: body.description, channels: body.channels },
      eventTypes: eventTypes === undefined ? undefined : await checkedTypes(request, known, eventTypes),
    }),
    ...(throttleRate !== undefined && limitsFor(known, throttleRate)),
    ...(body.metadata !== undefined || body.version != null
      ? {
          metadata: metadataWith(
            body.metadata ?? (body.metadata === null ? {} : known.metadata),
            body.version ?? known.metadata[VERSION],
          ),
        }
      : {}),
  };
  const { endpoints } = request.webhooks;
  const changed = await endpoints.patch(known.tenantId, known.id, given, request.by);
  if (key !== undefined)
    await endpoints.rotateSecret(known.tenantId, known.id, { secret: key, overlap: 0 }, request.by);
  return body.disabled === undefined ? changed : switched(request, changed, body.disabled);
}

/** Checks the fields that need more than the capability to change endpoints. @throws RequestError 403 */
function refuseFields({ caller }: SvixRequest, fields: Readonly<Record<string, unknown>>): void {
  requireFields(caller, Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)));
}

/** What is absent is at its default. */
async function settingsOf(request: SvixRequest, known: RegisteredEndpoint | undefined, body: EndpointUpdate) {
  return {
    url: urlOf(body.url),
    uid: body.uid ?? null,
    description: body.description ?? "",
    eventTypes: await checkedTypes(request, known, body.eventTypes ?? body.filterTypes ?? null),
    channels: body.channels ?? null,
    metadata: metadataWith(body.metadata ?? {}, body.version ?? undefined),
    ...limitsFor(known ?? { limits: null }, rateOf(body) ?? null),
  };
}

async function switched(
  { webhooks, by }: SvixRequest,
  endpoint: RegisteredEndpoint,
  isDisabled: boolean,
): Promise<RegisteredEndpoint> {
  const { tenantId, id, status } = endpoint;
  if (isDisabled === (status === "disabled")) return endpoint;
  return isDisabled
    ? webhooks.endpoints.disable(tenantId, id, {}, by)
    : webhooks.endpoints.enable(tenantId, id, by);
}

/** As Svix writes them: `http://EXAMPLE.com` is `http://example.com/`. */
function urlOf(text: string): string {
  if (!URL.canParse(text)) throw invalid(["body", "url"], "must be an http or https URL");
  return new URL(text).href;
}

/** An empty list stands for all of them, as clients of the first generation send it. @throws SvixInvalid for types that are not registered. */
async function checkedTypes(
  { webhooks, typeNames }: SvixRequest,
  known: RegisteredEndpoint | undefined,
  given: readonly string[] | null,
): Promise<readonly string[] | null> {
  if (given === null || given.length === 0) return null;
  const had = new Set(known?.eventTypes);
  const names: string[] = [];
  const missing: string[] = [];
  for (const each of new Set(given)) {
    const name = had.has(each) ? each : await typeNames.known(each, webhooks);
    if (name === undefined) missing.push(each);
    else names.push(name);
  }
  if (missing.length === 0) return names;
  const told = missing.slice(0, 20).join(", ");
  throw invalid(["body", "eventTypes"], `these event types do not exist: ${told}; create them first`);
}

function metadataWith(
  { [VERSION]: _, ...given }: Readonly<Record<string, string>>,
  version: number | string | undefined,
): Readonly<Record<string, string>> {
  return version === undefined || Number(version) === 1 ? given : { ...given, [VERSION]: String(version) };
}
