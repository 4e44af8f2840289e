import { ConfigurationError } from "../core/errors.ts";
import type { SecretBox } from "./secret-box.ts";

/** Where a Posthorn keeps what it seals with. Registered, so that every copy of this package finds it. */
export const BOX = Symbol.for("posthorn.box");

/**
 * What a Posthorn seals its secrets with: for its own surfaces, not for programs.
 * @throws ConfigurationError for anything that neither `openPosthorn` nor `openTestPosthorn` made.
 */
export function boxOf(posthorn: object): SecretBox {
  const box: unknown = Reflect.get(posthorn, BOX);
  if (box) return box as SecretBox; // nothing else has this symbol
  throw new ConfigurationError("this is not a Posthorn; pass what openPosthorn returned");
}
