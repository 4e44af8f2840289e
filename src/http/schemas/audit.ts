import { z } from "zod";
import { WAYS } from "../../core/actor.ts";
import { cursor, cursors, limit } from "./lists.ts";
import { givenMoment, moment } from "./times.ts";

const text = z.string();

export const auditQuery = z.strictObject({
  tenant: text
    .meta({
      description:
        "A tenant's uid or id: what was done to it and to what belongs to it. Keys that do not see everything, or have a role below admin, have to name one, unless they are bound to one.",
    })
    .optional(),
  target: text.meta({ description: "The id, or the name, of what was changed." }).optional(),
  actor: text.meta({ description: "A name, or the id of an API key." }).optional(),
  action: text.meta({ description: "Such as endpoint.update." }).optional(),
  after: givenMoment.meta({ description: "At or after." }).optional(),
  before: givenMoment.meta({ description: "Before." }).optional(),
  limit,
  cursor,
});

export const auditEntryAnswer = z.object({
  id: text,
  at: moment("When it was done."),
  actor: text.meta({
    description: "Who did it: the name of an API key, or what a program calls the person.",
  }),
  actor_id: text.nullable().meta({ description: "The id of the API key." }),
  role: text.nullable(),
  via: z.enum(WAYS).meta({ description: "How it was done; `posthorn`: by the server itself." }),
  ip: text
    .nullable()
    .meta({ description: "The address that the request came from; behind a proxy, the proxy's." }),
  action: text.meta({ description: "The kind of thing that was changed, and what was done." }),
  target: text.meta({ description: "What was changed: its id, or its name." }),
  tenant: text.nullable().meta({ description: "The id of the tenant it belongs to." }),
  change: z
    .record(z.string(), z.object({ was: z.unknown(), is: z.unknown() }))
    .meta({ description: "By field: the value before and after, without secrets." }),
  note: text.nullable().meta({ description: "The reason that the actor gave." }),
  request_id: text.nullable().meta({ description: "The x-request-id of the request." }),
});

export const auditPage = z.object({ data: z.array(auditEntryAnswer), ...cursors });

export type AuditEntryAnswer = z.infer<typeof auditEntryAnswer>;
