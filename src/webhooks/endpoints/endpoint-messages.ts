import { createHash } from "node:crypto";
import type { EventContent } from "../../engine/task.ts";
import type { ReadAuth } from "../auth/auth-options.ts";
import { type ClientCertificate, clientCertificate } from "../auth/client-certificate.ts";
import type { TokenOwner } from "../auth/endpoint-tokens.ts";
import type { KnownEndpoint } from "../registry/known-endpoint.ts";
import type { DeliverySecrets } from "../signing/delivery-secrets.ts";
import { signatureHeaders } from "../signing/sign.ts";
import type { EndpointSecret, EndpointSecrets } from "./endpoint-secrets.ts";

/** What an endpoint keeps sealed, opened. */
interface Opened {
  readonly secrets: readonly EndpointSecret[];
  readonly headers: Readonly<Record<string, string>>;
  readonly access: Access | undefined;
}

/** What an endpoint asks of a sender that is not a header known beforehand. */
export type Access =
  | { readonly kind: "token"; readonly owner: TokenOwner }
  | { readonly kind: "certificate"; readonly certificate: ClientCertificate };

/** The headers of a message to an endpoint, and which of them are its own or the event's, to be kept out of what is recorded. */
export interface EndpointHeaders {
  readonly all: Readonly<Record<string, string>>;
  readonly own: Readonly<Record<string, string>>;
  readonly access: Access | undefined;
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
    const { secrets, headers, access } = this.#open(endpoint);
    const { headerStyle, sendsEventType } = endpoint.row;
    const own =
      event.headers === null ? headers : overriding(this.#headersOf(event.id, event.headers), headers);
    const keys = this.#sealed.keysOf(secrets, now);
    const signature = signatureHeaders(keys, event.id, now, event.payload);
    const all = {
      "content-type": event.contentType,
      ...own,
      ...(headerStyle === "svix" ? NO_HEADERS : signature),
      ...(headerStyle === "webhook" ? NO_HEADERS : asSvix(signature)),
      ...(sendsEventType && { "webhook-event-type": event.type }),
    };
    return { all, own, access };
  }

  #headersOf(event: string, headers: string): Readonly<Record<string, string>> {
    return this.#deliveries.eventHeadersOf(event, JSON.parse(headers) as string); // as `send` keeps them
  }

  #open(endpoint: KnownEndpoint): Opened {
    const known = this.#opened.get(endpoint);
    if (known) return known;
    const { id, tenant, secrets, headers, auth, egress } = endpoint.row;
    const credentials = auth === null ? undefined : this.#sealed.openAuth(id, auth);
    const opened = {
      secrets: this.#sealed.open(id, secrets),
      headers: {
        ...(headers === null ? NO_HEADERS : this.#sealed.openHeaders(id, headers)),
        ...credentials?.secret.headers,
      },
      access:
        credentials &&
        accessOf(credentials, { endpoint: id, tenant, credentials: digestOf(auth ?? ""), egress }),
    };
    this.#opened.set(endpoint, opened);
    return opened;
  }
}

function accessOf(auth: ReadAuth, owner: Omit<TokenOwner, "auth">): Access | undefined {
  const { certificate } = auth.secret;
  if (certificate) return { kind: "certificate", certificate: clientCertificate(certificate) };
  return auth.shown.kind === "oauth2" ? { kind: "token", owner: { ...owner, auth } } : undefined;
}

/** Different for each change, because encryption gives another result each time. */
function digestOf(kept: string): string {
  return createHash("sha256").update(kept).digest("base64url");
}

/** All of them, and of one name those that override. */
export function overriding(
  headers: Readonly<Record<string, string>>,
  by: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const names = new Set(Object.keys(by).map((name) => name.toLowerCase()));
  const others = Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(others), ...by };
}

/** Under the names that Svix's libraries look for first. */
function asSvix(headers: ReturnType<typeof signatureHeaders>): Readonly<Record<string, string>> {
  return {
    "svix-id": headers["webhook-id"],
    "svix-timestamp": headers["webhook-timestamp"],
    "svix-signature": headers["webhook-signature"],
  };
}
