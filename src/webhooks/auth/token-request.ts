import type { AttemptClass } from "../../core/outcome.ts";
import type { Asked } from "../destination.ts";
import type { ReadAuth } from "./auth-options.ts";

/** Where a token is asked for, and how: of an endpoint whose `auth` is `oauth2`. */
export interface TokenRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A token from an authorization server. */
export interface Granted {
  readonly token: string;
  /** For how long it is good. */
  readonly lifetimeMs: number;
}

/** Why there is no token. */
export interface NoToken {
  /** For people, free of secrets. */
  readonly error: string;
  readonly class: AttemptClass;
}

/** How long a token is assumed to be valid if the answer does not say, although RFC 6749 §5.1 recommends that it does. */
const DEFAULT_LIFETIME_MS = 300_000;
const LONGEST_TOKEN = 8_192;
/** RFC 6750 §2.1: what may stand after `Bearer`. */
const TOKEN = /^[\w\-.~+/]+=*$/;
/** RFC 6749 §5.2: `invalid_client` and the like. What else an answer says may repeat what it was sent. */
const ERROR_CODE = /^[a-z_]{1,40}$/;

/** The client credentials grant (RFC 6749 §4.4.2). */
export function tokenRequest({ shown, secret }: ReadAuth): TokenRequest {
  if (shown.kind !== "oauth2") throw new TypeError(`there is no access token for ${shown.kind}`);
  const { tokenUrl: url, clientId, clientAuth, scope, audience } = shown;
  const { clientSecret = "", parameters = {} } = secret;
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (scope !== null) form.set("scope", scope);
  if (audience !== null) form.set("audience", audience);
  for (const [name, value] of Object.entries(parameters)) form.set(name, value);
  const headers: Record<string, string> = {
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
  };
  if (clientAuth === "post") {
    form.set("client_id", clientId);
    form.set("client_secret", clientSecret);
  } else {
    const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  return { url, headers, body: form.toString() };
}

/** RFC 6749 §2.3.1: id and secret are encoded as in a form before they are joined. */
function formEncoded(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}

/** @param host of the authorization server, for errors. */
export function granted(answer: Asked, host: string): Granted | NoToken {
  if (answer.kind === "broken") {
    const { error, class: failed } = answer;
    // what is refused or fails on this side is not the receiver's fault
    return {
      error: `no access token: ${error}`,
      class: failed === "blocked" || failed === "error" ? failed : "auth",
    };
  }
  const { status, excerpt } = answer;
  const body = objectOf(excerpt);
  const refused = (why: string): NoToken => ({
    error: `no access token from ${host}: ${why}`,
    class: "auth",
  });
  if (status < 200 || status > 299) {
    const code = typeof body?.error === "string" && ERROR_CODE.test(body.error) ? ` (${body.error})` : "";
    return refused(`it answered HTTP ${status}${code}`);
  }
  const token = body?.access_token;
  if (typeof token !== "string") return refused("its answer has no access_token");
  if (!TOKEN.test(token) || token.length > LONGEST_TOKEN)
    return refused("its access_token cannot be sent in a header");
  const type = body?.token_type;
  if (typeof type === "string" && type.toLowerCase() !== "bearer")
    return refused("its token_type is not Bearer");
  const seconds = Number(body?.expires_in ?? Number.NaN);
  return {
    token,
    lifetimeMs: seconds > 0 && Number.isFinite(seconds) ? seconds * 1_000 : DEFAULT_LIFETIME_MS,
  };
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined; // not null
  } catch {
    return undefined;
  }
}
