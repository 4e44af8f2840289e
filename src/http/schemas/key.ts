import { z } from "zod";
import { nextCursor } from "./job.ts";
import { rows } from "./lists.ts";
import { givenMoment, moment } from "./times.ts";

const role = z.enum(["admin", "manage", "send", "read"]).meta({
  description:
    "What it may do. read: look things up; send: also enqueue, deliver, rerun and cancel; manage: also change tenants, endpoints and event types; admin: everything.",
});
const mode = z.enum(["live", "test"]).meta({ description: "The mode of the only tenants that it sees." });
const payloads = z.enum(["none", "redacted", "full"]).meta({
  description:
    "How payloads, results and receivers' answers are shown to it: not at all (none), without secrets (redacted), or in full (full). Default: redacted for the role read, otherwise full.",
});

export const keyBody = z
  .strictObject({
    name: z.string().meta({ description: "For people to read, 1 to 100 characters." }),
    role,
    tenant: z
      .string()
      .nullable()
      .optional()
      .meta({ description: "The only tenant that it sees: its uid or id. Default: all." }),
    mode: mode
      .nullable()
      .meta({ description: "The mode of the only tenants that it sees. Default: both." })
      .optional(),
    payloads: payloads.nullable().optional(),
    expires_at: givenMoment
      .nullable()
      .optional()
      .meta({ description: "When it stops working. Default: never." }),
  })
  .meta({ description: "An API key to create." });

export const keyAnswer = z
  .object({
    key_id: z.string().meta({
      description: "The key's id, which is not secret.",
      examples: ["key_01k9zq3v7n8r2m4w6x8y0z1a3b"],
    }),
    name: z.string().meta({ description: "For people to read." }),
    role,
    tenant: z.string().nullable().meta({ description: "The id of the only tenant that it sees; null: all." }),
    mode: mode.nullable().meta({ description: "The mode of the only tenants that it sees; null: both." }),
    payloads,
    created_at: moment("When it was created."),
    expires_at: moment("When it stops working; null: never.").nullable(),
    revoked_at: moment("When it was revoked; null if it was not.").nullable(),
    last_used_at: moment("When it was last used, to the minute; null if never.").nullable(),
  })
  .meta({ description: "An API key, without its token." });

export const createdKeyAnswer = keyAnswer
  .extend({
    token: z.string().meta({
      description: "The token, to be sent as Authorization: Bearer phk_… It is never shown again.",
    }),
  })
  .meta({ description: "A new API key." });

export const keyPage = z
  .object({ data: rows(keyAnswer), next_cursor: nextCursor })
  .meta({ description: "Newest first." });

export type KeyAnswer = z.infer<typeof keyAnswer>;
