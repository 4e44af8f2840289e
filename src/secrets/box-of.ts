import { innerPart } from "../core/inner-part.ts";
import type { SecretBox } from "./secret-box.ts";

/** Where a Posthorn keeps what it seals with. */
export const BOX = Symbol.for("posthorn.box");

/** What a Posthorn seals its secrets with: for its own surfaces, not for programs. */
export function boxOf(posthorn: object): SecretBox {
  return innerPart(posthorn, BOX);
}
