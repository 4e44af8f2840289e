import type { Abortable } from "../../core/abortable.ts";
import type { Clock } from "../../core/clock.ts";
import type { AttemptDetail, Outcome } from "../../core/outcome.ts";
import type { EventContent } from "../../engine/task.ts";
import type { EndpointTokens } from "../auth/endpoint-tokens.ts";
import type { HeldToken } from "../auth/token-state.ts";
import type { Destination, Destinations, Message } from "../destination.ts";
import { withoutHeaderValues } from "../echoed-headers.ts";
import type { KnownEndpoint } from "../registry/known-endpoint.ts";
import type { Access } from "../registry/opened-endpoint.ts";
import { type EndpointHeaders, type EndpointMessages, overriding } from "./endpoint-messages.ts";

export interface EndpointExchangeParts {
  readonly destinations: Destinations;
  readonly messages: EndpointMessages;
  readonly tokens: Pick<EndpointTokens, "tokenFor" | "replacementFor">;
  readonly clock: Clock;
}

type Answer = Outcome & AttemptDetail;

const UNAUTHORIZED = 401;

/** Sends events to endpoints as each of them asks: signed, with its headers and its authentication, and judges what came back. */
export class EndpointExchange {
  readonly #parts: EndpointExchangeParts;

  constructor(parts: EndpointExchangeParts) {
    this.#parts = parts;
  }

  /** @throws ConfigurationError when what the endpoint keeps sealed was sealed with another master key. */
  async send(endpoint: KnownEndpoint, event: EventContent, attempt: Abortable): Promise<Answer> {
    const { destinations, messages, clock } = this.#parts;
    const { url, egress } = endpoint.row;
    const destination = destinations.ofUrl(url);
    const { all, own, access } = messages.headersFor(endpoint, event, clock.now());
    const headers = { ...destination.headers, ...all };
    const plain = { targetUrl: url, headers, payload: event.payload, attempt };
    const message = egress === null ? plain : { ...plain, way: { egress } };
    if (access) return this.#sendWith(access, destination, message, own);
    return judged(destination, message, own, await destination.send(message), clock.now());
  }

  async #sendWith(
    access: Access,
    destination: Destination,
    message: Message,
    own: EndpointHeaders["own"],
  ): Promise<Answer> {
    const { tokens, clock } = this.#parts;
    if (access.kind === "certificate") {
      const shown = { ...message, way: { ...message.way, certificate: access.certificate } };
      return judged(destination, shown, own, await destination.send(shown), clock.now());
    }
    const token = await tokens.tokenFor(access.owner, message.attempt);
    if ("error" in token) return { kind: "failed", retry: token.class !== "blocked", ...token };
    const outcome = await this.#sendWithToken(token, destination, message, own);
    if (outcome.code !== UNAUTHORIZED) return outcome;
    // the token may have been revoked, and a receiver that refused the request has not processed it
    const another = await tokens.replacementFor(access.owner, token, message.attempt);
    return another ? this.#sendWithToken(another, destination, message, own) : outcome;
  }

  async #sendWithToken(
    { token }: HeldToken,
    destination: Destination,
    message: Message,
    own: EndpointHeaders["own"],
  ): Promise<Answer> {
    const authorization = { authorization: `Bearer ${token}` };
    const allowed = { ...message, headers: overriding(message.headers, authorization) };
    const result = await destination.send(allowed);
    return judged(destination, allowed, { ...own, ...authorization }, result, this.#parts.clock.now());
  }
}

function judged(
  destination: Destination,
  { targetUrl }: Message,
  own: EndpointHeaders["own"],
  result: unknown,
  now: number,
): Answer {
  const outcome = destination.judge(result, targetUrl, now);
  return outcome.excerpt ? { ...outcome, excerpt: withoutHeaderValues(outcome.excerpt, own) } : outcome;
}
