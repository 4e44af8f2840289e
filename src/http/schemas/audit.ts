import { z } from "zod";
import { WAYS } from "../../core/actor.ts";
import { cursor, limit, rows, searchedCursors } from "./lists.ts";
import { givenMoment, moment } from "./times.ts";

const text = z.string();

export const auditQuery = z.strictObject({
  tenant: text
    .meta({
      description:
        "Only changes to this tenant and to what belongs to it: its uid or id. Required for a key that does not see everything or has a role below admin, unless it is bound to a tenant.",
    })
    .optional(),
  target: text.meta({ description: "Only changes to what has this id or name." }).optional(),
  actor: text
    .meta({ description: "Only changes by this actor: a name, or the id of an API key." })
    .optional(),
  action: text
    .meta({ description: "Only changes by this action.", examples: ["endpoint.update"] })
    .optional(),
  after: givenMoment.meta({ description: "Only changes made at or after this time." }).optional(),
  before: givenMoment.meta({ description: "Only changes made before this time." }).optional(),
  limit,
  cursor,
});

export const auditEntryAnswer = z
  .object({
    id: text.meta({ description: "The entry's id." }),
    at: moment("When the change was made."),
    actor: text.meta({
      description: "Who made the change: the name of an API key, or what a program calls the person.",
    }),
    actor_id: text.nullable().meta({ description: "The id of the API key; null if none was used." }),
    role: text.nullable().meta({ description: "The role that the actor had; null if none." }),
    via: z.enum(WAYS).meta({ description: "Where the change was made; `posthorn`: by the server itself." }),
    ip: text.nullable().meta({
      description:
        "The IP address that the request came from (behind a proxy, the proxy's); null if there was none or the key may not see it.",
    }),
    action: text.meta({
      description: "What kind of thing was changed, and how.",
      examples: ["endpoint.update"],
    }),
    target: text.meta({ description: "What was changed: its id, or its name." }),
    tenant: text.nullable().meta({ description: "The id of the tenant that it belongs to; null if none." }),
    change: z
      .record(
        z.string(),
        z.object({
          was: z.unknown().meta({ description: "The value before." }),
          is: z.unknown().meta({ description: "The value after." }),
        }),
      )
      .meta({ description: "By field: the value before and after, without secrets." }),
    note: text.nullable().meta({ description: "The reason that the actor gave; null if none." }),
    request_id: text.nullable().meta({
      description: "The x-request-id of the request; null if it had none or the key may not see it.",
    }),
  })
  .meta({ description: "One change, and who made it." });

export const auditPage = z
  .object({
    data: rows(auditEntryAnswer),
    ...searchedCursors,
    kept_for: text.meta({ description: "How long entries are kept.", examples: ["400d"] }),
  })
  .meta({ description: "Newest first. With filters, each page examines at most a few thousand." });

export type AuditEntryAnswer = z.infer<typeof auditEntryAnswer>;
