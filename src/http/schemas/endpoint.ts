import { z } from "zod";
import { MOST_ATTEMPTS } from "../../webhooks/schedule.ts";
import { headers } from "./deliver.ts";
import { healthAnswer } from "./endpoint-health.ts";
import { cursors, rows } from "./lists.ts";
import { limits, metadata, uid, warnings } from "./registered.ts";
import { givenDuration, moment } from "./times.ts";

const text = z.string();

const headerStyle = z.enum(["webhook", "svix", "both"]).meta({
  description:
    "How the headers of the signature are named: webhook-id and so on (webhook), svix-id and so on (svix), or both. Default: webhook.",
});

const signature = z
  .enum(["hmac", "ed25519"])
  .meta({ description: "How deliveries are signed: HMAC-SHA256 (v1) or ed25519 (v1a). Default: hmac." });

export const status = z.enum(["active", "paused", "disabled"]);

const eventTypes = z.array(text).meta({
  description: "The event types it wants; invoice.* matches all that start with invoice. null: all types.",
  examples: [["invoice.*", "user.created"]],
});

const channels = z.array(text).meta({
  description:
    "The endpoint only gets events that share a channel with it. null: all events, with or without channels.",
});

const filter = z.unknown().meta({
  description: "Conditions that the payload has to meet (docs/filters.md). null: none.",
});

const signingSecret = z.string().meta({
  pattern: "^(whsec|whsk)_[A-Za-z0-9+/]+={0,2}$",
  description: "whsec_… (HMAC-SHA256) or whsk_… (ed25519). Default: generated.",
  writeOnly: true,
});

const method = z.enum(["challenge", "handshake"]).meta({
  description:
    "challenge: it signs a challenge. handshake: it answers the handshake of CloudEvents' webhooks.",
});

const verification = z
  .strictObject({
    method,
    origin: text.meta({ description: "The host name of the sender; for the handshake only." }).optional(),
  })
  .meta({
    description:
      "How the endpoint has to confirm that it wants events before it gets any. null: it does not have to.",
  });

const shownVerification = z
  .object({
    method,
    origin: text.nullable().meta({ description: "The host name of the sender, for the handshake." }),
    verified: z.boolean().meta({ description: "Whether it has confirmed at its current URL." }),
    tried_at: moment("When it was last asked; null if never.").nullable(),
    error: text
      .nullable()
      .meta({ description: "Why its last answer was not accepted; null if it was, or it was never asked." }),
  })
  .meta({
    description:
      "How the endpoint has to confirm that it wants events, and whether it did. null: it does not have to.",
  });

const KINDS = {
  bearer: "A bearer token.",
  basic: "Basic authentication.",
  header: "A header that you name.",
  oauth2: "An access token from an OAuth 2.0 server, by client credentials.",
  mtls: "A client certificate (mutual TLS).",
};

function kind<Kind extends keyof typeof KINDS>(kind: Kind) {
  return z.literal(kind).meta({ description: KINDS[kind] });
}

const secretText = (description: string) => text.meta({ description, writeOnly: true });

const clientAuth = z.enum(["basic", "post"]).meta({
  description:
    "How the client authenticates there: with basic authentication, or in the body (post). Default: basic.",
});

const auth = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: kind("bearer"), token: secretText("Sent as Authorization: Bearer …") }),
    z.strictObject({
      kind: kind("basic"),
      username: text.meta({ description: "The user name." }),
      password: secretText("The password."),
    }),
    z.strictObject({
      kind: kind("header"),
      name: text.meta({ description: "The header's name.", examples: ["x-api-key"] }),
      value: secretText("The header's value."),
    }),
    z.strictObject({
      kind: kind("oauth2"),
      token_url: text.meta({
        format: "uri",
        description: "Where access tokens are requested. It has to be public or allowed, like a target.",
      }),
      client_id: text.meta({ description: "The client's id there." }),
      client_secret: secretText("The client's secret there."),
      client_auth: clientAuth.optional(),
      scope: text.meta({ description: "The scopes to request, separated by spaces." }).optional(),
      audience: text.meta({ description: "The audience to request." }).optional(),
      parameters: z
        .record(text, text)
        .meta({ description: "Other parameters of the token request, of which only the names are shown." })
        .optional(),
    }),
    z.strictObject({
      kind: kind("mtls"),
      certificate: text.meta({
        description: "The client certificate in PEM, followed by any intermediate certificates.",
        writeOnly: true,
      }),
      key: secretText("The private key in PEM, not encrypted."),
      ca: text
        .meta({
          description:
            "Certificate authorities in PEM, one of which must have signed the receiver's certificate. Default: those that Node trusts.",
          writeOnly: true,
        })
        .optional(),
    }),
  ])
  .meta({
    description:
      "How Posthorn authenticates to it, besides signing. An update replaces all of it. Its secrets are stored encrypted, and never shown. null: by the signature only.",
  });

