import type { EventContent } from "../../engine/task.ts";
import type { KnownEndpoint } from "../registry/known-endpoint.ts";
import type { DeliverySecrets } from "../signing/delivery-secrets.ts";
import { signatureHeaders } from "../signing/sign.ts";
import type { EndpointSecret, EndpointSecrets } from "./endpoint-secrets.ts";

/** What an endpoint keeps sealed, opened. */
interface Opened {
  readonly secrets: readonly EndpointSecret[];
  readonly headers: Readonly<Record<string, string>>;
}

/** The headers of a message to an endpoint, and which of them are its own or the event's, to be kept out of what is recorded. */
export interface EndpointHeaders {
  readonly all: Readonly<Record<string, string>>;
  readonly own: Readonly<Record<string, string>>;
}

const NO_HEADERS: Readonly<Record<string, string>> = {};

/** Writes the headers of events on their way to endpoints. */
export class EndpointMessages {
  readonly #sealed: EndpointSecrets;
  readonly #deliveries: Pick<DeliverySecrets, "eventHeadersOf">;
  /** An endpoint that has changed is another object. */
  readonly #opened = new WeakMap<KnownEndpoint, Opened>();

  constructor(sealed: EndpointSecrets, deliveries: Pick<DeliverySecrets, "eventHeadersOf">) {
    this.#sealed = sealed;
    this.#deliveries = deliveries;
  }

  /** @throws ConfigurationError when its secrets were sealed with another master key. */
  headersFor(endpoint: KnownEndpoint, event: EventContent, now: number): EndpointHeaders {
    const { secrets, headers } = this.#open(endpoint);
    const { headerStyle, sendsEventType } = endpoint.row;
    const own = { ...this.#headersOf(event), ...headers };
    const keys = this.#sealed.keysOf(secrets, now);
    const signature = signatureHeaders(keys, event.id, now, event.payload);
    const all = {
      "content-type": event.contentType,
      ...own,
      ...(headerStyle === "svix" ? NO_HEADERS : signature),
      ...(headerStyle === "webhook" ? NO_HEADERS : asSvix(signature)),
      ...(sendsEventType && { "webhook-event-type": event.type }),
    };
    return { all, own };
  }

  #headersOf({ id, headers }: EventContent): Readonly<Record<string, string>> {
    return headers === null ? NO_HEADERS : this.#deliveries.eventHeadersOf(id, JSON.parse(headers) as string); // as `send` keeps them
  }

  #open(endpoint: KnownEndpoint): Opened {
    const known = this.#opened.get(endpoint);
    if (known) return known;
    const { id, secrets, headers } = endpoint.row;
    const opened = {
      secrets: this.#sealed.open(id, secrets),
      headers: headers === null ? NO_HEADERS : this.#sealed.openHeaders(id, headers),
    };
    this.#opened.set(endpoint, opened);
    return opened;
  }
}

/** Under the names that Svix's libraries look for first. */
function asSvix(headers: ReturnType<typeof signatureHeaders>): Readonly<Record<string, string>> {
  return {
    "svix-id": headers["webhook-id"],
    "svix-timestamp": headers["webhook-timestamp"],
    "svix-signature": headers["webhook-signature"],
  };
}
