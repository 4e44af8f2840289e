import { InvalidInputError } from "../core/errors.ts";

/**
 * An option that is misspelt would do nothing, and nobody would notice.
 * @param path where the options stand, for the error.
 * @throws InvalidInputError naming the first that is not known, or for options that are no object.
 */
export function refuseUnknown(
  options: object | undefined,
  known: readonly string[],
  path: readonly string[] = [],
): void {
  if (options === undefined) return;
  // `retry: 5` has no option that is not known, and would be passed over as well
  if (typeof options !== "object" || options === null)
    throw new InvalidInputError([
      { path: path.length > 0 ? path : ["options"], detail: `must be an object with ${known.join(", ")}` },
    ]);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new InvalidInputError([
    { path: [...path, unknown], detail: `is not known here; there are ${known.join(", ")}` },
  ]);
}
