import { z } from "zod";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import { attemptAnswer } from "./job.ts";
import { cursor, cursors, limit } from "./lists.ts";
import { givenMoment } from "./times.ts";

const text = z.string();

const { detail: _, fingerprint: __, ...ofAttempt } = attemptAnswer.shape;

export const endpointAttemptAnswer = z.object({
  attempt_id: text.meta({
    description: "Such ids sort by when the attempts began.",
    examples: ["atmpt_01k9zq3v7nk9zq3v7n8r2m4w6x1"],
  }),
  tenant: text.meta({ description: "The id of its tenant." }),
  endpoint_id: text,
  event_id: text,
  type: text.nullable().meta({ description: "The event's type; null once the event is gone." }),
  job_id: text.meta({
    description: "The delivery: all attempts to bring this event to this endpoint.",
  }),
  trigger: text
    .nullable()
    .meta({ description: "What made the delivery, where that was not the event's being sent." }),
  ...ofAttempt,
  is_erased: z.boolean().meta({ description: "Whether what the endpoint answered was erased." }),
});

export const endpointAttemptPage = z
  .object({
    data: z.array(endpointAttemptAnswer),
    ...cursors,
    complete: z.boolean().meta({
      description: "false: the page may be short, even empty, and more may be found by its cursor.",
    }),
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
    .meta({ description: "failed: every one that did not succeed." })
    .optional(),
  class: z.enum(ATTEMPT_CLASSES).meta({ description: "Only those of this class." }).optional(),
  http_status_from: status
    .meta({ description: "Only answers with this status or a higher one.", type: "integer" })
    .optional(),
  http_status_before: status
    .meta({ description: "Only those with a lower status; no answer counts as 0.", type: "integer" })
    .optional(),
  type: text.meta({ description: "Only of events of this type." }).optional(),
  channel: text.meta({ description: "Only of events with this channel." }).optional(),
  tag: text.meta({ description: "Only of events with this tag." }).optional(),
  since: givenMoment.meta({ description: "Begun at or after." }).optional(),
  until: givenMoment.meta({ description: "Begun before." }).optional(),
  limit,
  cursor,
});

export const eventAttemptsQuery = endpointAttemptsQuery.extend({
  endpoint: text.meta({ description: "Only those to this endpoint: its uid or id." }).optional(),
});

export type EndpointAttemptAnswer = z.infer<typeof endpointAttemptAnswer>;
export type EndpointAttemptsQuery = z.infer<typeof endpointAttemptsQuery>;
