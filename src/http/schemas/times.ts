import { z } from "zod";
import { DURATION_PATTERN, type Duration } from "../../core/duration.ts";

/**
 * A moment from a caller: RFC 3339 with its offset. Its form is checked where it is read, in one place for API
 * and library.
 */
export const givenMoment = z.string().meta({ format: "date-time", examples: ["2030-01-31T09:00:00Z"] });

/**
 * A duration from a caller, always with its unit: a bare number would be seconds to those who know HTTP (`Retry-After`, `max-age`), and
 * milliseconds to those who know JavaScript. Its form is checked where it is read.
 */
export const givenDuration = z
  .string({
    error: ({ input }) =>
      Number.isFinite(input)
        ? `must be a string with its unit: "${input}s" for seconds, "${input}ms" for milliseconds`
        : undefined,
  })
  .meta({
    description: "A string such as 500ms, 30s, 1h30m, 7d.",
    pattern: DURATION_PATTERN,
    examples: ["30s"],
  });

/** A caller's duration in the library's form. */
export function durationGiven(text: string): Duration {
  return text as Duration; // the library checks its form
}

/** A span of time in an answer. */
export function milliseconds(what: string, note?: string) {
  const description = `${what}, in milliseconds${note === undefined ? "" : `; ${note}`}.`;
  return z.number().meta({ description });
}

/** A moment in an answer: RFC 3339, UTC, milliseconds. */
export function moment(description: string) {
  return z.string().meta({ format: "date-time", description, examples: ["2026-01-31T09:00:00.000Z"] });
}
