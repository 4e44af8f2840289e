import { createHash } from "node:crypto";
import type { Job } from "./job.ts";
import type { AttemptEvidence } from "./outcome.ts";

const LENGTH = 16;
/** In characters: what comes later no longer tells errors apart. */
const MOST_READ = 500;
/** What is quoted: a name, a value, an address. An apostrophe within a word quotes nothing. */
const QUOTED = /"[^"\n]*"|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)/g;
/** Words with a digit in them: numbers, ids, times, addresses. */
const VARYING = /[\w-]*\d[\w-]*/g;

/** Whose failure it is: groups are of one task, and of one lane, which for an endpoint's deliveries is the endpoint's. */
export type FailedPlace = Pick<Job, "task" | "lane">;

/**
 * The same for failures of a task in a lane that differ only in numbers, ids, times and what is quoted, and most likely another one for
 * any other failure: what they are grouped by when many are counted.
 */
export function fingerprintOf(
  { task, lane }: FailedPlace,
  error: string,
  { code, class: kind }: Partial<Pick<AttemptEvidence, "code" | "class">> = {},
): string {
  const shape = error.slice(0, MOST_READ).replace(QUOTED, "#").replace(VARYING, "#");
  return hashed(task, lane, kind ?? "", code ?? "", shape);
}

/** Of what is counted together because there is too much that differs: no attempt has it. */
export function restFingerprint({ task, lane }: FailedPlace, kind: string | null): string {
  return hashed(task, lane, kind ?? "", "the rest");
}

function hashed(...parts: readonly (string | number)[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, LENGTH);
}
