import type { Clock } from "../../core/clock.ts";
import { LruCache } from "../../core/lru-cache.ts";

interface Entry<Value> {
  readonly value: Value;
  readonly since: number;
  readonly ttlMs: number;
}

/** Remembers the `limit` entries used last, each until its time is up. */
export class ExpiringCache<Value> {
  readonly #entries: LruCache<string, Entry<Value>>;
  readonly #clock: Clock;

  constructor(limit: number, clock: Clock) {
    this.#entries = new LruCache(limit);
    this.#clock = clock;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const age = this.#clock.now() - entry.since;
    if (age >= 0 && age < entry.ttlMs) return entry.value; // younger than new: the clock was set back
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: Value, ttlMs: number): void {
    this.#entries.set(key, { value, since: this.#clock.now(), ttlMs });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
