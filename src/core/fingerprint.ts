import { createHash } from "node:crypto";
import type { AttemptEvidence } from "./outcome.ts";

const LENGTH = 16;
/** In characters: what comes later no longer tells errors apart. */
const MOST_READ = 500;
/** Words with a digit in them: numbers, ids, times, addresses. */
const VARYING = /[\w-]*\d[\w-]*/g;

/**
 * The same for failures that differ only in numbers, ids and times, and most likely another one for any other failure: what they
 * are grouped by when many are counted.
 */
export function fingerprintOf(
  error: string,
  { code, class: kind }: Partial<Pick<AttemptEvidence, "code" | "class">> = {},
): string {
  const shape = error.slice(0, MOST_READ).replace(VARYING, "#");
  return createHash("sha256")
    .update(`${kind ?? ""}\n${code ?? ""}\n${shape}`)
    .digest("hex")
    .slice(0, LENGTH);
}
