import type { SecretBox } from "../../secrets/secret-box.ts";
import type { SigningKey } from "./signing-key.ts";
import { SigningKeyCache } from "./signing-key-cache.ts";

/** The keys that sign a delivery: its own, kept sealed in the job's options, or else the server's. */
export class DeliverySecrets {
  readonly #box: SecretBox;
  readonly #cache = new SigningKeyCache();
  readonly #server: readonly SigningKey[];

  /** @throws InvalidInputError when the server's secret is malformed. */
  constructor(box: SecretBox, serverSecret: string) {
    this.#box = box;
    this.#server = [this.#cache.keyOf(serverSecret)];
  }

  /** @throws InvalidInputError, path `["secret"]`, when it could not sign. */
  check(secret: string): void {
    this.#cache.keyOf(secret);
  }

  seal(secret: string, jobId: string): string {
    return this.#box.seal(secret, deliveryContext(jobId));
  }

  sealHeaders(headers: Readonly<Record<string, string>>, jobId: string): string {
    return this.#box.seal(JSON.stringify(headers), headersOfDeliveryContext(jobId));
  }

  sealEventHeaders(headers: Readonly<Record<string, string>>, eventId: string): string {
    return this.#box.seal(JSON.stringify(headers), headersOfEventContext(eventId));
  }

  /** @throws ConfigurationError when they were sealed with another master key. */
  eventHeadersOf(eventId: string, sealed: string): Readonly<Record<string, string>> {
    return JSON.parse(this.#box.unseal(sealed, headersOfEventContext(eventId)));
  }

  /** @throws ConfigurationError when they were sealed with another master key. */
  headersOf(jobId: string, sealed: string | undefined): Readonly<Record<string, string>> | undefined {
    return sealed === undefined
      ? undefined
      : JSON.parse(this.#box.unseal(sealed, headersOfDeliveryContext(jobId)));
  }

  /** @throws ConfigurationError when the secret was sealed with another master key. */
  keysOf(jobId: string, sealed: string | undefined): readonly SigningKey[] {
    return sealed === undefined
      ? this.#server
      : [this.#cache.keyOf(this.#box.unseal(sealed, deliveryContext(jobId)))];
  }
}

/** The context of encryption: what is encrypted for one job or purpose cannot be decrypted for another. */
export function deliveryContext(jobId: string): string {
  return `delivery ${jobId}`;
}

export function headersOfEventContext(eventId: string): string {
  return `headers of event ${eventId}`;
}

export function headersOfDeliveryContext(jobId: string): string {
  return `headers of delivery ${jobId}`;
}
