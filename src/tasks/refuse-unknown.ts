import { InvalidInputError } from "../core/errors.ts";

/**
 * An option that is misspelt would do nothing, and nobody would notice.
 * @param path where the options stand, for the error.
 * @throws InvalidInputError naming the first that is not known.
 */
export function refuseUnknown(
  options: object | undefined,
  known: readonly string[],
  path: readonly string[] = [],
): void {
  const unknown = Object.keys(options ?? {}).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new InvalidInputError([
    { path: [...path, unknown], detail: `is not known here; there are ${known.join(", ")}` },
  ]);
}
