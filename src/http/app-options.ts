import type { Keys } from "../access/keys.ts";
import type { Clock } from "../core/clock.ts";
import type { EventRateOptions } from "./access/event-rates.ts";
import type { Authorize } from "./console/visitors.ts";
import type { Logo } from "./pages/logo.ts";
import type { SvixTokenOptions } from "./svix/caller.ts";

export interface AppOptions {
  /**
   * `dev`: no key, but only loopback's Host and Origin. `keys`: an API key on every route except the health checks
   * and /docs. `cli`: nothing, for requests that a command makes within its own process.
   */
  readonly access:
    | { readonly mode: "dev" }
    | { readonly mode: "cli" }
    | { readonly mode: "keys"; readonly keys: Pick<Keys, "look" | "find"> };
  readonly clock: Clock;
  /** Longest request body, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Requests handled at one time; more are answered 503. Default 10 000. */
  readonly maxRequests?: number;
  /** Event streams open at one time; more are answered 503. Default 1 000. */
  readonly maxStreams?: number;
  /**
   * The bytes of large answers (of more than 256 KiB) that wait to be read at one time; past that, the one that was read from least
   * recently is broken off, as is one that nobody reads for 30 s. Default 128 MiB.
   */
  readonly maxAnswerBytes?: number;
  /** Which tokens of Svix's servers the API at /api/v1 takes, besides API keys. Default: none. */
  readonly svix?: SvixTokenOptions;
  /** What is secret in payloads, besides what has a secret's name: `$.customer.email`, `**.street`. Default: nothing. */
  readonly redact?: readonly string[];
  /** How many events are taken of a tenant, and with a key. Default: not limited. */
  readonly eventRates?: EventRateOptions;
  /** The console at /console: false leaves it out, `authorize` says who may see it. Default: people sign in with a key. */
  readonly console?: false | { readonly authorize?: Authorize };
  /** Keeps what is delivered to /dev/inbox, and checks it with this secret: dev mode only. Default: there is no inbox. */
  readonly inboxSecret?: string;
  /** Shown in /openapi.json. */
  readonly version?: string;
  /** The address that browsers reach it at, without a slash at the end, for links: `https://hooks.example.com`. Default: the request's. */
  readonly publicUrl?: string;
  /** Where traces are looked up, with `{trace_id}` in it: the console links jobs to theirs. Default: it shows their ids only. */
  readonly traceUrl?: string;
  /** Which pages may show the portal in a frame: `https://app.example.com`. Default: none. */
  readonly portalOrigins?: readonly string[];
  /** A picture that the portal shows above its pages. Default: none. */
  readonly portalLogo?: Logo;
  /** The prefix of every request's path, if the API is part of a larger server: `/background`. Default: none. */
  readonly basePath?: string;
}
