import { z } from "zod";
import type { Capability } from "../../webhooks/portal/capabilities.ts";
import type { RegisteredTenant } from "../../webhooks/tenants/tenant-options.ts";
import { json, noContent } from "../answer/answer.ts";
import { applicationIn, bodyOf, text } from "./body.ts";
import { invalid, SvixError } from "./errors.ts";
import { createDescribed } from "./messages.ts";
import { type SvixOperation, type SvixRequest, unlessUnknown } from "./operation.ts";

/** What Svix's names of capabilities stand for. */
const CAPABILITIES: Readonly<Record<string, readonly Capability[]>> = {
  ViewBase: ["view"],
  ViewEndpointSecret: ["secrets"],
  ManageEndpointSecret: ["secrets"],
  ManageTransformations: [],
  CreateAttempts: ["retry", "replay", "test"],
  ManageEndpoint: ["endpoints", "headers", "secrets"],
};

const accessIn = z.object({
  application: applicationIn.nullish(),
  featureFlags: z.array(text).nullish(),
  readOnly: z.boolean().nullish(),
  capabilities: z.array(z.enum(Object.keys(CAPABILITIES))).nullish(),
  expiry: z.int().min(3_600).max(604_800).nullish(),
  sessionId: text.nullish(),
});

const expireIn = z.object({
  expiry: z.int().min(0).max(259_200).nullish(),
  sessionIds: z.array(text).max(1_000).nullish(),
});

const DEFAULT_SECONDS = 604_800;

/** Lets an application's people into the portal. The token also works for requests to this API, within that application. */
export const authenticationOperations: readonly SvixOperation[] = [
  {
    id: "v1.authentication.app-portal-access",
    method: "POST",
    path: "/auth/app-portal-access/{app}",
    scope: "organization",
    needs: "manage",
    handle: letIn,
  },
  {
    id: "v1.authentication.dashboard-access",
    method: "POST",
    path: "/auth/dashboard-access/{app}",
    scope: "organization",
    needs: "manage",
    handle: letIn,
  },
  {
    id: "v1.authentication.logout",
    method: "POST",
    path: "/auth/logout",
    scope: "application",
    needs: "read",
    async handle({ caller, webhooks }) {
      const { reach, sessionId } = caller;
      if (sessionId === undefined || reach?.tenant === undefined)
        throw new SvixError(
          501,
          "not_implemented",
          "v1.authentication.logout is for sessions of the portal: this token ends by itself",
        );
      await webhooks.portal.end(reach.tenant, sessionId);
      return noContent();
    },
  },
  {
    id: "v1.authentication.expire-all",
    method: "POST",
    path: "/auth/app/{app}/expire-all",
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { expiry, sessionIds } = (await bodyOf(request, expireIn, "{}")).body;
      if (expiry) throw invalid(["body", "expiry"], "must be 0 or left out: sessions end at once");
      const { id } = await request.application();
      if (sessionIds == null) await request.webhooks.portal.end(id);
      for (const sessionId of sessionIds ?? []) await request.webhooks.portal.end(id, sessionId);
      return noContent();
    },
  },
];

async function letIn(request: SvixRequest): Promise<Response> {
  const { body } = await bodyOf(request, accessIn, "{}");
  const { application, featureFlags, readOnly, capabilities, expiry, sessionId } = body;
  const { id } = await applicationOrNew(request, application ?? undefined);
  const named = capabilities?.flatMap((name) => CAPABILITIES[name] ?? []);
  // a session for capabilities that do not exist here was never meant to have them all
  const granted = readOnly === true || named?.length === 0 ? (["view"] as const) : named;
  const { code, token } = await request.webhooks.portal.create(id, {
    expiresIn: (expiry ?? DEFAULT_SECONDS) * 1_000,
    ...(granted && { capabilities: granted }),
    featureFlags: featureFlags ?? [],
    ...(sessionId != null && { sessionId }),
  });
  const key = Buffer.from(JSON.stringify({ appId: id, code })).toString("base64");
  return json(200, { url: `${request.services.publicUrl(request.c)}/portal/login#key=${key}`, token });
}

async function applicationOrNew(
  request: SvixRequest,
  application: z.infer<typeof applicationIn> | undefined,
): Promise<RegisteredTenant> {
  const known = application && (await unlessUnknown(request.application()));
  if (known) return known;
  if (application) await createDescribed(request, application);
  return request.application();
}
