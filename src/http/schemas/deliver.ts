import { z } from "zod";
import { MOST_ATTEMPTS } from "../../webhooks/schedule.ts";
import { labels } from "./lists.ts";
import { givenDuration, givenMoment } from "./times.ts";

/** Additional request headers. */
export const headers = z.record(z.string(), z.string()).meta({
  description:
    "Additional headers for the receiver: at most 50, 8192 bytes in total. Headers that Posthorn or HTTP sets are refused.",
  examples: [{ "x-tenant": "acme" }],
  maxProperties: 50,
  propertyNames: { type: "string", pattern: "^[!#$%&'*+\\-.^_`|~0-9A-Za-z]+$" },
  additionalProperties: {
    type: "string",
    pattern: "^([\\x21-\\x7e]([\\t\\x20-\\x7e]*[\\x21-\\x7e])?)?$",
  },
});

export const copyOf = z.string().meta({
  pattern: "^job_[0-9a-hjkmnp-tv-z]{26}$",
  description:
    "The id of the job that this one is a copy of: job_…. Shown with it; whether there is such a job is not checked, since it may be past its retention.",
});

export const deliverBody = z
  .strictObject({
    target_url: z.string().meta({
      format: "uri",
      description:
        "Where to deliver: http or https, without credentials. Every address that its name resolves to must be public, unless the server allows it.",
      examples: ["https://example.com/hooks"],
    }),
    payload: z.unknown().meta({
      description: "Any JSON value. The receiver gets it byte for byte as it is in this body.",
      examples: [{ type: "invoice.paid", data: { id: 42 } }],
    }),
    headers: headers.optional(),
    run_at: givenMoment
      .meta({
        description: "The earliest time to start, at most a year ahead. Cannot be combined with delay.",
      })
      .optional(),
    delay: givenDuration
      .meta({
        description:
          "How long to wait before it may start, such as 500ms, 30s, 1h30m, 7d; at most a year. Cannot be combined with run_at.",
      })
      .optional(),
    max_attempts: z
      .int()
      .min(1)
      .max(MOST_ATTEMPTS)
      .meta({ description: "How many attempts may fail before the job does. Default: 10." })
      .optional(),
    timeout: givenDuration
      .meta({
        description: "How long one attempt may take, such as 500ms or 30s: from 100ms to 5m. Default: 15s.",
      })
      .optional(),
    event_id: z
      .string()
      .meta({
        pattern: "^[\\x21-\\x2d\\x2f-\\x7e]{1,256}$",
        minLength: 1,
        maxLength: 256,
        description:
          "Sent as webhook-id on every attempt, for the receiver to deduplicate on. Default: the job's id.",
      })
      .optional(),
    tags: labels("Labels to find the job by: at most 10.").optional(),
    copy_of: copyOf.optional(),
    secret: z
      .string()
      .meta({
        pattern: "^(whsec|whsk)_[A-Za-z0-9+/]+={0,2}$",
        description:
          "Signs this delivery instead of the server's secret: whsec_… (HMAC-SHA256) or whsk_… (ed25519). Stored encrypted, and never shown again.",
        writeOnly: true,
      })
      .optional(),
  })
  .meta({ description: "One webhook to deliver.", not: { required: ["delay", "run_at"] } });

export type DeliverBody = z.infer<typeof deliverBody>;
