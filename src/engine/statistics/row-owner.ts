import { newId } from "../../core/id.ts";

/**
 * Names who writes a row of statistics: this process. Where the clock was set back, it goes on under another name, because a row is written
 * as a whole, and would replace what this process had counted of the same time before.
 */
export class RowOwner {
  #name = newId("wrk");
  #latest = Number.NEGATIVE_INFINITY;

  /** @param at when the time begins that is counted next. */
  of(at: number): string {
    if (at <= this.#latest) this.#name = newId("wrk");
    this.#latest = at;
    return this.#name;
  }
}
