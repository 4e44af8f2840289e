import { z } from "zod";
import { moment } from "./times.ts";

const text = z.string();

const reason = text
  .meta({ description: "Why, for people to read; kept in the endpoint's history.", maxLength: 1_000 })
  .max(1_000)
  .optional();

export const reasonBody = z.strictObject({ reason }).meta({ description: "May be empty." });

export const stopBody = z
  .strictObject({
    reason,
    queued: z
      .enum(["kept", "dropped"])
      .meta({
        description: "What becomes of deliveries that wait: dropped cancels them. Default kept.",
      })
      .optional(),
  })
  .meta({ description: "May be empty." });

const nullableMoment = (description: string) => moment(description).nullable();

export const healthAnswer = z.object({
  breaker: z.enum(["closed", "open", "half_open"]).meta({
    description:
      "open: deliveries wait, because they kept failing. half_open: one of them tries whether it works again.",
  }),
  failures: z.int().meta({ description: "In a row, up to now." }),
  failing_since: nullableMoment("When the first of these was."),
  opened_at: nullableMoment("When the breaker opened."),
  next_probe_at: nullableMoment("When the next delivery tries whether it works again, if one waits then."),
  last_success_at: nullableMoment("Known once it has failed."),
  last_failure_at: nullableMoment("When the last failure was."),
  last_error: text.nullable().meta({ description: "What the last failure was." }),
});

export const trialBody = z
  .strictObject({
    type: text
      .meta({
        description:
          "The event type. Default: the first that the endpoint asks for by its whole name, else webhook.test.",
      })
      .optional(),
    payload: z.unknown().meta({ description: "Any JSON. Default: an object that says that it is a test." }),
  })
  .meta({ description: "May be empty." });

export const trialAnswer = z.object({
  succeeded: z.boolean(),
  event_id: text.meta({ description: "The webhook-id that it was sent with." }),
  type: text,
  http_status: z.int().nullable().meta({ description: "null when there was no answer." }),
  excerpt: text.nullable().meta({ description: "The start of the answer." }),
  error: text.nullable(),
  duration_ms: z.int(),
});

export type HealthAnswer = z.infer<typeof healthAnswer>;
export type TrialAnswer = z.infer<typeof trialAnswer>;
