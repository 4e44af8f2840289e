import type { Abortable } from "../../core/abortable.ts";
import { messageOf } from "../../core/errors.ts";
import { LruCache } from "../../core/lru-cache.ts";
import type { Way } from "../destination.ts";
import type { TargetPolicy } from "../targets/target-policy.ts";
import { Exchange } from "./exchange.ts";
import { Origins } from "./origins.ts";
import type { SendResult } from "./result.ts";

/** Of at most 2 048 characters each, and mostly of a hundred: some megabytes. */
const REMEMBERED_TARGETS = 10_000;

/** Without the URL itself, which takes six times as much memory. */
interface Target {
  readonly origin: string;
  /** With the query. */
  readonly path: string;
}

export interface SenderOptions {
  /** Decides where connections may go. */
  readonly policy: Pick<TargetPolicy, "connector">;
  /** How many connections one origin (scheme, host and port) may have at once. */
  readonly connections: number;
}

export interface SendRequest {
  /** Default POST. */
  readonly method?: "OPTIONS";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as it is; text as UTF-8. */
  readonly body: string | Uint8Array;
  /**
   * Aborted, it ends the exchange wherever it stands; this is the only limit on its time. The message of the reason becomes
   * the error: abort with one made for people, such as `new Error("timed out after 15 s")`.
   */
  readonly attempt: Abortable;
  /** The route, if not the usual one; connections are only reused by requests with the same route. */
  readonly way?: Way | undefined;
}

/**
 * POSTs webhooks and returns the result of each. Follows no redirects, decodes no content encoding, reuses connections.
 *
 * @example
 * const sender = new Sender({ policy, connections: 64 });
 * const result = await sender.send({ url, headers, body, attempt: context });
 */
export class Sender {
  readonly #origins: Origins;
  /** By URL, because parsing one costs more than looking it up. */
  readonly #targets = new LruCache<string, Target>(REMEMBERED_TARGETS);

  constructor({ policy, connections }: SenderOptions) {
    this.#origins = new Origins(
      ({ certificate, egress }) => policy.connector(certificate, egress),
      connections,
    );
  }

  /** Never rejects: what goes wrong is a result too. */
  async send(request: SendRequest, isAgain = false): Promise<SendResult> {
    const { method, url, headers, body, attempt, way } = request;
    const startedAt = performance.now();
    const target = this.#targetOf(url);
    if (target === undefined) {
      return {
        kind: "broken",
        error: "the target is not an http or https URL",
        class: "error",
        durationMs: 0,
      };
    }
    const exchange = new Exchange(target.origin, startedAt, this.#origins.opening);
    const unlisten = attempt.onAbort((reason) => exchange.abort(messageOf(reason)));
    if (!exchange.isSettled)
      this.#origins
        .of(target.origin, way)
        .dispatch({ method: method ?? "POST", path: target.path, headers, body }, exchange);
    const result = await exchange.result;
    unlisten();
    // a receiver may close an idle connection just as it is used again, which says nothing about the request
    return exchange.wasLostInReuse && !isAgain ? this.send(request, true) : result;
  }

  /** Ends what still runs, as broken, and closes all connections. */
  close(): Promise<void> {
    return this.#origins.close();
  }

  #targetOf(text: string): Target | undefined {
    const known = this.#targets.get(text);
    if (known) return known;
    const url = URL.parse(text);
    if (url?.protocol !== "http:" && url?.protocol !== "https:") return undefined;
    // the root's dot, which the policy has looked past too
    if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
    const target = { origin: url.origin, path: url.pathname + url.search };
    this.#targets.set(text, target);
    return target;
  }
}
