import { z } from "zod";
import { MOST_TYPES } from "../../engine/bulk/check-request.ts";
import { CAPABILITIES } from "../../webhooks/portal/capabilities.ts";
import { givenDuration, moment } from "./times.ts";

const sessionId = z.string().meta({
  description: "The session's id.",
  pattern: "^[A-Za-z0-9\\-_.]{1,256}$",
  examples: ["pss_01k9zq3v7n8r2m4w6x8y0z1a3b"],
});

const capabilities = z.array(z.enum(CAPABILITIES)).meta({
  description:
    "What the session may do. view: look at everything; endpoints: create and change endpoints; secrets: see and rotate their secrets; test: send them an example; retry: send one delivery again; replay: send what an endpoint missed; headers: set their headers and how Posthorn authenticates to them; limits: set their limits, retries and timeouts, and the pace of a replay.",
});

const eventTypes = z.array(z.string().min(1));
const refreshUrl = z.string().meta({ format: "uri", examples: ["https://app.example.com/webhooks"] });
const origin = z.string().meta({ examples: ["https://app.example.com"] });

export const portalSessionBody = z
  .strictObject({
    expires_in: givenDuration
      .meta({ description: "How long the session lasts: 1m to 7d. Default: 1h.", examples: ["2h"] })
      .optional(),
    capabilities: capabilities
      .min(1)
      .meta({ description: `${capabilities.description} Default: everything but limits.` })
      .optional(),
    event_types: eventTypes
      .min(1)
      .max(MOST_TYPES)
      .meta({
        description:
          "The only event types that the session sees, and that its endpoints may be set to, by their full names. For it, events and deliveries of other types do not exist. Default: all.",
      })
      .optional(),
    refresh_url: refreshUrl
      .meta({
        description:
          "Your page that opens the portal. When the session ends, the browser goes there for another one, with the page of the portal that was open in the parameter next. Default: the portal says that the session is over.",
      })
      .optional(),
    origin: origin
      .meta({
        description:
          "The only origin whose pages may show the portal in a frame, one of --portal-origins. Default: any of them.",
      })
      .optional(),
    session_id: sessionId
      .meta({
        description:
          "Your own id for the session, by which you can end it, such as the id of the user's login. Default: generated.",
      })
      .optional(),
  })
  .meta({ description: "A portal session for somebody who belongs to a tenant." });

export const portalSessionMade = z
  .object({
    session_id: sessionId,
    url: z.string().meta({
      format: "uri",
      description:
        "Opens the portal without a login, once, within ten minutes. Its secret part follows the #, so it appears in no log.",
    }),
    token: z.string().meta({ description: "For requests to this API, as a bearer token: phs_…" }),
    expires_at: moment("When the session ends."),
  })
  .meta({ description: "A new portal session." });

export const exchangeBody = z
  .strictObject({
    code: z.string().meta({ description: "What follows #s= in the url: phc_…" }),
  })
  .meta({ description: "A code to exchange." });

export const exchangeAnswer = z
  .object({
    session_id: sessionId,
    tenant_id: z.string().meta({ description: "The id of the session's tenant." }),
    token: z.string().meta({ description: "For requests to this API, as a bearer token: phs_…" }),
    capabilities,
    event_types: eventTypes
      .nullable()
      .meta({ description: "The only event types that the session sees; null: all." }),
    refresh_url: refreshUrl
      .nullable()
      .meta({ description: "Where the browser goes when the session ends; null: nowhere." }),
    origin: origin.nullable().meta({
      description:
        "The only origin whose pages may show the portal in a frame; null: any that the server allows.",
    }),
    expires_at: moment("When the session ends."),
    expires_in_ms: z.int().meta({
      description: "How much of the session is left, in milliseconds, for browsers whose clock is wrong.",
      examples: [3_600_000],
    }),
  })
  .meta({ description: "The session that the code belongs to." });