const shownAuth = z
  .discriminatedUnion("kind", [
    z.object({ kind: kind("bearer") }),
    z.object({ kind: kind("basic"), username: text.meta({ description: "The user name." }) }),
    z.object({ kind: kind("header"), name: text.meta({ description: "The header's name." }) }),
    z.object({
      kind: kind("oauth2"),
      token_url: text.meta({ description: "Where access tokens are requested." }),
      client_id: text.meta({ description: "The client's id there." }),
      client_auth: clientAuth,
      scope: text.nullable().meta({ description: "The scopes that are requested, separated by spaces." }),
      audience: text.nullable().meta({ description: "The audience that is requested." }),
      parameters: z.array(text).meta({ description: "The names of other parameters of the token request." }),
    }),
    z.object({
      kind: kind("mtls"),
      subject: text.meta({ description: "The subject of the certificate." }),
      fingerprint: text.meta({ description: "The SHA-256 fingerprint of the certificate." }),
      expires_at: moment("When the certificate expires."),
      has_ca: z.boolean().meta({ description: "Whether only its own certificate authorities are trusted." }),
    }),
  ])
  .meta({
    description: "How Posthorn authenticates to it, without the secrets. null: by the signature only.",
  });

const changes = {
  uid: uid("ep").nullable().optional(),
  description: text
    .meta({ description: "For people to read, at most 1000 characters.", maxLength: 1_000 })
    .nullable()
    .optional(),
  event_types: eventTypes.nullable().optional(),
  channels: channels.nullable().optional(),
  filter: filter.optional(),
  metadata: metadata.nullable().optional(),
  headers: headers
    .meta({
      description: "Sent with each delivery, at most 50. Stored encrypted; only their names are shown.",
    })
    .nullable()
    .optional(),
  auth: auth.nullable().optional(),
  egress: text
    .meta({
      description:
        "The name of the server's egress proxy that its deliveries go through. null: the default route.",
    })
    .nullable()
    .optional(),
  header_style: headerStyle.optional(),
  sends_event_type: z
    .boolean()
    .meta({
      description: "Whether the event's type is sent in the header webhook-event-type. Default: true.",
    })
    .optional(),
  timeout: givenDuration
    .meta({ description: "How long one attempt may take, from 100ms to 5m. Default: 15s." })
    .nullable()
    .optional(),
  retry: z
    .strictObject({
      attempts: z
        .int()
        .min(1)
        .max(MOST_ATTEMPTS)
        .meta({ description: "How many attempts may fail before the delivery does. Default: 10." })
        .optional(),
      delays: z
        .array(givenDuration)
        .meta({
          description:
            "The pauses before the second attempt, the third, and so on; the last one repeats. Default: growing, over about three days.",
          maxItems: 100,
          examples: [["5s", "5m", "30m", "2h"]],
        })
        .optional(),
    })
    .nullable()
    .meta({
      description: "How failed deliveries are retried. null: the default, 10 attempts over about three days.",
    })
    .optional(),
  limits: limits.nullable().meta({ description: "Its limits. Default: none." }).optional(),
  verification: verification.nullable().optional(),
};

const url = text.meta({
  format: "uri",
  description:
    "http or https, without credentials. Every address that its name resolves to must be public, unless the server allows it.",
  examples: ["https://acme.example/hooks"],
});

export const endpointBody = z
  .strictObject({
    url,
    ...changes,
    secret: signingSecret.optional(),
    signature: signature.optional(),
    status: status.meta({ description: "The status that it starts with. Default: active." }).optional(),
  })
  .meta({ description: "Where a tenant gets its events." });

export const endpointChanges = z
  .strictObject({ url: url.optional(), ...changes })
  .meta({ description: "Fields that are left out stay as they are; null clears a field." });

