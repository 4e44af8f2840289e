import { InvalidInputError } from "./errors.ts";
import { wrong } from "./options.ts";

/** Strings by name that callers attach to what they register, for their own use. */
export type Metadata = Readonly<Record<string, string>>;

/** As JSON. */
const MOST_BYTES = 4_096;
const PATH = ["metadata"];

/**
 * Strings by name, at most 4096 bytes as JSON.
 * @throws InvalidInputError naming every member that is not a string.
 */
export function metadataOf(value: unknown): Metadata {
  if (!isRecord(value)) throw wrong(PATH, "must be an object of strings by name");
  const entries = Object.entries(value);
  const problems = entries.flatMap(([name, text]) => {
    const detail = wrongText(name, text);
    return detail === undefined ? [] : [{ path: [...PATH, name], detail }];
  });
  if (problems.length > 0) throw new InvalidInputError(problems);
  const metadata = Object.fromEntries(entries) as Metadata; // wrongText has checked each
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  if (bytes > MOST_BYTES) throw wrong(PATH, `must be at most ${MOST_BYTES} bytes as JSON; it has ${bytes}`);
  return metadata;
}

/** A Map, a Date or Headers would look like an object without members. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]";
}

function wrongText(name: string, text: unknown): string | undefined {
  if (typeof text !== "string") return "must be a string";
  if (text.isWellFormed() && name.isWellFormed()) return undefined;
  return "contains half a surrogate pair, which UTF-8 cannot encode";
}
