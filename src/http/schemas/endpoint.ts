import { z } from "zod";
import { headers } from "./deliver.ts";
import { healthAnswer } from "./endpoint-health.ts";
import { cursors, listed } from "./lists.ts";
import { limits, metadata, uid, warnings } from "./registered.ts";
import { givenDuration, moment } from "./times.ts";

const text = z.string();

const headerStyle = z.enum(["webhook", "svix", "both"]).meta({
  description:
    "How the headers of the signature are named: webhook-id and so on, svix-id and so on, or both.",
});

const signature = z.enum(["hmac", "ed25519"]).meta({ description: "HMAC-SHA256 (v1) or ed25519 (v1a)." });

const eventTypes = z.array(text).meta({
  description: "The event types it wants; invoice.* matches all that start with invoice. null: all types.",
  examples: [["invoice.*", "user.created"]],
});

const channels = z.array(text).meta({
  description:
    "It only gets events that share a channel with it. null: all events, with or without channels.",
});

const filter = z
  .unknown()
  .meta({ description: "Conditions that the payload has to meet: docs/filters.md. null: none." });

const signingSecret = z.string().meta({
  pattern: "^(whsec|whsk)_[A-Za-z0-9+/]+={0,2}$",
  description: "whsec_… (HMAC-SHA256) or whsk_… (ed25519). Default: generated.",
  writeOnly: true,
});

const method = z.enum(["challenge", "handshake"]).meta({
  description: "challenge: it signs a challenge. handshake: the handshake of CloudEvents' HTTP webhooks.",
});

const verification = z
  .strictObject({
    method,
    origin: text.meta({ description: "The host name of the sender; for the handshake only." }).optional(),
  })
  .meta({ description: "How it has to confirm that it wants events, before it gets the first one." });

const shownVerification = z
  .object({
    method,
    origin: text.nullable(),
    verified: z.boolean().meta({ description: "Whether it has confirmed at its current URL." }),
    tried_at: moment("When it was last asked.").nullable(),
    error: text.nullable().meta({ description: "Why its last answer was not accepted." }),
  })
  .meta({ description: "null if it need not confirm that it wants events." });

const secretText = (description: string) => text.meta({ description, writeOnly: true });

const clientAuth = z
  .enum(["basic", "post"])
  .meta({ description: "How the client authenticates: with basic authentication, or in the body." });

const auth = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("bearer"), token: secretText("Sent as Authorization: Bearer …") }),
    z.strictObject({ kind: z.literal("basic"), username: text, password: secretText("For the user.") }),
    z.strictObject({ kind: z.literal("header"), name: text, value: secretText("Sent under this name.") }),
    z.strictObject({
      kind: z.literal("oauth2"),
      token_url: text.meta({ format: "uri", description: "Has to be public or allowed, like a target." }),
      client_id: text,
      client_secret: secretText("Of the client."),
      client_auth: clientAuth.optional(),
      scope: text.meta({ description: "Scopes, separated by spaces." }).optional(),
      audience: text.optional(),
      parameters: z
        .record(text, text)
        .meta({ description: "Other parameters of the token request; shown by name only." })
        .optional(),
    }),
    z.strictObject({
      kind: z.literal("mtls"),
      certificate: text.meta({
        description: "In PEM, followed by any intermediate certificates.",
        writeOnly: true,
      }),
      key: secretText("The private key in PEM, not encrypted."),
      ca: text
        .meta({
          description: "In PEM: the authorities, one of which must have signed the receiver's certificate.",
          writeOnly: true,
        })
        .optional(),
    }),
  ])
  .meta({
    description:
      "What it asks of a sender besides the signature. Replaced as a whole. Its secrets are kept encrypted, and never shown.",
  });

const shownAuth = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("bearer") }),
    z.object({ kind: z.literal("basic"), username: text }),
    z.object({ kind: z.literal("header"), name: text }),
    z.object({
      kind: z.literal("oauth2"),
      token_url: text,
      client_id: text,
      client_auth: clientAuth,
      scope: text.nullable(),
      audience: text.nullable(),
      parameters: z.array(text).meta({ description: "Their names." }),
    }),
    z.object({
      kind: z.literal("mtls"),
      subject: text.meta({ description: "Of the certificate." }),
      fingerprint: text.meta({ description: "SHA-256 of the certificate." }),
      expires_at: moment("When the certificate expires."),
      has_ca: z.boolean().meta({ description: "Whether it only trusts authorities of its own." }),
    }),
  ])
  .meta({ description: "Without its secrets." });

