import { z } from "zod";
import { ConflictError, NotFoundError } from "../../core/errors.ts";
import { rawMember } from "../../core/json/json-member.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import { JsonText } from "../../webhooks/accept/deliver-request.ts";
import type { EventTypeOptions, RegisteredEventType } from "../../webhooks/event-types/event-type-options.ts";
import { json, noContent } from "../answer/answer.ts";
import { bodyOf, text } from "./body.ts";
import { notFound, SvixError } from "./errors.ts";
import { gather, gatheredAnswer, pageOf } from "./lists.ts";
import type { SvixOperation, SvixRequest } from "./operation.ts";

const settings = z.object({
  archived: z.boolean().nullish(),
  deprecated: z.boolean().nullish(),
  featureFlag: text.nullish(),
  featureFlags: z.array(text).nullish(),
  groupName: text.nullish(),
  schemas: z.record(text, z.unknown()).nullish(),
});
const eventTypeUpdate = settings.extend({ description: text });
const eventTypeIn = eventTypeUpdate.extend({ name: text });
const eventTypePatch = settings.extend({ description: text.optional() });

const PATH = "/event-type/{type}";
const NAME = /^[a-zA-Z0-9\-_.]{1,256}$/;

export const eventTypeOperations: readonly SvixOperation[] = [
  {
    id: "v1.event-type.list",
    method: "GET",
    path: "/event-type",
    scope: "application",
    needs: "read",
    async handle(request) {
      const page = pageOf(request, (key) => NAME.test(key));
      const withArchived = request.flag("include_archived", false);
      const withContent = request.flag("with_content", false);
      const { eventTypes } = request.webhooks;
      const list = (at: typeof page) => eventTypes.list({ ...at, withArchived });
      const take = (types: readonly RegisteredEventType[]) => types.filter((type) => isShown(request, type));
      return gatheredAnswer(
        await gather(page, list, take),
        ({ name }) => name,
        (type) => eventTypeView(type, withContent),
      );
    },
  },
  {
    id: "v1.event-type.create",
    method: "POST",
    path: "/event-type",
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { body, text: written } = await bodyOf(request, eventTypeIn);
      const options = { name: body.name, ...replacing(body, written) };
      return json(201, eventTypeView(await createOrRevive(request, options)));
    },
  },
  {
    id: "v1.event-type.get",
    method: "GET",
    path: PATH,
    scope: "application",
    needs: "read",
    async handle(request) {
      return json(200, eventTypeView(await eventTypeOf(request)));
    },
  },
  {
    id: "v1.event-type.update",
    method: "PUT",
    path: PATH,
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { body, text: written } = await bodyOf(request, eventTypeUpdate);
      const { eventTypes } = request.webhooks;
      const name = request.at("type");
      const options = replacing(body, written);
      try {
        return json(200, eventTypeView(await eventTypes.patch(name, options, request.by)));
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
      const { eventType, isNew } = await eventTypes.put(name, options, request.by);
      return json(isNew ? 201 : 200, eventTypeView(eventType));
    },
  },
  {
    id: "v1.event-type.patch",
    method: "PATCH",
    path: PATH,
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { body, text: written } = await bodyOf(request, eventTypePatch);
      const changed = await request.webhooks.eventTypes.patch(
        request.at("type"),
        given(body, written),
        request.by,
      );
      return json(200, eventTypeView(changed));
    },
  },
  {
    id: "v1.event-type.delete",
    method: "DELETE",
    path: PATH,
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { eventTypes } = request.webhooks;
      if (request.flag("expunge", false)) await eventTypes.delete(request.at("type"), request.by);
      else await eventTypes.patch(request.at("type"), { isArchived: true }, request.by);
      return noContent();
    },
  },
];

async function eventTypeOf(request: SvixRequest): Promise<RegisteredEventType> {
  const type = await request.webhooks.eventTypes.get(request.at("type"));
  if (!isShown(request, type)) throw notFound(`there is no event type ${type.name}`);
  return type;
}

/** An application's token only sees types that are for everyone, or that it has the feature flag for. */
function isShown({ caller }: SvixRequest, { featureFlags }: RegisteredEventType): boolean {
  const { featureFlags: granted } = caller;
  return (
    featureFlags === null || granted === undefined || featureFlags.some((flag) => granted.includes(flag))
  );
}

/** An archived one of this name is brought back. @throws SvixError 409 where there is one in use. */
async function createOrRevive(
  { webhooks, idempotency, by }: SvixRequest,
  options: EventTypeOptions & { readonly name: string },
): Promise<RegisteredEventType> {
  try {
    return (await webhooks.eventTypes.createOrRevive(options, idempotency, by)).eventType;
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    throw new SvixError(409, "event_type_exists", error.message);
  }
}

/** What is absent is at its default. */
function replacing(body: z.infer<typeof eventTypeUpdate>, written: string): EventTypeOptions {
  const defaults = { archived: false, deprecated: false, featureFlags: null, groupName: null, schemas: null };
  const featureFlags = body.featureFlags ?? (body.featureFlag == null ? null : [body.featureFlag]);
  return given({ ...defaults, ...body, featureFlag: undefined, featureFlags }, written);
}

function given(body: z.infer<typeof eventTypePatch>, written: string): EventTypeOptions {
  const { featureFlag } = body;
  const flags =
    body.featureFlags === undefined && featureFlag !== undefined
      ? featureFlag && [featureFlag]
      : body.featureFlags;
  const { description, archived, deprecated, groupName } = body;
  return {
    ...withoutUndefined({
      ...{ description, groupName },
      isArchived: archived === null ? false : archived,
      isDeprecated: deprecated === null ? false : deprecated,
      featureFlags: flags === "" ? null : flags,
    }),
    ...(body.schemas !== undefined && {
      schemas: body.schemas && schemasIn(written, Object.keys(body.schemas)),
    }),
  };
}

/** As they are written, so that numbers stay what they are. */
function schemasIn(written: string, versions: readonly string[]): Readonly<Record<string, JsonText>> {
  const all = rawMember(written, "schemas") ?? "{}";
  return Object.fromEntries(
    versions.map((version) => [version, new JsonText(rawMember(all, version) ?? "null")]),
  );
}

function eventTypeView(type: RegisteredEventType, withContent = true) {
  const { featureFlags } = type;
  return {
    name: type.name,
    description: type.description,
    archived: type.isArchived,
    deprecated: type.isDeprecated,
    schemas: withContent ? type.schemas : null,
    featureFlag: featureFlags?.[0] ?? null,
    ...(featureFlags !== null && { featureFlags }),
    ...(type.groupName !== null && { groupName: type.groupName }),
    createdAt: type.createdAt,
    updatedAt: type.updatedAt,
  };
}
