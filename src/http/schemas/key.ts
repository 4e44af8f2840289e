import { z } from "zod";
import { nextCursor } from "./job.ts";
import { givenMoment, moment } from "./times.ts";

const role = z.enum(["admin", "manage", "send", "read"]);
const mode = z.enum(["live", "test"]);
const payloads = z.enum(["none", "redacted", "full"]).meta({
  description:
    "Whether it is shown payloads, results and answers: not, without what is secret in them, or whole. Default: redacted for the role read, otherwise full.",
});

export const keyBody = z
  .strictObject({
    name: z.string().meta({ description: "For people to read, 1 to 100 characters." }),
    role,
    tenant: z
      .string()
      .nullable()
      .optional()
      .meta({ description: "A tenant's uid or id: it sees nothing of another." }),
    mode: mode.nullable().optional().meta({ description: "It sees only tenants of this mode." }),
    payloads: payloads.nullable().optional(),
    expires_at: givenMoment
      .nullable()
      .optional()
      .meta({ description: "From when on it is refused. Default: never." }),
  })
  .meta({ description: "An API key to make." });

export const keyAnswer = z.object({
  key_id: z.string().meta({ examples: ["key_01k9zq3v7n8r2m4w6x8y0z1a3b"] }),
  name: z.string(),
  role,
  tenant: z.string().nullable().meta({ description: "The id of the only tenant that it is for." }),
  mode: mode.nullable(),
  payloads,
  created_at: moment("When it was made."),
  expires_at: moment("From when on it is refused.").nullable(),
  revoked_at: moment("When it was revoked.").nullable(),
  last_used_at: moment("When it was last used, to the minute.").nullable(),
});

export const createdKeyAnswer = keyAnswer.extend({
  token: z.string().meta({ description: "What to send: authorization: Bearer phk_…. Shown this once." }),
});

export const keyPage = z.object({ data: z.array(keyAnswer), next_cursor: nextCursor });

export type KeyAnswer = z.infer<typeof keyAnswer>;
