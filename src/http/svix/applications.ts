import { ConflictError } from "../../core/errors.ts";
import { isId } from "../../core/id.ts";
import { withoutUndefined } from "../../core/without-undefined.ts";
import type { LimitOptions } from "../../webhooks/limit-options.ts";
import type { RegisteredTenant, TenantOptions } from "../../webhooks/tenants/tenant-options.ts";
import { json, noContent } from "../answer/answer.ts";
import { type ApplicationIn, applicationIn, bodyOf, metadata, rate, rateOf, text } from "./body.ts";
import { invalid } from "./errors.ts";
import { listAnswer, orderOf, pageOf } from "./lists.ts";
import { type SvixOperation, type SvixRequest, unlessUnknown } from "./operation.ts";

const applicationPatch = applicationIn.partial().extend({
  name: text.min(1).optional(),
  uid: text.nullish(),
  throttleRate: rate,
  rateLimit: rate,
  metadata: metadata.nullish(),
});

/** What Svix's list leaves out on request. */
const NOT_FILTERED_BY = ["exclude_apps_with_no_endpoints", "exclude_apps_with_disabled_endpoints"];

/** An application is a tenant. */
export const applicationOperations: readonly SvixOperation[] = [
  {
    id: "v1.application.list",
    method: "GET",
    path: "/app",
    scope: "organization",
    needs: "read",
    async handle(request) {
      for (const name of NOT_FILTERED_BY)
        if (request.flag(name, false)) throw invalid(["query", name], "is not supported here");
      const page = pageOf(request, (key) => isId("app", key));
      const mode = request.caller.reach?.mode;
      const options = { ...page, ...orderOf(request), ...(mode && { mode }) };
      const tenants = await request.webhooks.tenants.list(options);
      return listAnswer(page, tenants, ({ id }) => id, applicationView);
    },
  },
  {
    id: "v1.application.create",
    method: "POST",
    path: "/app",
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { body } = await bodyOf(request, applicationIn);
      const isWanted = request.flag("get_if_exists", false);
      try {
        return json(201, applicationView(await createApplication(request, body)));
      } catch (error) {
        if (!isWanted || !(error instanceof ConflictError) || typeof body.uid !== "string") throw error;
        return json(200, applicationView(await request.webhooks.tenants.get(body.uid)));
      }
    },
  },
  {
    id: "v1.application.get",
    method: "GET",
    path: "/app/{app}",
    scope: "application",
    needs: "read",
    async handle(request) {
      return json(200, applicationView(await request.application()));
    },
  },
  {
    id: "v1.application.update",
    method: "PUT",
    path: "/app/{app}",
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { body } = await bodyOf(request, applicationIn);
      const name = request.at("app");
      const known = await unlessUnknown(request.application());
      const uid = body.uid ?? (isId("app", name) ? null : name);
      if (!known) return json(201, applicationView(await createApplication(request, { ...body, uid })));
      const changes = {
        name: body.name,
        uid,
        metadata: body.metadata ?? {},
        ...limitsFor(known, rateOf(body) ?? null),
      };
      return json(200, applicationView(await request.webhooks.tenants.patch(known.id, changes, request.by)));
    },
  },
  {
    id: "v1.application.patch",
    method: "PATCH",
    path: "/app/{app}",
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { body } = await bodyOf(request, applicationPatch);
      const known = await request.application();
      const throttle = rateOf(body);
      const changes: TenantOptions = {
        ...withoutUndefined({
          ...{ name: body.name, uid: body.uid },
          metadata: body.metadata === null ? {} : body.metadata,
        }),
        ...(throttle !== undefined && limitsFor(known, throttle)),
      };
      return json(200, applicationView(await request.webhooks.tenants.patch(known.id, changes, request.by)));
    },
  },
  {
    id: "v1.application.delete",
    method: "DELETE",
    path: "/app/{app}",
    scope: "organization",
    needs: "manage",
    async handle(request) {
      await request.webhooks.tenants.delete((await request.application()).id, request.by);
      return noContent();
    },
  },
];

/** @param idempotency null for an application that is created as part of another operation. */
export async function createApplication(
  request: SvixRequest,
  body: ApplicationIn,
  idempotency: SvixRequest["idempotency"] | null = request.idempotency,
): Promise<RegisteredTenant> {
  const { webhooks, caller, by } = request;
  const { name, uid, metadata: given } = body;
  const mode = caller.reach?.mode;
  const { tenant } = await webhooks.tenants.createOnce(
    {
      name,
      uid: uid ?? null,
      metadata: given ?? {},
      ...limitsFor({ limits: null }, rateOf(body) ?? null),
      ...(mode && { mode }),
    },
    idempotency ?? undefined,
    by,
  );
  return tenant;
}

/** Its limits with another rate; the others stay. */
export function limitsFor(
  { limits }: { readonly limits: LimitOptions | null },
  throttleRate: number | null,
): { readonly limits: LimitOptions | null } {
  const { rate: _, ...others } = limits ?? {};
  const rate = throttleRate === null ? {} : { rate: { limit: throttleRate, per: "second" as const } };
  const changed = { ...others, ...rate };
  return { limits: Object.keys(changed).length > 0 ? changed : null };
}

/** Per second; null where it is counted otherwise. */
export function throttleRateOf(limits: LimitOptions | null): number | null {
  return limits?.rate?.per === "second" ? limits.rate.limit : null;
}

function applicationView(tenant: RegisteredTenant) {
  const throttleRate = throttleRateOf(tenant.limits);
  return {
    id: tenant.id,
    name: tenant.name,
    ...(tenant.uid !== null && { uid: tenant.uid }),
    throttleRate,
    ...(throttleRate !== null && { rateLimit: throttleRate }),
    metadata: tenant.metadata,
    createdAt: tenant.createdAt,
    updatedAt: tenant.updatedAt,
  };
}
