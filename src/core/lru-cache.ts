/** Remembers the entries used last, `capacity` of them at most. */
export class LruCache<Key, Value extends object> {
  readonly #entries = new Map<Key, Value>();
  readonly #capacity: number;
  /** Used last: it need not be moved to the end, which costs more than looking it up. */
  #newest: Key | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value && key !== this.#newest) this.set(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value); // a Map keeps insertion order: the least recently used comes first
    this.#newest = key;
    if (this.#entries.size > this.#capacity) this.#forgetOldest();
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  #forgetOldest(): void {
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
