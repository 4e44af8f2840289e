/** What stands for a secret. */
const REDACTED = "[redacted]";

// repetitions are bounded where they could be tried from every position of a long string, and no character of a quoted value can be read
// in two ways: a run of backslashes would be tried in all of them
/** Userinfo of any URL, a connection string's among them: as URLs have it, up to the last @ before a slash. */
const USERINFO = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#]{0,1000}@/gi;
const QUERY = /\b(https?:\/\/[^\s?#"'<>]{0,2000})\?[^\s"'<>]*/gi;
const CREDENTIALS = /\b(Bearer|Basic|Digest)\s+[\w.~+/=-]{8,}/gi;
/** `password=…`, `"apiKey": "…"`, `authorization: Bearer …`. */
const NAMED =
  /\b([\w-]{0,40}(?:password|passwd|secret|token|api[-_]?key|authorization|cookie|signature)["']?\s{0,9}[:=]\s{0,9})(?:(["'])(?:\\.|(?!\2)[^\\])*\2|(?!\[redacted\])(?:(?:Bearer|Basic|Digest)\s+)?[^\s"',;&)}\]]+)/gi;
/** Ours: of signatures, and of the API. */
const KEYS = /\b(whsec_|whsk_|phk_)[\w+/=-]+/g;

/**
 * A string as it may be kept and shown: URLs without userinfo and query, without credentials, and without what is marked as
 * a password, a token and the like.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(USERINFO, "$1")
    .replace(QUERY, `$1?${REDACTED}`)
    .replace(NAMED, `$1$2${REDACTED}$2`)
    .replace(CREDENTIALS, `$1 ${REDACTED}`)
    .replace(KEYS, `$1${REDACTED}`);
}
