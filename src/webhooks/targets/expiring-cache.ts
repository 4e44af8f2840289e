import type { Clock } from "../../core/clock.ts";
import { LruCache } from "../../core/lru-cache.ts";

/** Remembers the `limit` entries used last, each until its time is up. */
export class ExpiringCache<Value> {
  readonly #entries: LruCache<string, { value: Value; expiresAt: number }>;
  readonly #clock: Clock;

  constructor(limit: number, clock: Clock) {
    this.#entries = new LruCache(limit);
    this.#clock = clock;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.expiresAt > this.#clock.now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: Value, ttlMs: number): void {
    this.#entries.set(key, { value, expiresAt: this.#clock.now() + ttlMs });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
