import { z } from "zod";
import { SOUGHT_LENGTH } from "../../core/job-content.ts";
import { headers } from "./deliver.ts";
import { cursor, labels, limit, rows, searchedCursors } from "./lists.ts";
import { NAME_PATTERN, warnings } from "./registered.ts";
import { givenDuration, givenMoment, moment } from "./times.ts";

const text = z.string();

const type = text.meta({
  description: "1 to 256 letters, digits, -, _ and .: it need not be registered.",
  pattern: NAME_PATTERN,
  examples: ["invoice.paid"],
});

export const eventBody = z
  .strictObject({
    tenant: text.meta({
      description:
        "The tenant's uid or id. An unknown uid creates the tenant, unless the server refuses that.",
      examples: ["acme"],
    }),
    type,
    payload: z
      .unknown()
      .meta({
        description:
          "Any JSON value, at most 1 MiB; receivers get it byte for byte as it is in this body. With a content_type that is not JSON, a string: they get its characters in UTF-8.",
        examples: [{ id: 42, amount: 9.5 }],
      })
      .optional(),
    payload_base64: text
      .meta({
        description: "Any bytes, at most 1 MiB, in base64. Replaces payload, and requires content_type.",
        contentEncoding: "base64",
      })
      .optional(),
    content_type: text
      .meta({ description: "The payload's media type. Default: application/json.", examples: ["text/plain"] })
      .optional(),
    event_id: text
      .meta({
        description:
          "Your own id for the event: however often it is sent with this id, it is one event. 1 to 256 letters, digits, -, _ and ., not beginning with msg_. Remembered for as long as the event is kept.",
        pattern: NAME_PATTERN,
      })
      .optional(),
    channels: labels(
      "At most 10. An endpoint that has channels only gets the event if it shares one.",
    ).optional(),
    tags: labels("Labels to find the event by: at most 10.").optional(),
    headers: headers.optional(),
    run_at: givenMoment
      .meta({
        description: "The earliest time to start, at most a year ahead. Cannot be combined with delay.",
      })
      .optional(),
    delay: givenDuration
      .meta({
        description: "How long to wait before it may start, at most a year. Cannot be combined with run_at.",
      })
      .optional(),
  })
  .meta({
    description: "Something that happened to a tenant, to be sent to each of its endpoints that wants it.",
    not: { required: ["delay", "run_at"] },
  });

export const sentAnswer = z
  .object({
    event_id: text.meta({
      description: "The server's id, which is also the webhook-id of each delivery.",
      examples: ["msg_01k9zq3v7n8r2m4w6x8y0z1a3b"],
    }),
    status: z
      .literal("accepted")
      .meta({ description: "Always accepted: the event is on disk, and will be delivered." }),
    jobs: z.int().meta({ description: "How many endpoints it is delivered to." }),
    warnings: warnings
      .meta({
        description: "What is wrong with the payload according to the type's schema, if enforce is warn.",
      })
      .optional(),
  })
  .meta({ description: "The event is on disk, and so is every delivery of it." });

const unsentReason = z.enum(["disabled", "type", "channel", "filter", "not_json", "archived"]).meta({
  description:
    "disabled: the endpoint is disabled. type: it wants other types. channel: it has channels, and none of the event's. filter: its filter does not let the event through. not_json: its filter needs JSON. archived: the type is archived, so nobody gets it.",
});

export const listedEventAnswer = z
  .object({
    event_id: text.meta({
      description: "The server's id, which is also the webhook-id of each delivery.",
      examples: ["msg_01k9zq3v7n8r2m4w6x8y0z1a3b"],
    }),
    tenant: text.meta({ description: "The id of its tenant." }),
    given_event_id: text
      .nullable()
      .meta({ description: "The event_id that it was sent with; null if none." }),
    type: text.meta({ description: "The event's type.", examples: ["invoice.paid"] }),
    channels: labels("The channels that it was sent with.").nullable(),
    tags: labels("The tags that it was sent with.").nullable(),
    headers: labels("The names of the headers that it was sent with."),
    content_type: text.meta({ description: "The payload's media type.", examples: ["application/json"] }),
    jobs: z.int().meta({ description: "How many endpoints it is delivered to." }),
    unsent: z
      .object({
        counts: z
          .partialRecord(unsentReason, z.int())
          .meta({ description: "How many endpoints do not get it, by reason." }),
        named: z
          .array(
            z.object({ endpoint_id: text.meta({ description: "The endpoint's id." }), reason: unsentReason }),
          )
          .meta({ description: "The first hundred endpoints that might have been expected to get it." }),
      })
      .nullable()
      .meta({ description: "Which endpoints do not get it, and why; null if every endpoint does." }),
    run_at: moment("The earliest time for its deliveries to start; null if immediately.").nullable(),
    created_at: moment("When it was accepted."),
  })
  .meta({ description: "An event, without its payload." });

export const eventAnswer = listedEventAnswer
  .extend({
    payload: z
      .unknown()
      .meta({
        description:
          "The payload as it was sent: JSON as it was written, other text as a string; null if erased.",
      })
      .optional(),
    payload_base64: text
      .meta({ description: "The payload in base64, instead of payload, if it is neither JSON nor text." })
      .optional(),
    is_erased: z.boolean().meta({ description: "Whether its payload was erased." }),
  })
  .meta({ description: "An event, with its payload." });

export const eventPage = z
  .object({
    data: rows(listedEventAnswer),
    ...searchedCursors,
  })
  .meta({ description: "Newest first." });

export const eventsQuery = z.strictObject({
  tenant: text.meta({ description: "The tenant's uid or id. Default: all that the key sees." }).optional(),
  type: text.meta({ description: "Only events of this type." }).optional(),
  channel: text.meta({ description: "Only events with this channel." }).optional(),
  tag: text.meta({ description: "Only events with this tag." }).optional(),
  since: givenMoment.meta({ description: "Only events accepted at or after this time." }).optional(),
  until: givenMoment.meta({ description: "Only events accepted before this time." }).optional(),
  text: text
    .min(SOUGHT_LENGTH.least)
    .max(SOUGHT_LENGTH.most)
    .meta({
      description:
        "Only events whose payload or one of whose ids contains exactly this string; or, as `$.data.id = 42`, whose payload has this value at this path. What is hidden from the key is not found, and payloads of more than 64 KiB are not searched. Not for portal sessions. Each page examines a few thousand events: continue with next_cursor until complete is true.",
      examples: ["order-42", "$.data.id = 42"],
    })
    .optional(),
  limit,
  cursor,
});

export type EventBody = z.infer<typeof eventBody>;
export type ListedEventAnswer = z.infer<typeof listedEventAnswer>;
