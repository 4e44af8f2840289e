import { parseSigningKey, type SigningKey } from "./signing-key.ts";

/** Past it the oldest is forgotten, and read anew when it comes again. A guess: more secrets than are busy at one time. */
const CAPACITY = 1_000;

/** Keys of secrets seen lately. An ed25519 key takes longer to read and check than to sign with. */
export class SigningKeyCache {
  readonly #keys = new Map<string, SigningKey>();
  readonly #capacity: number;

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** @throws InvalidInputError, path `["secret"]`, when the secret is malformed. */
  keyOf(secret: string): SigningKey {
    const known = this.#keys.get(secret);
    if (known) return known;
    const key = parseSigningKey(secret);
    if (this.#keys.size >= this.#capacity) this.#forgetOldest();
    this.#keys.set(secret, key);
    return key;
  }

  #forgetOldest(): void {
    for (const secret of this.#keys.keys()) {
      this.#keys.delete(secret);
      return;
    }
  }
}
