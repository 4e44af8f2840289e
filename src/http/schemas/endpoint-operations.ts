import { z } from "zod";

const text = z.string();

const reason = text
  .meta({ description: "The reason, for people to read; kept in the endpoint's history.", maxLength: 1_000 })
  .max(1_000)
  .optional();

export const reasonBody = z.strictObject({ reason }).meta({ description: "May be empty." });

export const stopBody = z
  .strictObject({
    reason,
    queued: z
      .enum(["kept", "dropped"])
      .meta({
        description:
          "What happens to queued deliveries: they wait (kept) or are cancelled (dropped). Default: kept.",
      })
      .optional(),
  })
  .meta({ description: "May be empty." });

export const trialBody = z
  .strictObject({
    type: text
      .meta({
        description:
          "The event type. Default: the first that the endpoint lists by its full name, otherwise webhook.test.",
      })
      .optional(),
    payload: z
      .unknown()
      .meta({ description: "Any JSON. Default: an object that says it is a test." })
      .optional(),
  })
  .meta({ description: "May be empty." });

export const trialAnswer = z
  .object({
    succeeded: z.boolean().meta({ description: "Whether the endpoint answered 2xx." }),
    event_id: text.meta({ description: "The webhook-id that it was sent with." }),
    type: text.meta({ description: "The type that it was sent with." }),
    http_status: z
      .int()
      .nullable()
      .meta({ description: "The status of the answer; null if there was none." }),
    excerpt: text.nullable().meta({ description: "The first 16 KiB of the answer; null if there was none." }),
    error: text.nullable().meta({ description: "What went wrong; null if it succeeded." }),
    duration_ms: z.int().meta({ description: "How long it took, in milliseconds." }),
  })
  .meta({ description: "What an endpoint answered to an example event." });

export type TrialAnswer = z.infer<typeof trialAnswer>;
