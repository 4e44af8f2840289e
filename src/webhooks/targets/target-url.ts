import { InvalidInputError } from "../../core/errors.ts";

/** In characters; what common receivers and proxies take at most is not much more. */
export const LONGEST_URL = 2048;

/**
 * The URL of a target, in the one spelling that the WHATWG URL standard gives it: `http://0x7f.1` becomes
 * `http://127.0.0.1/`. A trailing dot of the host goes, so does a fragment, which is never sent (RFC 9110 §4.2.5).
 * Only its form is judged here, not where it leads.
 *
 * @throws InvalidInputError with the path `["targetUrl"]`.
 */
export function parseTargetUrl(text: string): URL {
  if (text.length > LONGEST_URL) throw tooLong(text.length);
  // The URL standard repairs what is not quite a URL ("http:host", "\\", line breaks). A client that sends such has made a mistake.
  if (!/^https?:\/\/[^/?#]/i.test(text) || /[\s\\\p{Cc}]/u.test(text)) throw invalidTarget(NOT_ABSOLUTE);
  const url = URL.parse(text);
  if (!url) throw invalidTarget(NOT_ABSOLUTE);
  if (url.username || url.password) {
    throw invalidTarget("must not contain credentials; send them as a header instead");
  }
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
  if (url.hostname.split(".").includes("")) throw invalidTarget("its host name has an empty label");
  if (url.hash) url.hash = "";
  if (url.href.length > LONGEST_URL) throw tooLong(url.href.length);
  return url;
}

/** The host as a name or an address, without an IPv6 address's brackets. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}

export function invalidTarget(detail: string): InvalidInputError {
  return new InvalidInputError([{ path: ["targetUrl"], detail }]);
}

const NOT_ABSOLUTE = "must be an absolute http or https URL, such as https://example.com/hooks";

function tooLong(length: number): InvalidInputError {
  return invalidTarget(`is ${length} characters long; at most ${LONGEST_URL} are taken`);
}
