import type { Duration } from "../core/duration.ts";
import { ClientError } from "./errors.ts";

const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const PART = /([\d.]+)(ms|s|m|h|d)/g;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

/** @throws ClientError naming the option when it is not a duration. */
export function millisecondsOf(duration: Duration, option: string): number {
  let ms = typeof duration === "number" ? duration : Number.NaN;
  if (typeof duration === "string" && WHOLE.test(duration)) {
    ms = 0;
    for (const [, amount, unit = ""] of duration.matchAll(PART)) ms += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  if (ms >= 0) return ms;
  const isPlain = typeof duration === "string" || typeof duration === "number"; // without types, it may be anything
  throw new ClientError(
    "configuration",
    `${option}: ${isPlain ? JSON.stringify(duration) : `the ${typeof duration}`} is not a duration; write it like 500ms, 30s or 5m`,
  );
}
