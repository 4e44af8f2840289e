import { wrong } from "../../core/options.ts";
import type { SecretBox } from "../../secrets/secret-box.ts";
import type { IdempotencyClaim } from "../../store/queue.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import type { ReadAuth } from "../auth/auth-options.ts";
import { headerOf, openAuth, sealAuth, shownAuth } from "../auth/kept-auth.ts";
import type { ReadEndpoint } from "./endpoint-options.ts";

/** The most secrets that sign at once; each adds a signature to every delivery. */
export const MOST_SECRETS = 10;

/** A secret of an endpoint. */
export interface EndpointSecret {
  /** `whsec_…` or `whsk_…`. */
  readonly key: string;
  /** When it was made or given, in milliseconds since the epoch. */
  readonly from: number;
  /** It signs until then; null for the current one. */
  readonly until: number | null;
  /** Of the request that made it, where that had an idempotency key. */
  readonly claim?: IdempotencyClaim;
}

/** The encrypted parts of an endpoint: its secrets, the values of its headers, and its credentials. */
export class EndpointSecrets {
  readonly #box: SecretBox;

  constructor(box: SecretBox) {
    this.#box = box;
  }

  /** @param secrets newest first. */
  seal(endpoint: string, secrets: readonly EndpointSecret[]): string {
    return this.#box.seal(JSON.stringify(secrets), secretsOfEndpointContext(endpoint));
  }

  /** Newest first. @throws ConfigurationError when they were sealed with another master key. */
  open(endpoint: string, sealed: string): readonly EndpointSecret[] {
    return JSON.parse(this.#box.unseal(sealed, secretsOfEndpointContext(endpoint))) as EndpointSecret[]; // only `seal` writes it
  }

  sealHeaders(endpoint: string, headers: Readonly<Record<string, string>>): string {
    return this.#box.seal(JSON.stringify(headers), headersOfEndpointContext(endpoint));
  }

  /** @throws ConfigurationError when they were sealed with another master key. */
  openHeaders(endpoint: string, sealed: string): Readonly<Record<string, string>> {
    return JSON.parse(this.#box.unseal(sealed, headersOfEndpointContext(endpoint))) as Record<string, string>; // likewise
  }

  /**
   * The row with the headers and the authentication that were read; of what was not given, with those that it has.
   * @throws InvalidInputError when both send the same header.
   */
  into(row: Endpoint, { headers, auth }: Pick<ReadEndpoint, "headers" | "auth">): Endpoint {
    const { id } = row;
    const sealed = {
      ...row,
      ...(headers !== undefined && { headers: headers && this.sealHeaders(id, headers) }),
      ...(auth !== undefined && { auth: auth && sealAuth(this.#box, id, auth) }),
    };
    const shown = shownAuth(sealed.auth);
    const name = shown ? headerOf(shown) : undefined;
    const own = sealed.headers === null || name === undefined ? {} : this.openHeaders(id, sealed.headers);
    if (Object.keys(own).some((each) => each.toLowerCase() === name))
      throw wrong(["auth"], `sends ${name}, which is among the headers too; leave out one of the two`);
    return sealed;
  }

  /** @throws ConfigurationError when it was sealed with another master key. */
  openAuth(endpoint: string, kept: string): ReadAuth {
    return openAuth(this.#box, endpoint, kept);
  }
}

/** The context of encryption: what is encrypted for one endpoint cannot be decrypted for another. */
export function secretsOfEndpointContext(endpoint: string): string {
  return `secrets of endpoint ${endpoint}`;
}

export function headersOfEndpointContext(endpoint: string): string {
  return `headers of endpoint ${endpoint}`;
}
