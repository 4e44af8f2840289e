/** What the caller would like (RFC 7240); every preference may be ignored, and unknown ones are. */
export interface Preferences {
  /** Whole seconds to wait for the job's end, at most `LONGEST_WAIT_SECONDS`. */
  readonly waitSeconds: number;
  /** Answer without a body if one is not needed. */
  readonly minimal: boolean;
  /** Whether a usable `wait` was given, including 0. */
  readonly wait: boolean;
  readonly respondAsync: boolean;
}

/** Proxies and load balancers give up on an idle request at about this age. */
export const LONGEST_WAIT_SECONDS = 60;

export const NO_PREFERENCES: Preferences = {
  waitSeconds: 0,
  minimal: false,
  wait: false,
  respondAsync: false,
};

export function preferencesOf(header: string | null): Preferences {
  if (header === null) return NO_PREFERENCES;
  const given = new Map<string, string>();
  for (const preference of splitUnquoted(header, ",")) {
    const [nameAndValue = ""] = splitUnquoted(preference, ";"); // followed by parameters, which none of ours has
    const [name = "", value = ""] = splitUnquoted(nameAndValue, "=");
    const key = name.trim().toLowerCase();
    if (!given.has(key)) given.set(key, unquoted(value.trim())); // RFC 7240 §2: the first of a name counts
  }
  const wait = given.get("wait") ?? "";
  const waits = /^\d{1,9}$/.test(wait);
  return {
    waitSeconds: waits ? Math.min(Number(wait), LONGEST_WAIT_SECONDS) : 0,
    minimal: given.get("return") === "minimal",
    wait: waits,
    respondAsync: given.get("respond-async") === "",
  };
}

/** Splits at separators outside quoted strings (RFC 9110 §5.6.4), in one pass whatever the text. */
function splitUnquoted(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    else if (character === "\\" && quoted) at++;
    else if (character === separator && !quoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function unquoted(value: string): string {
  return /^"[^"\\]*"$/.test(value) ? value.slice(1, -1) : value;
}
