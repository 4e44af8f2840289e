import { z } from "zod";
import { WAYS } from "../../core/actor.ts";
import { cursor, cursors, limit, rows } from "./lists.ts";
import { givenMoment, moment } from "./times.ts";

const text = z.string();

export const auditQuery = z.strictObject({
  tenant: text
    .meta({
      description:
        "A tenant's uid or id: what was done to it and to what belongs to it. Keys that do not see everything, or have a role below admin, have to name one, unless they are bound to one.",
    })
    .optional(),
  target: text.meta({ description: "Only changes to this: its id, or its name." }).optional(),
  actor: text
    .meta({ description: "Only changes by this actor: a name, or the id of an API key." })
    .optional(),
  action: text.meta({ description: "Only this action.", examples: ["endpoint.update"] }).optional(),
  after: givenMoment.meta({ description: "Only changes made at or after this time." }).optional(),
  before: givenMoment.meta({ description: "Only changes made before this time." }).optional(),
  limit,
  cursor,
});

export const auditEntryAnswer = z
  .object({
    id: text.meta({ description: "The entry's id." }),
    at: moment("When it was done."),
    actor: text.meta({
      description: "Who did it: the name of an API key, or what a program calls the person.",
    }),
    actor_id: text.nullable().meta({ description: "The id of the API key; null if none was used." }),
    role: text.nullable().meta({ description: "The role that the actor acted in; null if there was none." }),
    via: z.enum(WAYS).meta({ description: "How it was done; `posthorn`: by the server itself." }),
    ip: text
      .nullable()
      .meta({ description: "The address that the request came from; behind a proxy, the proxy's." }),
    action: text.meta({
      description: "The kind of thing that was changed, and what was done.",
      examples: ["endpoint.update"],
    }),
    target: text.meta({ description: "What was changed: its id, or its name." }),
    tenant: text.nullable().meta({ description: "The id of the tenant it belongs to." }),
    change: z
      .record(
        z.string(),
        z.object({
          was: z.unknown().meta({ description: "The value before." }),
          is: z.unknown().meta({ description: "The value after." }),
        }),
      )
      .meta({ description: "By field: the value before and after, without secrets." }),
    note: text.nullable().meta({ description: "The reason that the actor gave, if any." }),
    request_id: text.nullable().meta({ description: "The x-request-id of the request, if it had one." }),
  })
  .meta({ description: "One change, and who made it." });

export const auditPage = z
  .object({
    data: rows(auditEntryAnswer),
    ...cursors,
    kept_for: text.meta({ description: "How long entries are kept.", examples: ["400d"] }),
  })
  .meta({
    description:
      "Newest first. With conditions, a page looks at a few thousand at most, and may be short or empty: only a next_cursor of null says that it is the last.",
  });

export type AuditEntryAnswer = z.infer<typeof auditEntryAnswer>;
