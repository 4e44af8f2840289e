import { createHash } from "node:crypto";
import type { EventContent } from "../../engine/task.ts";
import type { ReadAuth } from "../auth/auth-options.ts";
import { clientCertificate } from "../auth/client-certificate.ts";
import type { TokenOwner } from "../auth/endpoint-tokens.ts";
import type { KnownEndpoint } from "../registry/known-endpoint.ts";
import type { Access, OpenedEndpoint, TimedKey } from "../registry/opened-endpoint.ts";
import type { DeliverySecrets } from "../signing/delivery-secrets.ts";
import { signatureHeaders } from "../signing/sign.ts";
import { parseSigningKey, type SigningKey } from "../signing/signing-key.ts";
import type { EndpointSecrets } from "./endpoint-secrets.ts";

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

  constructor(sealed: EndpointSecrets, deliveries: Pick<DeliverySecrets, "eventHeadersOf">) {
    this.#sealed = sealed;
    this.#deliveries = deliveries;
  }

  /** @throws ConfigurationError when its secrets were sealed with another master key. */
  headersFor(endpoint: KnownEndpoint, event: EventContent, now: number): EndpointHeaders {
    endpoint.opened ??= this.#open(endpoint);
    const { keys, headers, access } = endpoint.opened;
    const { headerStyle, sendsEventType } = endpoint.row;
    const own =
      event.headers === null ? headers : overriding(this.#headersOf(event.id, event.headers), headers);
    const signature = signatureHeaders(keysAt(keys, now), event.id, now, event.payload);
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

  #open({ row }: KnownEndpoint): OpenedEndpoint {
    const { id, tenant, secrets, headers, auth, egress } = row;
    const credentials = auth === null ? undefined : this.#sealed.openAuth(id, auth);
    const own = headers === null ? NO_HEADERS : this.#sealed.openHeaders(id, headers);
    return {
      keys: this.#sealed.open(id, secrets).map(({ key, until }) => ({ key: parseSigningKey(key), until })),
      headers: credentials ? { ...own, ...credentials.secret.headers } : own,
      access:
        credentials &&
        accessOf(credentials, { endpoint: id, tenant, credentials: digestOf(auth ?? ""), egress }),
    };
  }
}

/** Those that sign then, the current one first. */
function keysAt(keys: readonly TimedKey[], now: number): readonly SigningKey[] {
  return keys.filter(({ until }) => until === null || until > now).map(({ key }) => key);
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
