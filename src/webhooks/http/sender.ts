import { messageOf } from "../../core/errors.ts";
import type { TargetPolicy } from "../targets/target-policy.ts";
import { Exchange } from "./exchange.ts";
import { Origins } from "./origins.ts";
import type { SendResult } from "./result.ts";

export interface SenderOptions {
  /** Decides where connections may go. */
  readonly policy: Pick<TargetPolicy, "connector">;
  /** How many connections one origin (scheme, host and port) may have at once. */
  readonly connections: number;
}

export interface SendRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as it is; text as UTF-8. */
  readonly body: string | Uint8Array;
  /**
   * Ends the exchange wherever it stands, and is the only limit on its time. The message of its reason becomes
   * the error: abort with one made for people, such as `new Error("timed out after 15 s")`.
   */
  readonly signal: AbortSignal;
}

/**
 * POSTs webhooks and tells what came of each. Follows no redirects, decodes no content encoding, reuses connections.
 *
 * @example
 * const sender = new Sender({ policy, connections: 64 });
 * const result = await sender.send({ url, headers, body, signal: AbortSignal.timeout(15_000) });
 */
export class Sender {
  readonly #origins: Origins;

  constructor({ policy, connections }: SenderOptions) {
    this.#origins = new Origins(policy.connector(), connections);
  }

  /** Never rejects: what goes wrong is a result too. */
  async send({ url, headers, body, signal }: SendRequest): Promise<SendResult> {
    const startedAt = performance.now();
    const target = URL.parse(url);
    if (target?.protocol !== "http:" && target?.protocol !== "https:") {
      return {
        kind: "broken",
        error: "the target is not an http or https URL",
        class: "error",
        durationMs: 0,
      };
    }
    // the root's dot, which the policy has looked past too
    if (target.hostname.endsWith(".")) target.hostname = target.hostname.slice(0, -1);
    const exchange = new Exchange(target, startedAt);
    const onAbort = () => exchange.abort(messageOf(signal.reason));
    if (signal.aborted) onAbort();
    else {
      signal.addEventListener("abort", onAbort, { once: true });
      this.#origins
        .of(target.origin)
        .dispatch({ method: "POST", path: target.pathname + target.search, headers, body }, exchange);
    }
    const result = await exchange.result;
    signal.removeEventListener("abort", onAbort);
    return result;
  }

  /** Ends what still runs, as broken, and closes all connections. */
  close(): Promise<void> {
    return this.#origins.close();
  }
}
