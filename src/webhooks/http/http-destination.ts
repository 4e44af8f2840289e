import type { Abortable } from "../../core/abortable.ts";
import type { Outcome } from "../../core/outcome.ts";
import { laneOfUrl } from "../accept/lane.ts";
import type { Destination, Message, Way } from "../destination.ts";
import type { TargetPolicy } from "../targets/target-policy.ts";
import { parseTargetUrl } from "../targets/target-url.ts";
import { judge } from "./judge.ts";
import type { SendResult } from "./result.ts";
import type { Sender } from "./sender.ts";

export interface HttpDestinationParts {
  /** Checks whether a target may be delivered to; throws InvalidInputError, path `["targetUrl"]`, if not. */
  readonly policy: Pick<TargetPolicy, "check">;
  readonly sender: Pick<Sender, "send" | "close">;
  /** Posthorn's, for the `user-agent`. */
  readonly version: string;
  /** Whether receivers get a delivery's place in its trace. Default: they do not. */
  readonly propagatesTrace?: boolean;
}

/** Webhooks according to Standard Webhooks 1.0: a POST with the payload as its body. */
export class HttpDestination implements Destination<Readonly<URL>, SendResult> {
  readonly kind = "http";
  readonly schemes = ["https:", "http:"];
  readonly headers: Readonly<Record<string, string>>;
  readonly #policy: HttpDestinationParts["policy"];
  readonly #sender: HttpDestinationParts["sender"];
  readonly #propagatesTrace: boolean;

  constructor({ policy, sender, version, propagatesTrace = false }: HttpDestinationParts) {
    this.headers = { "content-type": "application/json", "user-agent": `Posthorn/${version}` };
    this.#policy = policy;
    this.#sender = sender;
    this.#propagatesTrace = propagatesTrace;
  }

  read(targetUrl: string): Readonly<URL> {
    return parseTargetUrl(targetUrl);
  }

  admit(targetUrl: string): Readonly<URL> | Promise<Readonly<URL>> {
    return this.#policy.check(targetUrl);
  }

  lane(target: Readonly<URL>): string {
    return laneOfUrl(target);
  }

  send({ targetUrl: url, headers: own, payload: body, attempt, way }: Message): Promise<SendResult> {
    const span = attempt.span?.post(url);
    const trace = this.#propagatesTrace ? (span?.parent ?? attempt.trace) : undefined;
    const headers = trace ? { ...trace, ...own } : own;
    if (!span) return this.#sender.send({ url, headers, body, attempt, way });
    return span.of(() => this.#sender.send({ url, headers, body, attempt, way }));
  }

  ask({ headers, ...message }: Message): Promise<SendResult> {
    return this.send({ ...message, headers: { "user-agent": this.headers["user-agent"] ?? "", ...headers } });
  }

  /** CloudEvents' HTTP webhooks 1.0.1, §4: the receiver has to name the origin, or `*`; a 2xx alone allows nothing. */
  async handshake(url: string, origin: string, attempt: Abortable, way?: Way): Promise<string | undefined> {
    const headers = { "user-agent": this.headers["user-agent"] ?? "", "webhook-request-origin": origin };
    const result = await this.#sender.send({ method: "OPTIONS", url, headers, body: "", attempt, way });
    if (result.kind === "broken") return result.error;
    const allowed = [result.headers.allowedOrigin ?? []].flat().map((each) => each.trim().toLowerCase());
    return allowed.includes(origin.toLowerCase()) || allowed.includes("*")
      ? undefined
      : `it answered ${result.status} without allowing ${origin} (WebHook-Allowed-Origin)`;
  }

  judge(result: SendResult, targetUrl: string, now: number): Outcome {
    return judge(result, targetUrl, now);
  }

  close(): Promise<void> {
    return this.#sender.close();
  }
}
