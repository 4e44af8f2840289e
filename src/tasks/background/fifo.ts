/** Shorter ones are not worth the cut. */
const LEAST_CUT = 64;

/** First in, first out, with nothing moved when something is taken: `Array.shift` moves the rest once they are many. */
export class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  take(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head++];
    if (this.size === 0) this.clear();
    // What was taken is cut off once it is as long as the rest, so on average each item is moved once at most.
    else if (this.#head >= LEAST_CUT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items.length = 0;
    this.#head = 0;
  }
}
