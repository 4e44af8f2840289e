import type { Context } from "hono";
import { HOUR_MS } from "../../core/duration.ts";
import type { SecretBox } from "../../secrets/secret-box.ts";
import { headerOf } from "../request/incoming.ts";

const NAME = "posthorn-console";
const CONTEXT = "console session";
const LASTS_MS = 12 * HOUR_MS;
/** A key's id, and when the session ends. */
const PLAIN = /^(key_[0-9a-z]{26}) (\d{13,16})$/;

/**
 * A console session, kept by the browser: a key's id and an end time, encrypted with the master key. Every process of a fleet can read it,
 * and because the key is looked up each time, revoking it ends the session at once.
 */
export class SessionCookie {
  readonly #box: () => SecretBox;
  readonly #path: string;

  /** @param basePath of the API, below which the cookie is sent. */
  constructor(box: () => SecretBox, basePath: string) {
    this.#box = box;
    this.#path = basePath || "/";
  }

  /** The id of the key that the request's session was begun with. */
  keyOf(c: Context, now: number): string | undefined {
    const sealed = cookieNamed(headerOf(c, "cookie"), this.#name(c));
    if (sealed === undefined) return undefined;
    const [, key, end] = PLAIN.exec(this.#unsealed(sealed)) ?? [];
    return Number(end) > now ? key : undefined;
  }

  /** What begins a session. */
  begun(c: Context, key: string, now: number): string {
    return this.#with(c, this.#box().seal(`${key} ${now + LASTS_MS}`, CONTEXT), LASTS_MS / 1_000);
  }

  /** What ends it. */
  ended(c: Context): string {
    return this.#with(c, "", 0);
  }

  #with(c: Context, value: string, seconds: number): string {
    const secure = isSecure(c);
    // a cookie of this prefix can be set by no other host, and by no plain HTTP; it has to be for the whole host
    const where = secure ? "Path=/; Secure" : `Path=${this.#path}`;
    return `${this.#name(c)}=${value}; ${where}; HttpOnly; SameSite=Strict; Max-Age=${seconds}`;
  }

  #name(c: Context): string {
    return isSecure(c) ? `__Host-${NAME}` : NAME;
  }

  /** Empty for what was sealed elsewhere, or was damaged. */
  #unsealed(sealed: string): string {
    try {
      return this.#box().unseal(sealed, CONTEXT);
    } catch {
      return "";
    }
  }
}

/** Whether the browser speaks HTTPS, to this server or to the proxy before it. Lying about it only costs one's own session. */
function isSecure(c: Context): boolean {
  return (
    c.req.raw.url.startsWith("https:") ||
    /^https\b/i.test(headerOf(c, "x-forwarded-proto") ?? "") ||
    /\bproto="?https\b/i.test(headerOf(c, "forwarded") ?? "")
  );
}

function cookieNamed(header: string | null, name: string): string | undefined {
  for (const pair of header?.split(";") ?? []) {
    const at = pair.indexOf("=");
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
