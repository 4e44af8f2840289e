import type { IncomingMessage } from "node:http";
import { Keys } from "../access/keys.ts";
import { ConfigurationError } from "../core/errors.ts";
import { createApp } from "../http/app.ts";
import type { Authorize } from "../http/console/visitors.ts";
import type { SentBy } from "../http/request/incoming.ts";
import { SHORTEST_JWT_SECRET } from "../http/svix/organization.ts";
import type { Posthorn } from "../posthorn.ts";
import { storeOf } from "../store/store-of.ts";
import { VERSION } from "../version.ts";

export interface MountOptions {
  /** The prefix of the API's paths, as clients see them: `/background`. Default: none, at the root. */
  readonly basePath?: string;
  /**
   * `keys`: every request needs an API key (`posthorn keys create`), except for the health checks and /docs. `dev`: no key, but only over a
   * connection from this machine, by a loopback name, and through no proxy. Where there is no connection to look at (`fetch` under another
   * runtime than Node), the caller has to let in this machine alone. Default `keys`.
   */
  readonly access?: "keys" | "dev";
  /** Longest request body, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Where browsers reach the API, `basePath` included, for links into the portal: `https://example.com/background`. Default: as it was asked. */
  readonly publicUrl?: string;
  /**
   * Svix's API at `/api/v1` below the API takes API keys, and with this the tokens that are signed with it (HS256, HS384, HS512), as a
   * self-hosted Svix server takes them (docs/coming-from-svix.md). Default: it takes no such tokens.
   */
  readonly svixJwtSecret?: string;
  /** The organization whose tokens those are, or `any`. Default: that of self-hosted Svix servers. */
  readonly svixOrganization?: string;
  /** Which pages may show the portal in a frame, by their origins: `https://app.example.com`. Default: none. */
  readonly portalOrigins?: readonly string[];
  /**
   * What is secret in payloads, results and answers besides what has a secret's name, for keys that see them redacted: `$.customer.email`
   * from the root, `**.street` wherever it is.
   */
  readonly redact?: readonly string[];
  /**
   * The console at `/console` below the API. `false` leaves it out. `authorize` says who may see it, by the request, and with which role:
   * your own application's session decides. Default: people sign in by pasting an API key.
   * @example
   * console: {
   *   authorize: async (request) => {
   *     const user = await userOf(request);
   *     return user?.isOperator ? { name: user.email, role: "admin" } : undefined;
   *   },
   * }
   */
  readonly console?: false | { readonly authorize?: Authorize };
}

export type { Authorize, ConsoleUser } from "../http/console/visitors.ts";

/** The REST API as part of another server. */
export interface MountedApi {
  /**
   * Answers a request, in the types of the Fetch standard. It shows nothing of who sent the request: with `access: "dev"`, pass on only what
   * comes from this machine.
   */
  fetch(request: Request): Promise<Response>;
  /** Answers all requests that wait for a job's end (`Prefer: wait`) now, and ends the event streams: call it before the server closes. */
  stopWaiting(): void;
}

/** What only the adapters use of it. */
export interface Api extends MountedApi {
  readonly basePath: string;
  /** @param from Node's message that the request was made from: itself if nothing else reads it. */
  fetch(request: Request, from?: IncomingMessage | SentBy): Promise<Response>;
}

/** @throws ConfigurationError when `basePath` does not look like `/background`, or `svixJwtSecret` is too short. */
export function openApi(posthorn: Posthorn, options: MountOptions = {}): Api {
  const { basePath = "", access = "keys", maxBodyBytes, publicUrl, portalOrigins, redact, console } = options;
  const { svixJwtSecret: jwtSecret, svixOrganization: organization } = options;
  if (jwtSecret !== undefined && jwtSecret.length < SHORTEST_JWT_SECRET)
    throw new ConfigurationError(
      `svixJwtSecret must have at least ${SHORTEST_JWT_SECRET} characters, or tokens could be forged`,
    );
  const app = createApp(posthorn, {
    access:
      access === "dev"
        ? { mode: "dev" }
        : { mode: "keys", keys: new Keys(storeOf(posthorn).keys, posthorn.clock) },
    clock: posthorn.clock,
    version: VERSION,
    basePath,
    ...(maxBodyBytes !== undefined && { maxBodyBytes }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(jwtSecret !== undefined && { svix: { jwtSecret, organization } }),
    ...(portalOrigins && { portalOrigins }),
    ...(redact && { redact }),
    ...(console !== undefined && { console }),
  });
  return {
    basePath,
    fetch: async (request, from) => app.fetch(request, from),
    stopWaiting: () => app.stopWaiting(),
  };
}
