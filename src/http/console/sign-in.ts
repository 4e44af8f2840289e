import type { Context } from "hono";
import { type Keys, type Payloads, payloadsOf } from "../../access/keys.ts";
import type { Clock } from "../../core/clock.ts";
import type { ApiKey } from "../../store/shelves/api-keys.ts";
import { json } from "../answer/answer.ts";
import { rfc3339 } from "../answer/rfc3339.ts";
import { RequestError } from "../request/request-error.ts";
import type { SessionCookie } from "./session-cookie.ts";
import { refuseForeign, type Visitors } from "./visitors.ts";

/** What the console's pages know about this server and the person who is signed in. */
export interface ConsoleSession {
  readonly signed_in: boolean;
  readonly dev: boolean;
  /** Whether people sign in with a key; otherwise the server around this one knows them. */
  readonly by_key: boolean;
  readonly name: string | null;
  readonly role: ApiKey["role"] | null;
  readonly tenant: string | null;
  readonly mode: ApiKey["mode"];
  /** How much of payloads they may see, where they say why. */
  readonly payloads: Payloads | null;
  readonly version: string;
  /** Of the process that answered: for `kill -9`, in dev mode only. */
  readonly pid: number | null;
  /** The server's time, by which the pages count. */
  readonly now: string;
  /** Whether the dev server's own inbox is there. */
  readonly inbox: boolean;
  /** Where traces are looked up, with `{trace_id}` in it. */
  readonly trace_url: string | null;
  /** What this server answers them, as `GET /jobs`, if their role allows it. */
  readonly operations: readonly string[];
}

export interface SignInParts {
  readonly clock: Clock;
  readonly version: string;
  readonly inbox: boolean;
  readonly traceUrl: string | null;
  operations(isBound: boolean): readonly string[];
  /** Undefined in dev mode, where everybody who gets this far is the developer. */
  readonly people:
    | {
        readonly keys: Pick<Keys, "look">;
        readonly cookie: SessionCookie;
        readonly visitors: Visitors;
      }
    | undefined;
}

type Who = Pick<ApiKey, "name" | "role" | "tenant" | "mode" | "payloads">;

const DEVELOPER: Who = { name: "developer", role: "admin", tenant: null, mode: null, payloads: "full" };

/** Pasting a key once, for a session in a cookie. */
export class SignIn {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** 200 even if nobody is signed in: that is not an error, and the browser would show it as one. */
  async session(c: Context): Promise<Response> {
    const { people } = this.#parts;
    return this.#answer(people ? (await people.visitors.visitorOf(c))?.key : DEVELOPER);
  }

  /** @throws RequestError 401 when the key is unknown or was revoked, 403 for another site's page. */
  async begin(c: Context, token: string): Promise<Response> {
    const { people, clock } = this.#parts;
    refuseForeign(c);
    if (!people) return this.#answer(DEVELOPER);
    const key = people.visitors.areAuthorized ? undefined : (await people.keys.look(token.trim())).key;
    if (!key)
      throw new RequestError("the API key is unknown, or was revoked", {
        status: 401,
        code: "unauthorized",
        headers: { "www-authenticate": 'Bearer realm="posthorn"' },
      });
    return this.#answer(key, { "set-cookie": people.cookie.begun(c, key.id, clock.now()) });
  }

  end(c: Context): Response {
    const { people } = this.#parts;
    refuseForeign(c);
    return this.#answer(undefined, people && { "set-cookie": people.cookie.ended(c) });
  }

  #answer(who: Who | undefined, headers?: Readonly<Record<string, string>>): Response {
    const { clock, version, inbox, traceUrl, operations, people } = this.#parts;
    const session: ConsoleSession = {
      signed_in: who !== undefined,
      dev: people === undefined,
      by_key: people !== undefined && !people.visitors.areAuthorized,
      name: who?.name ?? null,
      role: who?.role ?? null,
      tenant: who?.tenant ?? null,
      mode: who?.mode ?? null,
      payloads: who ? payloadsOf(who) : null,
      version,
      pid: people === undefined ? process.pid : null,
      now: rfc3339(clock.now()),
      inbox,
      trace_url: traceUrl,
      operations: who ? operations(who.tenant !== null || who.mode !== null) : [],
    };
    return json(200, session, headers);
  }
}
