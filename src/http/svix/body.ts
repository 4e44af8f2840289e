import { z } from "zod";
import { invalid, SvixInvalid, type SvixProblem } from "./errors.ts";
import type { SvixRequest } from "./operation.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });
/** A message with all its fields. */
const TIMES_THE_LIMIT = 2;

export interface SvixBody<Of> {
  readonly body: Of;
  /** As it arrived. */
  readonly text: string;
}

/** Of any content type. @param byDefault what an empty body stands for. @throws SvixInvalid */
export async function bodyOf<Of>(
  { c, services }: SvixRequest,
  schema: z.ZodType<Of>,
  byDefault?: string,
): Promise<SvixBody<Of>> {
  const bytes = await services.bodies.read(c, TIMES_THE_LIMIT);
  let given: unknown;
  let text = "";
  try {
    text = (bytes.byteLength === 0 && byDefault) || utf8.decode(bytes);
    given = JSON.parse(text);
  } catch {
    throw invalid(["body"], "is not JSON in UTF-8", "value_error.jsondecode");
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return { body: parsed.data, text };
  throw new SvixInvalid(parsed.error.issues.map(problemOf));
}

function problemOf({ code, path, message }: z.core.$ZodIssue): SvixProblem {
  const loc = ["body", ...path.map((step) => (typeof step === "number" ? step : String(step)))];
  return { loc, msg: message, type: code === "invalid_type" ? "value_error.jsondecode" : "value_error" };
}

// what several operations take

export const text = z.string();
/** Per second. */
export const rate = z.int().min(1).max(65_535).nullish();
export const metadata = z.record(text, text);

export const applicationIn = z.object({
  name: text.min(1),
  uid: text.nullish(),
  throttleRate: rate,
  rateLimit: rate,
  metadata: metadata.nullish(),
});

export type ApplicationIn = z.infer<typeof applicationIn>;

/** The rate, under either of its two names; undefined if it is not given. */
export function rateOf(body: {
  readonly throttleRate?: number | null | undefined;
  readonly rateLimit?: number | null | undefined;
}): number | null | undefined {
  return body.throttleRate === undefined ? body.rateLimit : body.throttleRate;
}