const changes = {
  uid: uid("ep").nullable().optional(),
  description: text.meta({ description: "At most 1000 characters.", maxLength: 1_000 }).nullable().optional(),
  event_types: eventTypes.nullable().optional(),
  channels: channels.nullable().optional(),
  filter: filter.optional(),
  metadata: metadata.nullable().optional(),
  headers: headers
    .meta({ description: "Sent with each delivery, at most 50. Stored encrypted; only the names are shown." })
    .nullable()
    .optional(),
  auth: auth.nullable().optional(),
  egress: text
    .meta({
      description:
        "The name of one of the server's egress proxies. null: the route that deliveries take by default.",
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
    .meta({ description: "For one whole attempt: from 100ms to 5m. Default: 15s." })
    .nullable()
    .optional(),
  retry: z
    .strictObject({
      attempts: z
        .int()
        .min(1)
        .max(100)
        .meta({ description: "How many attempts may fail. Default: 10." })
        .optional(),
      delays: z
        .array(givenDuration)
        .meta({
          description:
            "Before the second attempt, the third and so on; the last of them before all further ones.",
          maxItems: 100,
        })
        .optional(),
    })
    .nullable()
    .optional(),
  limits: limits.nullable().optional(),
  verification: verification.nullable().optional(),
};

const url = text.meta({
  format: "uri",
  description:
    "http or https, without credentials. Every address that its name resolves to must be public, unless the server allows it.",
  examples: ["https://acme.example/hooks"],
});

export const endpointBody = z
  .strictObject({ url, ...changes, secret: signingSecret.optional(), signature: signature.optional() })
  .meta({ description: "Where a tenant gets its events." });

export const endpointChanges = z
  .strictObject({ url: url.optional(), ...changes })
  .meta({ description: "Fields that are left out stay as they are; null clears a field." });

export const endpointAnswer = z.object({
  endpoint_id: text.meta({ examples: ["ep_01k9zq3v7n8r2m4w6x8y0z1a3b"] }),
  tenant: text.meta({ description: "The id of its tenant." }),
  uid: text.nullable(),
  url: text,
  description: text,
  event_types: eventTypes.nullable(),
  channels: channels.nullable(),
  filter,
  metadata,
  headers: z.array(text).meta({ description: "The names of its own headers." }),
  auth: shownAuth.nullable(),
  egress: text.nullable().meta({ description: "The name of the egress proxy that deliveries go through." }),
  header_style: headerStyle,
  signature,
  sends_event_type: z.boolean(),
  timeout: text.nullable().meta({ description: "null for the default, 15s." }),
  retry: z
    .object({ attempts: z.int().optional(), delays: z.array(text).optional() })
    .nullable()
    .meta({ description: "null for the default: 10 attempts over about three days." }),
  limits: limits.nullable(),
  verification: shownVerification.nullable(),
  status: z
    .enum(["active", "paused", "disabled"])
    .meta({ description: "paused: its events wait. disabled: it gets no new events." }),
  status_reason: text.nullable(),
  status_changed_at: moment("When it came to its status."),
  health: healthAnswer.meta({ description: "How it has been doing." }),
  created_at: moment("When it was made."),
  updated_at: moment("When it was last changed."),
});

export const endpointMade = endpointAnswer.extend({ warnings });

export const endpointPage = z.object({ data: z.array(endpointAnswer), ...cursors });

export const endpointsQuery = z.strictObject(listed);

export const secretAnswer = z.object({
  secret: text.meta({ description: "whsec_… or whsk_…" }),
  public_key: text.meta({ description: "whpk_…, which verifies what an ed25519 secret signs." }).optional(),
});

export const rotateBody = z
  .strictObject({
    secret: signingSecret
      .meta({ description: "The secret that signs from now on. Default: a new one of the same kind." })
      .optional(),
    overlap: givenDuration
      .meta({ description: "For how long the old secret also signs. Default: 24h, at most 7d." })
      .optional(),
  })
  .meta({ description: "How to change an endpoint's secret; may be empty." });

export const changeAnswer = z.object({
  revision: z.int().meta({ description: "The endpoint's revision, which grows with each change." }),
  at: moment("When it was made."),
  actor: text.nullable().meta({ description: "The API key that made the change; null if the server did." }),
  reason: text.nullable(),
  changes: z
    .record(text, z.object({ was: z.unknown(), is: z.unknown() }))
    .meta({ description: "By field, without secrets." }),
});

export const historyAnswer = z.object({ data: z.array(changeAnswer), ...cursors });

export type EndpointBody = z.infer<typeof endpointBody>;
export type EndpointChangesBody = z.infer<typeof endpointChanges>;
export type EndpointAnswer = z.infer<typeof endpointAnswer>;
export type ChangeAnswer = z.infer<typeof changeAnswer>;
