import { createHash } from "node:crypto";

/** Lanes are in the key of the busiest index, so they have to be short. */
const LONGEST = 256;
const DIGEST_CHARACTERS = 64;

/**
 * The lane of deliveries to this URL: its origin and path. The query is left out, because one receiver behind several
 * queries shares one fate, and because it may hold a secret; so is the fragment, which is never sent.
 */
export function laneOfUrl(url: Readonly<URL>): string {
  const lane = url.origin + url.pathname;
  if (lane.length <= LONGEST) return lane;
  const digest = createHash("sha256").update(lane).digest("hex");
  return `${lane.slice(0, LONGEST - 1 - DIGEST_CHARACTERS)}~${digest}`;
}
