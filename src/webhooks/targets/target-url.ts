import { InvalidInputError } from "../../core/errors.ts";

/** In characters; common receivers and proxies accept not much more. */
export const LONGEST_URL = 2048;
/** RFC 1035 §2.3.4, without the octets that count lengths: no longer name can be looked up. */
const LONGEST_HOST = 253;
const LONGEST_LABEL = 63;

/**
 * The URL of a target, normalised by the WHATWG URL standard: `http://0x7f.1` becomes `http://127.0.0.1/`. The host's
 * trailing dot is removed, and so is a fragment, which is never sent (RFC 9110 §4.2.5).
 * This checks only its form, not where it leads.
 *
 * @throws InvalidInputError with the path `["targetUrl"]`.
 */
export function parseTargetUrl(text: string): URL {
  if (text.length > LONGEST_URL) throw tooLong(text.length);
  // The URL standard repairs what is not quite a URL ("http:host", "\\", line breaks). A client that sends these has made a mistake.
  if (!/^https?:\/\/[^/?#]/i.test(text) || /[\s\\\p{Cc}]/u.test(text)) throw invalidTarget(NOT_ABSOLUTE);
  const url = URL.parse(text);
  if (!url) throw invalidTarget(NOT_ABSOLUTE);
  if (url.username || url.password) {
    throw invalidTarget("must not contain credentials; send them as a header instead");
  }
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
  const labels = url.hostname.split(".");
  if (labels.includes("")) throw invalidTarget("its host name has an empty label");
  const long = labels.find(({ length }) => length > LONGEST_LABEL);
  if (long)
    throw invalidTarget(
      `has a host name with a label of ${long.length} characters; at most ${LONGEST_LABEL} are allowed`,
    );
  if (url.hostname.length > LONGEST_HOST) {
    throw invalidTarget(
      `has a host name of ${url.hostname.length} characters; at most ${LONGEST_HOST} are allowed`,
    );
  }
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
