import { z } from "zod";
import { cursors, listed, rows } from "./lists.ts";
import { NAME_PATTERN } from "./registered.ts";
import { moment } from "./times.ts";

const text = z.string();

const name = text.meta({
  description: "1 to 256 letters, digits, -, _ and .",
  pattern: NAME_PATTERN,
  examples: ["invoice.paid"],
});

const schemas = z.record(text, z.unknown()).meta({
  description:
    "JSON Schemas (docs/event-schemas.md) by version, at most 10. Payloads are checked against the last version, by number.",
  examples: [{ 1: { type: "object", required: ["id"] } }],
});

const enforce = z.enum(["off", "warn", "refuse"]).meta({
  description:
    "What happens to an event whose payload does not match the schema: it is sent (off), sent with a warning in the answer (warn), or refused (refuse). Default: off.",
});

const flags = z.array(text).meta({
  description:
    "For Svix's API: at most 10 flags; a token for a tenant lists the type only if it was created with one of them. null: every token does.",
});

const changes = {
  description: text
    .meta({ description: "For people to read, at most 1000 characters.", maxLength: 1_000 })
    .nullable()
    .optional(),
  schemas: schemas.nullable().optional(),
  enforce: enforce.optional(),
  is_archived: z
    .boolean()
    .meta({ description: "Whether its events are kept, but no longer delivered. Default: false." })
    .optional(),
  is_deprecated: z
    .boolean()
    .meta({
      description:
        "Whether it should no longer be used: it still works, but the portal does not offer it. Default: false.",
    })
    .optional(),
  feature_flags: flags.nullable().optional(),
  group_name: text
    .meta({ description: "The heading that it is listed under.", maxLength: 256 })
    .nullable()
    .optional(),
};

export const newEventType = z
  .strictObject({ name, ...changes })
  .meta({ description: "An event type's description, and the requirements for its events." });

export const eventTypeBody = z.strictObject(changes).meta({
  description:
    "PUT resets fields that are left out to their defaults; PATCH leaves them as they are, and null clears a field.",
});

export const eventTypeAnswer = z
  .object({
    name,
    description: text.meta({ description: "For people to read; may be empty." }),
    schemas: schemas.nullable(),
    enforce,
    is_archived: z.boolean().meta({ description: "Whether its events are kept, but no longer delivered." }),
    is_deprecated: z.boolean().meta({
      description: "Whether it should no longer be used: it still works, but the portal does not offer it.",
    }),
    feature_flags: flags.nullable(),
    group_name: text.nullable().meta({ description: "The heading that it is listed under." }),
    created_at: moment("When it was registered."),
    updated_at: moment("When it was last changed."),
  })
  .meta({ description: "A registered event type, and the requirements for its events." });

export const eventTypePage = z
  .object({ data: rows(eventTypeAnswer), ...cursors })
  .meta({ description: "By name." });

export const eventTypesQuery = z.strictObject({
  with_archived: z
    .enum(["true", "false"])
    .meta({ description: "Whether to include archived event types. Default: false." })
    .optional(),
  ...listed,
});

export type EventTypeBody = z.infer<typeof eventTypeBody>;
export type EventTypeAnswer = z.infer<typeof eventTypeAnswer>;