export const endpointAnswer = z
  .object({
    endpoint_id: text.meta({
      description: "The endpoint's id.",
      examples: ["ep_01k9zq3v7n8r2m4w6x8y0z1a3b"],
    }),
    tenant: text.meta({ description: "The id of its tenant." }),
    uid: text.nullable().meta({ description: "Your own id for it; null if it has none." }),
    url: text.meta({ description: "Where its events go.", examples: ["https://acme.example/hooks"] }),
    description: text.meta({ description: "For people to read; may be empty." }),
    event_types: eventTypes.nullable(),
    sees_all_event_types: z
      .boolean()
      .meta({
        description:
          "For a portal session that is limited to some event types: whether it sees all that the endpoint gets. If not, it may only change the endpoint's description, metadata and uid, test it, and replay its own types to it.",
      })
      .optional(),
    channels: channels.nullable(),
    filter,
    metadata,
    headers: z
      .array(text)
      .meta({ description: "The names of the headers that are sent with each delivery." }),
    auth: shownAuth.nullable(),
    egress: text.nullable().meta({
      description: "The name of the egress proxy that its deliveries go through. null: the default route.",
    }),
    header_style: headerStyle,
    signature,
    sends_event_type: z.boolean().meta({
      description: "Whether the event's type is sent in the header webhook-event-type.",
    }),
    timeout: text.nullable().meta({
      description: "How long one attempt may take, as a duration. null: the default, 15s.",
      examples: ["30s"],
    }),
    retry: z
      .object({
        attempts: z
          .int()
          .meta({ description: "How many attempts may fail before the delivery does." })
          .optional(),
        delays: z
          .array(text)
          .meta({
            description: "The pauses before the second attempt, the third, and so on; the last one repeats.",
            examples: [["5s", "5m", "30m", "2h"]],
          })
          .optional(),
      })
      .nullable()
      .meta({
        description:
          "How failed deliveries are retried. null: the default, 10 attempts over about three days.",
      }),
    limits: limits.nullable().meta({ description: "Its limits; null: none." }),
    verification: shownVerification.nullable(),
    status: status.meta({
      description: "active: it gets its events. paused: they wait. disabled: it gets no new ones.",
    }),
    status_reason: text.nullable().meta({ description: "Why it has this status; null if nobody said." }),
    status_actor: text.nullable().meta({ description: "Who gave it this status; null if nobody said." }),
    status_changed_at: moment("When its status was last changed."),
    health: healthAnswer.meta({ description: "How deliveries to it have been going." }),
    created_at: moment("When it was created."),
    updated_at: moment("When it was last changed."),
  })
  .meta({ description: "Where a tenant gets its events, and how." });

export const endpointMade = endpointAnswer
  .extend({ warnings })
  .meta({ description: "An endpoint that was created or changed." });

export const secretAnswer = z
  .object({
    secret: text.meta({ description: "The signing secret: whsec_… (HMAC-SHA256) or whsk_… (ed25519)." }),
    public_key: text.meta({ description: "whpk_…, which verifies what an ed25519 secret signs." }).optional(),
  })
  .meta({ description: "The secret that signs an endpoint's deliveries." });

export const rotateBody = z
  .strictObject({
    secret: signingSecret
      .meta({ description: "The secret that signs from now on. Default: a new one of the same kind." })
      .optional(),
    overlap: givenDuration
      .meta({ description: "How long the old secret also signs: at most 7d. Default: 24h." })
      .optional(),
  })
  .meta({ description: "How to change an endpoint's secret; may be empty." });

export const changeAnswer = z
  .object({
    revision: z.int().meta({ description: "The endpoint's revision, which grows with each change." }),
    at: moment("When the change was made."),
    actor: text
      .nullable()
      .meta({ description: "Who made the change; null if nobody said, or the server did." }),
    reason: text.nullable().meta({ description: "The reason that was given, if any." }),
    changes: z
      .record(
        text,
        z.object({
          was: z.unknown().meta({ description: "The value before." }),
          is: z.unknown().meta({ description: "The value after." }),
        }),
      )
      .meta({ description: "By field: the value before and after, without secrets." }),
  })
  .meta({ description: "One change of an endpoint." });

export const historyAnswer = z
  .object({ data: rows(changeAnswer), ...cursors })
  .meta({ description: "Newest first." });

export type EndpointBody = z.infer<typeof endpointBody>;
export type EndpointChangesBody = z.infer<typeof endpointChanges>;
export type EndpointAnswer = z.infer<typeof endpointAnswer>;
export type ChangeAnswer = z.infer<typeof changeAnswer>;
