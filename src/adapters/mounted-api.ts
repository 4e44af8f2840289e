import type { IncomingMessage } from "node:http";
import { Keys } from "../access/keys.ts";
import { ConfigurationError } from "../core/errors.ts";
import { refuseUnknownSettings } from "../core/options.ts";
import { withoutUndefined } from "../core/without-undefined.ts";
import { createApp } from "../http/app.ts";
import type { Authorize } from "../http/console/visitors.ts";
import { readLogo } from "../http/pages/logo.ts";
import type { SentBy } from "../http/request/incoming.ts";
import { SHORTEST_JWT_SECRET } from "../http/svix/organization.ts";
import type { Posthorn } from "../posthorn.ts";
import { storeOf } from "../store/store-of.ts";
import { VERSION } from "../version.ts";

export interface MountOptions {
  /** The prefix of the API's paths, as clients see them: `/background`. Default: none, at the root. */
  readonly basePath?: string;
  /**
   * `keys`: every request needs an API key (`posthorn keys create`), except for health checks and /docs. `dev`: no key is needed, but only
   * connections from this machine are served, under a loopback name and through no proxy. If there is no connection to check (`fetch` under
   * a runtime other than Node), you have to make sure of that yourself. Default `keys`.
   */
  readonly access?: "keys" | "dev";
  /** Longest request body, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * The URL at which browsers reach the API, including `basePath`, for links into the portal: `https://example.com/background`. Default:
   * the one that the request used.
   */
  readonly publicUrl?: string;
  /**
   * Svix's API, at `/api/v1` under the API, accepts API keys; with this secret it also accepts tokens signed with it (HS256, HS384, HS512),
   * as a self-hosted Svix server does (docs/coming-from-svix.md). Default: no such tokens.
   */
  readonly svixJwtSecret?: string;
  /** The organization that those tokens belong to, or `any`. Default: that of self-hosted Svix servers. */
  readonly svixOrganization?: string;
  /** The origins of pages that may show the portal in a frame: `https://app.example.com`. Default: none. */
  readonly portalOrigins?: readonly string[];
  /** The file of a picture that the portal shows above its pages: SVG, PNG, WebP or JPEG, at most 100 KiB. Default: none. */
  readonly portalLogo?: string;
  /**
   * What else is secret in payloads, results and answers, besides members with a secret's name, for keys that see them redacted:
   * `$.customer.email` from the root, `**.street` anywhere.
   */
  readonly redact?: readonly string[];
  /**
   * The console, at `/console` under the API. `false` leaves it out. `authorize` decides from the request who may see it and with which
   * role, by your own application's session. Default: people sign in by pasting an API key.
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

const MEMBERS = [
  ...(["basePath", "access", "maxBodyBytes", "publicUrl", "svixJwtSecret", "svixOrganization"] as const),
  ...(["portalOrigins", "portalLogo", "redact", "console"] as const),
] satisfies (keyof MountOptions)[];

/** The REST API, mounted in another server. */
export interface MountedApi {
  /**
   * Answers a request of the Fetch standard. Such a request does not show who sent it: with `access: "dev"`, only pass on requests from
   * this machine.
   */
  fetch(request: Request): Promise<Response>;
  /** Answers all requests that are waiting for a job to end (`Prefer: wait`), and ends event streams. Call it before closing the server. */
  stopWaiting(): void;
}

/** What only the adapters use of it. */
export interface Api extends MountedApi {
  readonly basePath: string;
  /** @param from Node's message that the request was made from: itself if nothing else reads it. */
  fetch(request: Request, from?: IncomingMessage | SentBy): Promise<Response>;
}

/** @throws ConfigurationError for an unknown option, a `basePath` that does not look like `/background`, or a `svixJwtSecret` that is too short. */
export function openApi(posthorn: Posthorn, options: MountOptions = {}): Api {
  refuseUnknownSettings("the mounted API", options, MEMBERS);
  const { basePath = "", access = "keys", maxBodyBytes, publicUrl, portalOrigins, redact, console } = options;
  const portalLogo = options.portalLogo === undefined ? undefined : readLogo(options.portalLogo);
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
    ...(jwtSecret !== undefined && { svix: { jwtSecret, organization } }),
    ...withoutUndefined({ maxBodyBytes, publicUrl, portalOrigins, portalLogo, redact, console }),
  });
  return {
    basePath,
    fetch: async (request, from) => app.fetch(request, from),
    stopWaiting: () => app.stopWaiting(),
  };
}
