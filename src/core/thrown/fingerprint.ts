import { createHash } from "node:crypto";
import type { Job } from "../job.ts";
import type { AttemptEvidence } from "../outcome.ts";

const LENGTH = 16;
/** In characters. What comes later is not needed to tell errors apart. */
const MOST_READ = 500;
/** Quoted text: a name, a value, an address. An apostrophe within a word is not a quotation mark. */
const QUOTED = /"[^"\n]*"|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)/g;
/** Words with a digit in them: numbers, ids, times, addresses. */
const VARYING = /[\w-]*\d[\w-]*/g;

/** Where a failure belongs: a group has one task and one lane (an endpoint's deliveries share one). */
export type FailedPlace = Pick<Job, "task" | "lane">;

/**
 * Identifies a group of similar failures: the same for failures of one task and lane that differ only in numbers, ids, times and quoted
 * text, and almost certainly different for any other.
 */
export function fingerprintOf(
  { task, lane }: FailedPlace,
  error: string,
  { code, class: kind }: Partial<Pick<AttemptEvidence, "code" | "class">> = {},
): string {
  const shape = error.slice(0, MOST_READ).replace(QUOTED, "#").replace(VARYING, "#");
  return hashed(task, lane, kind ?? "", code ?? "", shape);
}

/** Identifies the group that counts all further failures once there are too many groups. No attempt has this fingerprint. */
export function restFingerprint({ task, lane }: FailedPlace, kind: string | null): string {
  return hashed(task, lane, kind ?? "", "the rest");
}

function hashed(...parts: readonly (string | number)[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, LENGTH);
}
