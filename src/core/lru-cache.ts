/** A cache of the most recently used entries, with a total weight of at most `capacity`. Each entry weighs 1 unless specified otherwise. */
export class LruCache<Key, Value extends object> {
  readonly #entries = new Map<Key, Value>();
  readonly #capacity: number;
  readonly #weigh: (value: Value) => number;
  #weight = 0;
  /** The most recently used entry, which need not be moved to the end; that would cost more than the look-up. */
  #newest: Key | undefined;

  constructor(capacity: number, weigh: (value: Value) => number = () => 1) {
    this.#capacity = capacity;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (!value || key === this.#newest) return value;
    this.#entries.delete(key);
    this.#entries.set(key, value); // a Map keeps insertion order: the least recently used comes first
    this.#newest = key;
    return value;
  }

  set(key: Key, value: Value): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#newest = key;
    this.#weight += this.#weigh(value);
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#capacity || oldest === key) return;
      this.delete(oldest);
    }
  }

  delete(key: Key): void {
    const value = this.#entries.get(key);
    if (!value) return;
    this.#entries.delete(key);
    this.#weight -= this.#weigh(value);
  }
}
