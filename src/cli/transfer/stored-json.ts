import { z } from "zod";
import { isSealed } from "../../secrets/secret-box.ts";

// JSON in a string: it is kept as it is, but a release has to be able to read it

export const json = z.string().refine((text) => parsed(text) !== undefined, "is not JSON");

/** Emptied by somebody who passed the export on, it would be found out by the first delivery. */
export const sealed = z
  .string()
  .refine(isSealed, "is not an encrypted secret; export again, and leave it as it is");

export const priority = z.int32();
export const maxAttempts = z.int32().min(1);

/** JSON of a certain shape; other members are for the release that wrote them. */
export function jsonOf(shape: z.ZodType, what: string) {
  return json.refine((text) => shape.safeParse(parsed(text)).success, `is not the JSON of ${what}`);
}

export const tags = jsonOf(z.array(z.string()), "a list of strings");

/** The options of a job, whatever its task. */
export const options = jsonOf(z.record(z.string(), z.unknown()), "an object");

/** A delivery to an endpoint has no target of its own. */
const deliveryShape = z.object({
  targetUrl: z.string().optional(),
  headers: sealed.optional(),
  secret: sealed.optional(),
});

export const deliveryOptions = jsonOf(deliveryShape, "a delivery's options");

/** Those of a delivery to a URL. */
export const urlDeliveryOptions = jsonOf(deliveryShape.required({ targetUrl: true }), "a delivery's options");

export const errorDetail = jsonOf(z.record(z.string(), z.unknown()), "an object");

const followUpShape = z.object({
  task: z.string().min(1),
  lane: z.string(),
  priority,
  options,
  maxAttempts,
});

export const followUp = jsonOf(followUpShape, "a follow-up");

const tiesShape = z.object({
  key: z.string().optional(),
  groupId: z.string().optional(),
  onSettled: followUpShape.optional(),
  retainMs: z.number().min(0).optional(),
});

export const ties = jsonOf(tiesShape, "what a job is tied to");

export const scheduledJob = jsonOf(
  followUpShape.extend({ payload: json, ties: tiesShape.optional() }),
  "a schedule's job",
);

/** Undefined for what is not JSON, which has no such value. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
