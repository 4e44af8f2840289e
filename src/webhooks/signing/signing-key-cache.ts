import { LruCache } from "../../core/lru-cache.ts";
import { parseSigningKey, type SigningKey } from "./signing-key.ts";

/** A guess: more secrets than are busy at one time. */
const CAPACITY = 10_000;

/** Keys of secrets used lately. Reading and checking an ed25519 key takes longer than signing with it. */
export class SigningKeyCache {
  readonly #keys: LruCache<string, SigningKey>;

  constructor(capacity = CAPACITY) {
    this.#keys = new LruCache(capacity);
  }

  get size(): number {
    return this.#keys.size;
  }

  /** @throws InvalidInputError, path `["secret"]`, when the secret is malformed. */
  keyOf(secret: string): SigningKey {
    const known = this.#keys.get(secret);
    if (known) return known;
    const key = parseSigningKey(secret);
    this.#keys.set(secret, key);
    return key;
  }
}
