import { z } from "zod";
import { UNSENT_REASONS, type UnsentWhy } from "../../webhooks/endpoints/unsent-events.ts";
import { complete, cursor, limit, rows } from "./lists.ts";
import { givenMoment, moment } from "./times.ts";

const text = z.string();

export const eventAtEndpoint = z
  .object({
    event_id: text.meta({ description: "The event's id.", examples: ["msg_01k9zq3v7n8r2m4w6x8y0z1a3b"] }),
    given_event_id: text
      .nullable()
      .meta({ description: "The event_id that it was sent with; null if none." }),
    type: text.meta({ description: "The event's type.", examples: ["invoice.paid"] }),
    created_at: moment("When it was accepted."),
    reason: z.enum(UNSENT_REASONS).nullable().meta({
      description:
        "Why the endpoint did not get it; null if it did. disabled: it was disabled. type, channel: it asks for others. filter: its filter did not let it through. not_json: its filter needs JSON. archived: the type was archived. too_old: the endpoint was created later. being_sent: its deliveries are still being created. unrecorded: neither a delivery nor a reason is kept; the endpoint asked for other events then, or the delivery is past its retention.",
    }),
    job_id: text
      .nullable()
      .meta({ description: "Its newest delivery to the endpoint; null if it has none." }),
  })
  .meta({ description: "An event, and whether one endpoint got it." });
export type EventAtEndpointAnswer = z.infer<typeof eventAtEndpoint>;

export const unsentPage = z
  .object({
    data: rows(eventAtEndpoint),
    next_cursor: text.nullable().meta({
      description: "Pass it as cursor to continue the search; null once every event has been examined.",
    }),
    searched_to: moment("When the oldest event examined was accepted; null if none was examined.").nullable(),
    complete,
  })
  .meta({ description: "Newest first." });

export const unsentQuery = z.strictObject({
  since: givenMoment
    .meta({
      description: "Only events accepted at or after this time. Default: when the endpoint was created.",
    })
    .optional(),
  until: givenMoment.meta({ description: "Only events accepted before this time." }).optional(),
  type: text.meta({ description: "Only events of this type." }).optional(),
  reason: text
    .refine((given) => given.split(",").every((each) => UNSENT_REASONS.some((reason) => reason === each)), {
      error: `must be one or more of ${UNSENT_REASONS.join(", ")}`,
      abort: true,
    })
    .transform((given) => given.split(",") as UnsentWhy[]) // as was just seen
    .meta({
      description: `Only events that it did not get for this reason, or for one of several separated by commas: ${UNSENT_REASONS.join(", ")}.`,
      examples: ["disabled,filter"],
    })
    .optional(),
  limit,
  cursor,
});
