import { base, session } from "../live/server.ts";
import { inLines } from "../rules/request-code.ts";

/** A request to this server, for a shell, with a key where it takes one. @param body JSON, of a POST; it may hold no single quote. */
export function curlTo(path: string, body?: string): string {
  return inLines([
    `curl ${location.origin}${base}${path}`,
    ...(session.value?.dev ? [] : ["-H 'authorization: Bearer phk_…'"]),
    ...(body === undefined ? [] : ["-H 'content-type: application/json'", `-d '${body}'`]),
  ]);
}
