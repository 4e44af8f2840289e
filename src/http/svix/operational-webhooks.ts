import { OPERATORS } from "../../core/names.ts";
import { isWithin } from "../../core/reach.ts";
import type { RegisteredTenant } from "../../webhooks/tenants/tenant-options.ts";
import { endpointHeaderOperations } from "./endpoint-headers.ts";
import { endpointSecretOperations } from "./endpoint-secrets.ts";
import { endpointOperations } from "./endpoints.ts";
import { notFound } from "./errors.ts";
import { type SvixOperation, SvixRequest, type TypeNames, unlessUnknown } from "./operation.ts";

/** Svix's names for operational events. */
const TOLD: ReadonlyMap<string, string> = new Map([
  ["endpoint.disabled", "posthorn.endpoint.disabled"],
  ["endpoint.enabled", "posthorn.endpoint.enabled"],
  ["message.attempt.failing", "posthorn.delivery.failing"],
  ["message.attempt.exhausted", "posthorn.delivery.exhausted"],
  ["message.attempt.recovered", "posthorn.delivery.recovered"],
  ["background_task.finished", "posthorn.bulk.ended"],
]);
const SHOWN: ReadonlyMap<string, string> = new Map([...TOLD].map(([svix, ours]) => [ours, svix]));
const OURS = "posthorn.";

/** Event types that only Posthorn has keep their own names. */
const OPERATIONAL: TypeNames = {
  known: (name) => Promise.resolve(TOLD.get(name) ?? (name.startsWith(OURS) ? name : undefined)),
  shown: (name) => SHOWN.get(name) ?? name,
};

/** Of the tenant whose endpoints are sent operational events. */
class OperatorsRequest extends SvixRequest {
  override readonly typeNames = OPERATIONAL;

  override async application(): Promise<RegisteredTenant> {
    const { tenants } = this.webhooks;
    const { reach } = this.caller;
    const tenant = await unlessUnknown(tenants.get(OPERATORS));
    if (reach && !isWithin(tenant ?? { id: "", mode: "live" }, reach))
      throw notFound("operational webhooks are not for keys of test mode");
    return tenant ?? tenants.getOrCreate({ uid: OPERATORS }, this.by);
  }
}

const OFFERED = [
  ...["list", "create", "get", "update", "delete", "get-secret", "rotate-secret"],
  ...["get-headers", "update-headers"],
].map((name) => `v1.endpoint.${name}`);
const PATH = /^\/app\/\{app\}/;

/** Where operational events go: what can be done with an application's endpoints, for the reserved tenant's. */
export const operationalWebhookOperations: readonly SvixOperation[] = [
  ...endpointOperations,
  ...endpointSecretOperations,
  ...endpointHeaderOperations,
]
  .filter(({ id }) => OFFERED.includes(id))
  .map(({ id, method, path, handle }) => ({
    id: id.replace("v1.", "v1.operational-webhook."),
    method,
    path: path.replace(PATH, "/operational-webhook"),
    scope: "organization",
    needs: "manage",
    handle: ({ c, caller, services }) => handle(new OperatorsRequest(c, caller, services)),
  }));
