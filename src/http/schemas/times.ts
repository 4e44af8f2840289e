import { z } from "zod";

/**
 * A moment a caller gives: RFC 3339 with its offset. Its form is checked where it is read, in one place for API
 * and library.
 */
export const givenMoment = z.string().meta({ format: "date-time", examples: ["2030-01-31T09:00:00Z"] });

/**
 * A span a caller gives. A bare number is seconds here, as HTTP counts (`Retry-After`, `max-age`); in the library
 * it is milliseconds.
 */
export const givenDuration = z.union([z.number().nonnegative(), z.string()]).meta({
  description: "Seconds as a number, or text such as 500ms, 30s, 1h30m, 7d.",
  examples: ["30s", 30],
});

/** A span that a caller gave as the library takes it, where a number counts milliseconds. */
export function milliseconds(duration: number | string): number | string {
  return typeof duration === "number" ? duration * 1_000 : duration;
}

/** A moment in an answer: RFC 3339, UTC, milliseconds. */
export function moment(description: string) {
  return z.string().meta({ format: "date-time", description, examples: ["2026-01-31T09:00:00.000Z"] });
}
