import type { IncomingMessage } from "node:http";
import { Keys } from "../http/access/keys.ts";
import { createApp } from "../http/app.ts";
import type { Posthorn } from "../posthorn.ts";
import { storeOf } from "../store/store-of.ts";
import { VERSION } from "../version.ts";

export interface MountOptions {
  /** The prefix of the API's paths, as clients see them: `/background`. Default: none, at the root. */
  readonly basePath?: string;
  /**
   * `keys`: every request needs an API key (`posthorn keys create`), except for the health checks and /docs. `dev`: no key, but only from
   * this machine, by a loopback name. Default `keys`.
   */
  readonly access?: "keys" | "dev";
  /** Longest request body, in bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
}

/** The REST API as part of another server. */
export interface MountedApi {
  /** Answers a request, in the types of the Fetch standard. */
  fetch(request: Request): Promise<Response>;
  /** Answers all requests that wait for a job's end (`Prefer: wait`) now, and ends the event streams: call it before the server closes. */
  stopWaiting(): void;
}

/** What only the adapters use of it. */
export interface Api extends MountedApi {
  readonly basePath: string;
  /** @param message Node's message that the request was made from, if nothing else reads it. */
  fetch(request: Request, message?: IncomingMessage): Promise<Response>;
}

/** @throws ConfigurationError when `basePath` does not look like `/background`. */
export function openApi(posthorn: Posthorn, options: MountOptions = {}): Api {
  const { basePath = "", access = "keys", maxBodyBytes } = options;
  const app = createApp(posthorn, {
    access:
      access === "dev"
        ? { mode: "dev" }
        : { mode: "keys", keys: new Keys(storeOf(posthorn).keys, posthorn.clock) },
    clock: posthorn.clock,
    version: VERSION,
    basePath,
    ...(maxBodyBytes !== undefined && { maxBodyBytes }),
  });
  return {
    basePath,
    fetch: async (request, message) => app.fetch(request, message),
    stopWaiting: () => app.stopWaiting(),
  };
}
