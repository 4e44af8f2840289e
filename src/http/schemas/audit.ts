import { z } from "zod";
import { WAYS } from "../../core/actor.ts";
import { changeAnswer } from "./endpoint.ts";
import { cursor, limit, rows, searchedCursors } from "./lists.ts";
import { pageQuery } from "./queries.ts";
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

const { at, actor, reason, changes } = changeAnswer.shape;

export const activityQuery = pageQuery.extend({
  of: z
    .literal("endpoints")
    .meta({ description: "Only what was done to endpoints. Default: what was done with deliveries too." })
    .optional(),
});

const activityAnswer = z
  .object({
    ...{ id: text.meta({ description: "Its id in the audit: adt_…" }), at, actor, reason },
    action: text.meta({ description: "What was done.", examples: ["endpoint.create"] }),
    target: text.meta({
      description: "The id of what it was done to: an endpoint, an event, a job, or a bulk run.",
    }),
    endpoint: z
      .object({
        endpoint_id: text.meta({ description: "Its id." }),
        url: text
          .nullable()
          .meta({ description: "Its URL now, or when it was deleted; null if it is no longer known." }),
        is_deleted: z.boolean().meta({ description: "Whether it has been deleted since." }),
      })
      .nullable()
      .meta({ description: "The endpoint that it was about; null if it was not about one." }),
    changes,
  })
  .meta({ description: "Something that was done to a tenant's endpoints, or with their deliveries." });

export const activityPage = z
  .object({ data: rows(activityAnswer), ...searchedCursors })
  .meta({ description: "Newest first. Each page examines at most a few thousand entries of the audit." });

export type ActivityAnswer = z.infer<typeof activityAnswer>;
