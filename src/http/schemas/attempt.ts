import { z } from "zod";
import { attemptAnswer, attemptClass } from "./job.ts";
import { complete, cursor, cursors, limit, rows } from "./lists.ts";
import { givenMoment } from "./times.ts";

const text = z.string();

const { detail: _, fingerprint: __, timing: ___, ...ofAttempt } = attemptAnswer.shape;

export const endpointAttemptAnswer = z
  .object({
    attempt_id: text.meta({
      description: "The attempt's id. Ids sort by the time at which the attempts started.",
      examples: ["atmpt_01k9zq3v7nk9zq3v7n8r2m4w6x1"],
    }),
    tenant: text.meta({ description: "The id of its tenant." }),
    endpoint_id: text.meta({ description: "The id of the endpoint that it was sent to." }),
    event_id: text.meta({ description: "The id of the event that was sent." }),
    type: text.nullable().meta({ description: "The event's type; null once the event is gone." }),
    job_id: text.meta({
      description: "The id of the delivery that the attempt belongs to.",
    }),
    trigger: text.nullable().meta({
      description: "manual if somebody redelivered the event by hand; otherwise null.",
    }),
    ...ofAttempt,
    is_erased: z.boolean().meta({ description: "Whether the endpoint's answer was erased." }),
  })
  .meta({ description: "One attempt to deliver an event to an endpoint." });

export const endpointAttemptPage = z
  .object({
    data: rows(endpointAttemptAnswer),
    ...cursors,
    complete,
  })
  .meta({ description: "Newest first." });

const status = z
  .string()
  .refine((given) => /^\d{1,3}$/.test(given), { error: "must be a whole number", abort: true })
  .transform(Number)
  .pipe(z.int().min(0).max(999));

export const endpointAttemptsQuery = z.strictObject({
  status: z
    .enum(["succeeded", "failed"])
    .meta({ description: "Only attempts that succeeded, or, with failed, those that did not." })
    .optional(),
  class: attemptClass.meta({ description: "Only attempts of this class." }).optional(),
  http_status_from: status
    .meta({ description: "Only attempts answered with this HTTP status or a higher one.", type: "integer" })
    .optional(),
  http_status_before: status
    .meta({
      description: "Only attempts answered with a lower HTTP status than this; no answer counts as 0.",
      type: "integer",
    })
    .optional(),
  type: text.meta({ description: "Only attempts to deliver events of this type." }).optional(),
  channel: text.meta({ description: "Only attempts to deliver events with this channel." }).optional(),
  tag: text.meta({ description: "Only attempts to deliver events with this tag." }).optional(),
  since: givenMoment.meta({ description: "Only attempts that started at or after this time." }).optional(),
  until: givenMoment.meta({ description: "Only attempts that started before this time." }).optional(),
  limit,
  cursor,
});

export const eventAttemptsQuery = endpointAttemptsQuery.extend({
  endpoint: text.meta({ description: "Only attempts to reach this endpoint: its uid or id." }).optional(),
});

export type EndpointAttemptAnswer = z.infer<typeof endpointAttemptAnswer>;
export type EndpointAttemptsQuery = z.infer<typeof endpointAttemptsQuery>;
