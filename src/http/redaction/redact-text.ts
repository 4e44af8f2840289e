import { isSecretName, type RedactionPaths, standIn } from "./redaction-paths.ts";
import { rewriteJson } from "./rewrite-json.ts";

/** `name=value`, `"name": "value"`, `name: value`: the value in quotes, or up to where it ends by itself. */
const NAMED =
  /(\\?["']?)([A-Za-z][\w.-]{0,63})\1(\s*[:=]\s*)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\\".*?(?:\\"|$)|(?:(?:Bearer|Basic) +)?[^\s,;&"'{}[\]<>]+)/g;
/** What carries a secret by its form, whatever it is called. */
const BY_FORM = /\b(?:(?:Bearer|Basic) +[A-Za-z0-9+/=._~-]{8,}|(?:whsec|whsk|phk|phs)_[\w+/=-]{8,})/g;
/** What a JSON Web Token is part of: as much as can be without another character. */
const DOTTED = /[\w.-]+/g;
const BEGINS_TOKEN = /\beyJ[\w-]/;
/** A URL, the user in it, and what follows its question mark. */
const URL_PARTS = /\b(https?:\/\/)(?:[^\s/?#@"'<>]+@)?([^\s?#"'<>\\]*)(?:\?([^\s#"'<>\\]*))?/g;

/**
 * Replaces secrets in text by their length: in JSON by the names of members; in other text whatever follows a secret name, anything that
 * looks like a token, and the queries of URLs.
 */
export function redactText(text: string, paths: RedactionPaths): string {
  if (isJson(text)) return redactJson(text, paths);
  const named = withoutNamed(text).replace(BY_FORM, (secret) => standIn(secret.length));
  return withoutQueries(named.replace(DOTTED, withoutToken));
}

/** Looks at each part once: one expression would try each place where a token may begin, and read to the end of the text each time. */
function withoutToken(dotted: string): string {
  const parts = dotted.split(".");
  const isToken = (part: string, at: number) =>
    at + 2 < parts.length && parts[at + 1] !== "" && BEGINS_TOKEN.test(part);
  const at = parts.findIndex(isToken);
  if (at === -1) return dotted;
  const before = parts.slice(0, at).reduce((length, part) => length + part.length + 1, 0);
  const from = before + (parts[at]?.search(BEGINS_TOKEN) ?? 0);
  return dotted.slice(0, from) + standIn(dotted.length - from);
}

function withoutNamed(text: string): string {
  return text.replace(NAMED, (_, quote: string, name: string, between: string, value: string) => {
    const shown = isSecretName(name) ? inQuotes(value) : /^\\?["']/.test(value) ? inner(value) : value;
    return `${quote}${name}${quote}${between}${shown}`;
  });
}

/** A value in quotes may hold others. */
function inner(value: string): string {
  return value[0] + withoutNamed(value.slice(1));
}

/** @param text JSON that `JSON.parse` has accepted. */
export function redactJson(text: string, paths: RedactionPaths): string {
  try {
    return rewriteJson(text, (path, kind) => {
      if (paths.covers(path)) return masked;
      return kind === "string" ? (written) => within(written, paths) : undefined;
    });
  } catch (error) {
    if (error instanceof RangeError) return JSON.stringify(standIn(text.length));
    throw error;
  }
}

/** URLs say where they lead to, but not with which query or as whom. */
export function withoutQueries(text: string): string {
  return text.replace(URL_PARTS, (_, scheme: string, rest: string, query: string | undefined) =>
    query ? `${scheme}${rest}?••••` : scheme + rest,
  );
}

/** Its shape stays, and how long each value is. */
function masked(written: string): string {
  return rewriteJson(written, (_, kind) => {
    if (kind === "object" || kind === "list") return undefined;
    return (each) => (each === "null" ? each : JSON.stringify(standIn(lengthOf(each, kind === "string"))));
  });
}

/** A string may itself be the text of something with secrets in it. */
function within(written: string, paths: RedactionPaths): string {
  const text = JSON.parse(written) as string; // what begins with a quote is a string
  const redacted = redactText(text, paths);
  return redacted === text ? written : JSON.stringify(redacted);
}

function lengthOf(written: string, isString: boolean): number {
  return isString ? (JSON.parse(written) as string).length : written.length; // as above
}

function inQuotes(value: string): string {
  const quote = /^\\?["']/.exec(value)?.[0] ?? "";
  const isClosed = quote !== "" && value.length > quote.length && value.endsWith(quote);
  const inside = value.slice(quote.length, isClosed ? -quote.length : undefined);
  return `${quote}${standIn(inside.length)}${quote}`;
}

/** Whether it is an object or a list. Whatever else is JSON holds no names. */
function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // an answer's excerpt may have been cut off
  }
}
