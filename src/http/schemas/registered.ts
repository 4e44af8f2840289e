import { z } from "zod";
import { MOST_AT_ONCE, MOST_IN_A_SPAN } from "../../webhooks/limit-options.ts";

/** What tenants and endpoints have in common. */

export const metadata = z.record(z.string(), z.string()).meta({
  description: "For your own use: strings by name, at most 4096 bytes as JSON. Default: empty.",
  examples: [{ plan: "pro" }],
});

export const limits = z
  .strictObject({
    concurrency: z
      .int()
      .min(1)
      .max(MOST_AT_ONCE)
      .meta({ description: "How many deliveries may run at once, across all workers." })
      .optional(),
    rate: z
      .strictObject({
        limit: z.int().min(1).max(MOST_IN_A_SPAN).meta({ description: "The number." }),
        per: z.enum(["second", "minute", "hour"]).meta({ description: "The span of time." }),
      })
      .meta({ description: "How many deliveries may start per span of time, across all workers." })
      .optional(),
    ordered: z
      .boolean()
      .meta({
        description:
          "For an endpoint only: one delivery at a time, in the order in which the events were accepted; the oldest holds up the others until it has ended. Default: false.",
      })
      .optional(),
  })
  .meta({ description: "What is left out is not limited. An update replaces all limits." });

export const warnings = z
  .array(z.string())
  .meta({ description: "What is allowed, but perhaps not intended; for people to read." });

/** The grammar of ids that callers choose. */
export const NAME_PATTERN = "^[a-zA-Z0-9\\-_.]{1,256}$";

export function uid(ours: string) {
  return z.string().meta({
    description: `Your own id for it: 1 to 256 letters, digits, -, _ and ., not beginning with ${ours}_. Paths accept it instead of the server's id.`,
    pattern: NAME_PATTERN,
    examples: ["acme"],
  });
}
