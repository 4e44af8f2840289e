import { z } from "zod";

/**
 * A moment from a caller: RFC 3339 with its offset. Its form is checked where it is read, in one place for API
 * and library.
 */
export const givenMoment = z.string().meta({ format: "date-time", examples: ["2030-01-31T09:00:00Z"] });

/**
 * A duration from a caller. A bare number means seconds here, as in HTTP (`Retry-After`, `max-age`); in the library
 * it means milliseconds.
 */
export const givenDuration = z.union([z.number().nonnegative(), z.string()]).meta({
  description: "Seconds as a number, or a string such as 500ms, 30s, 1h30m, 7d.",
  examples: ["30s", 30],
});

/** A caller's duration in the library's form, where a number means milliseconds. */
export function milliseconds(duration: number | string): number | string {
  return typeof duration === "number" ? duration * 1_000 : duration;
}

/** A moment in an answer: RFC 3339, UTC, milliseconds. */
export function moment(description: string) {
  return z.string().meta({ format: "date-time", description, examples: ["2026-01-31T09:00:00.000Z"] });
}
