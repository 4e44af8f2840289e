import type { SecretBox } from "../../secrets/secret-box.ts";
import type { SigningKey } from "../signing/signing-key.ts";
import type { SigningKeyCache } from "../signing/signing-key-cache.ts";

/** A secret of an endpoint. */
export interface EndpointSecret {
  /** `whsec_…` or `whsk_…`. */
  readonly key: string;
  /** When it was made or given, in milliseconds since the epoch. */
  readonly from: number;
  /** It signs until then; null for the current one. */
  readonly until: number | null;
}

/** What of an endpoint is kept sealed: its secrets, and the values of its headers. */
export class EndpointSecrets {
  readonly #box: SecretBox;
  readonly #keys: SigningKeyCache;

  constructor(box: SecretBox, keys: SigningKeyCache) {
    this.#box = box;
    this.#keys = keys;
  }

  /** @param secrets newest first. */
  seal(endpoint: string, secrets: readonly EndpointSecret[]): string {
    return this.#box.seal(JSON.stringify(secrets), contextOf(endpoint));
  }

  /** Newest first. @throws ConfigurationError when they were sealed with another master key. */
  open(endpoint: string, sealed: string): readonly EndpointSecret[] {
    return JSON.parse(this.#box.unseal(sealed, contextOf(endpoint))) as EndpointSecret[]; // only `seal` writes it
  }

  sealHeaders(endpoint: string, headers: Readonly<Record<string, string>>): string {
    return this.#box.seal(JSON.stringify(headers), headersContextOf(endpoint));
  }

  /** @throws ConfigurationError when they were sealed with another master key. */
  openHeaders(endpoint: string, sealed: string): Readonly<Record<string, string>> {
    return JSON.parse(this.#box.unseal(sealed, headersContextOf(endpoint))) as Record<string, string>; // likewise
  }

  /** The keys that sign now, the current one first. */
  keysOf(secrets: readonly EndpointSecret[], now: number): readonly SigningKey[] {
    return secrets
      .filter(({ until }) => until === null || until > now)
      .map(({ key }) => this.#keys.keyOf(key));
  }
}

/** What is sealed for one endpoint opens for no other. */
function contextOf(endpoint: string): string {
  return `secrets of endpoint ${endpoint}`;
}

function headersContextOf(endpoint: string): string {
  return `headers of endpoint ${endpoint}`;
}
