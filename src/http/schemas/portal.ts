import { z } from "zod";
import { CAPABILITIES } from "../../webhooks/portal/capabilities.ts";
import { givenDuration, moment } from "./times.ts";

const sessionId = z.string().meta({
  pattern: "^[A-Za-z0-9\\-_.]{1,256}$",
  examples: ["pss_01k9zq3v7n8r2m4w6x8y0z1a3b"],
});

const capabilities = z.array(z.enum(CAPABILITIES)).meta({
  description:
    "What it may do. view: look; endpoints: make and change them; secrets: see and rotate theirs; test: send them an example; retry: send one delivery again; replay: send what an endpoint missed; headers: set their headers and how they authenticate; limits: set their limits, retries and timeouts, and the pace of a replay.",
});

export const portalSessionBody = z
  .strictObject({
    expires_in: givenDuration
      .meta({ description: "How long it lasts: 1m to 7d. Default 1h.", examples: ["2h"] })
      .optional(),
    capabilities: capabilities.min(1).meta({ description: "Default: everything but limits." }).optional(),
    session_id: sessionId
      .meta({ description: "A name for what it belongs to, such as your own session's id, to end it by." })
      .optional(),
  })
  .meta({ description: "A session of a tenant's people in the portal." });

export const portalSessionMade = z.object({
  session_id: sessionId,
  url: z.string().meta({
    format: "uri",
    description:
      "Opens the portal without a login: once, within ten minutes. What lets it in is behind the #, and so in no log.",
  }),
  token: z.string().meta({ description: "For requests to this API, as a bearer token." }),
  expires_at: moment("When the session ends."),
});

export const exchangeBody = z.strictObject({
  code: z.string().meta({ description: "What stands behind #s= in the url." }),
});

export const exchangeAnswer = z.object({
  session_id: sessionId,
  tenant_id: z.string(),
  token: z.string(),
  capabilities,
  expires_at: moment("When the session ends."),
});
