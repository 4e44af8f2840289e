import { InvalidArgumentError } from "commander";
import { parseDuration } from "../../core/duration.ts";
import { InvalidInputError, messageOf } from "../../core/errors.ts";
import { parseInstant } from "../../core/instant.ts";
import { SOUGHT_LENGTH } from "../../core/job-content.ts";
import { parseByteSize } from "./byte-size.ts";

/** Parsers of the values of flags and variables. Each throws InvalidArgumentError with a sentence on what it takes. */

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
  };
}

/** A TCP port; 0 has the system choose a free one. */
export const port = wholeNumber(0, 65_535);

export function share(text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 1) return value;
  throw new InvalidArgumentError("It takes a share from 0 to 1, such as 0.3.");
}

export function httpUrl(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.href;
  throw new InvalidArgumentError("It takes an http or https URL, such as http://localhost:3000/hooks.");
}

/** Where to listen. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A port on this machine's loopback address, or `host:port`; IPv6 in brackets. */
export function address(text: string): Address {
  const [, host = "127.0.0.1", digits = ""] = /^(?:(\[[^\]]+\]|[^:]+):)?(\d{1,5})$/.exec(text) ?? [];
  const number = digits === "" ? Number.NaN : Number(digits);
  if (number <= 65_535) return { host: host.replace(/^\[|\]$/g, ""), port: number };
  throw new InvalidArgumentError("It takes a port, or an address with a port such as 0.0.0.0:9464.");
}

/** In milliseconds. */
export function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    throw new InvalidArgumentError("It takes a duration, such as 500ms, 30s, 5m, 2h or 7d.");
  }
}

/** In bytes. */
export function byteSize(text: string): number {
  try {
    return parseByteSize(text);
  } catch (cause) {
    throw new InvalidArgumentError(`${messageOf(cause)}.`);
  }
}

/** The address of a server, without a slash at the end: `https://hooks.example.com`, or below a path of it. */
export function webAddress(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "" && url.hash === "")
    return url.href.replace(/\/$/, "");
  throw new InvalidArgumentError("It takes an address such as https://hooks.example.com.");
}

/** Origins as browsers write them, separated by commas: `https://app.example.com`. */
export function origins(text: string): string[] {
  return commaSeparated(text).map((each) => {
    const origin = URL.parse(each)?.origin;
    if (origin === each && /^https?:/.test(origin)) return origin;
    throw new InvalidArgumentError(
      "It takes origins such as https://app.example.com, without a path, separated by commas.",
    );
  });
}

export function commaSeparated(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

export function oneOf<const T extends string>(...choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    throw new InvalidArgumentError(`It takes one of: ${choices.join(", ")}.`);
  };
}

/** One or several, separated by commas. */
export function severalOf<const T extends string>(...choices: readonly T[]): (text: string) => readonly T[] {
  const one = oneOf(...choices);
  return (text) => text.split(",").map((each) => one(each.trim()));
}

/** Milliseconds since the epoch; a date alone is its midnight in UTC. */
export function momentGiven(text: string): number {
  const ms = parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (!Number.isNaN(ms)) return ms;
  throw new InvalidArgumentError(
    "It takes a date or an RFC 3339 time, such as 2026-01-31 or 2026-01-31T09:30:00Z.",
  );
}

export function sought(text: string): string {
  const { least, most } = SOUGHT_LENGTH;
  if (text.length >= least && text.length <= most) return text;
  throw new InvalidArgumentError(`It takes ${least} to ${most} characters.`);
}

export function webUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("It takes an http or https URL.");
}
