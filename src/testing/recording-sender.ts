import { messageOf } from "../core/errors.ts";
import type { SendResult } from "../webhooks/http/result.ts";
import type { Sender, SendRequest } from "../webhooks/http/sender.ts";

/** One attempt to deliver a webhook, as the receiver would have got it. */
export interface SentDelivery {
  readonly targetUrl: string;
  /** All headers, including the signature's. Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it would have been sent, byte for byte. */
  readonly body: string;
  /** The body, parsed as JSON; undefined if it is not JSON. */
  readonly payload: unknown;
}

/** What the simulated receiver answers: a status, or a status and more. */
export type DeliveryAnswer =
  | number
  | {
      readonly status: number;
      /** The `Retry-After` header: seconds, or an HTTP date. */
      readonly retryAfter?: string;
      readonly body?: string;
    };

/** Simulates receivers: answers each delivery. */
export type Receive = (delivery: SentDelivery) => DeliveryAnswer | Promise<DeliveryAnswer>;

/** Endpoints whose `auth` is `oauth2` get it from whomever they would ask. */
const ACCESS_TOKEN = "test-token";
const GRANT = "grant_type=client_credentials";

/** Keeps what would have been sent, and sends nothing. */
export class RecordingSender implements Pick<Sender, "send" | "close"> {
  readonly sent: SentDelivery[] = [];
  readonly #receive: Receive;

  constructor(receive: Receive = () => 200) {
    this.#receive = receive;
  }

  async send({ url, headers, body }: SendRequest): Promise<SendResult> {
    const text = typeof body === "string" ? body : Buffer.from(body).toString();
    if (text.startsWith(GRANT)) return granted();
    const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    const delivery: SentDelivery = {
      targetUrl: url,
      headers: Object.fromEntries(lowerCase),
      body: text,
      payload: jsonOf(text),
    };
    this.sent.push(delivery);
    try {
      const answered = await this.#receive(delivery);
      const answer = typeof answered === "number" ? { status: answered } : answered;
      const { status, retryAfter, body: excerpt = "" } = answer;
      return {
        kind: "answered",
        status,
        headers: retryAfter === undefined ? {} : { retryAfter },
        excerpt,
        durationMs: 0,
      };
    } catch (error) {
      return { kind: "broken", error: messageOf(error), class: "broken", durationMs: 0 };
    }
  }

  async close(): Promise<void> {}
}

/** An access token is asked for on the way to a receiver, and is no delivery. */
function granted(): SendResult {
  const excerpt = JSON.stringify({ access_token: ACCESS_TOKEN, token_type: "Bearer", expires_in: 3_600 });
  return { kind: "answered", status: 200, headers: {}, excerpt, durationMs: 0 };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
