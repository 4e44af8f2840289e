import { z } from "zod";

/** What tenants and endpoints have in common. */

export const metadata = z.record(z.string(), z.string()).meta({
  description: "For your own use: strings by name, at most 4096 bytes as JSON.",
  examples: [{ plan: "pro" }],
});

export const limits = z
  .strictObject({
    concurrency: z
      .int()
      .min(1)
      .max(10_000)
      .meta({ description: "Deliveries under way at once, over all workers." })
      .optional(),
    rate: z
      .strictObject({
        limit: z.int().min(1).max(1_000_000),
        per: z.enum(["second", "minute", "hour"]),
      })
      .meta({ description: "Deliveries that begin in a span of time, over all workers." })
      .optional(),
    ordered: z
      .boolean()
      .meta({
        description:
          "Of an endpoint only: one delivery at a time, in the order of acceptance; the oldest holds the others up until it has ended.",
      })
      .optional(),
  })
  .meta({ description: "What is left out is not limited. Always given, and replaced, as a whole." });

export const warnings = z
  .array(z.string())
  .meta({ description: "What is allowed, but was perhaps not meant." });

/** The grammar of ids that callers choose. */
export const NAME_PATTERN = "^[a-zA-Z0-9\\-_.]{1,256}$";

export function uid(ours: string) {
  return z.string().meta({
    description: `Your own id for it: 1 to 256 letters, digits, -, _ and ., not beginning with ${ours}_. Paths take it in place of ours.`,
    pattern: NAME_PATTERN,
    examples: ["acme"],
  });
}
