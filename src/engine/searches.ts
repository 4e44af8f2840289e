import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { OverloadedError } from "../core/errors.ts";

/** Content is in memory for these together. */
const PART = 25;
/** For so long at most it keeps other work of the process waiting, unless a single row takes longer. */
const LONGEST_TURN_MS = 2;
const MOST_LOOKED_AT = 5_000;
const MOST_WORK_MS = 150;
/** It waits for three times as long as it worked, so that it takes a quarter of the time at most. */
const REST = 3;
const LONGEST_REST_MS = 100;
const MOST_AT_ONCE = 2;
const MOST_WAITING = 20;

export interface Found<Row, Place> {
  readonly rows: readonly Row[];
  /** Which of the rows that were looked at each of them was, 1 for the first. */
  readonly places: readonly number[];
  /** How many rows were looked at, up to the last one found if the page is full. */
  readonly lookedAt: number;
  /** Where the search stopped before the page was full; null if it did not. */
  readonly searchedTo: Place | null;
}

/** What one step of a search found; it is over where nothing says how far it came. */
export interface Step<Row, Place> extends Found<Row, Place> {
  /** How long it can have worked; a thread may have had to begin first, or to wait. */
  readonly mostMs: number;
}

/** Searches by content, which no index knows: each looks at a bounded number of rows for a page, and two are made at once at most. */
export class Searches {
  readonly #waiting: (() => void)[] = [];
  #underway = 0;

  /** @throws OverloadedError when too many wait for their turn. */
  async page<Row, Place>(
    limit: number,
    step: (from: Place | undefined) => Promise<Step<Row, Place>>,
  ): Promise<Found<Row, Place>> {
    await this.#turn();
    try {
      return await look(limit, step);
    } finally {
      this.#end();
    }
  }

  async #turn(): Promise<void> {
    if (this.#underway < MOST_AT_ONCE) {
      this.#underway++;
      return;
    }
    if (this.#waiting.length >= MOST_WAITING)
      throw new OverloadedError("too many searches are waiting for their turn; try again shortly");
    await new Promise<void>((begin) => this.#waiting.push(begin));
  }

  #end(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#underway--;
  }
}

async function look<Row, Place>(
  limit: number,
  step: (from: Place | undefined) => Promise<Step<Row, Place>>,
): Promise<Found<Row, Place>> {
  const rows: Row[] = [];
  const places: number[] = [];
  let from: Place | undefined;
  let lookedAt = 0;
  let worked = 0;
  for (;;) {
    const begun = performance.now();
    const found = await step(from);
    const room = limit - rows.length;
    rows.push(...found.rows.slice(0, room));
    places.push(...found.places.slice(0, room).map((place) => lookedAt + place));
    lookedAt += found.lookedAt;
    const isFull = rows.length === limit;
    if (isFull) return { rows, places, lookedAt: places.at(-1) ?? lookedAt, searchedTo: null };
    const { searchedTo, mostMs } = found;
    if (searchedTo === null) return { rows, places, lookedAt, searchedTo };
    from = searchedTo;
    const took = Math.min(mostMs, performance.now() - begun);
    worked += took;
    if (lookedAt >= MOST_LOOKED_AT || worked >= MOST_WORK_MS) return { rows, places, lookedAt, searchedTo };
    await wait(Math.min(LONGEST_REST_MS, took * REST));
  }
}

/** Those of the rows whose content is wanted, which are looked at a few at a time. */
export async function rowsThatHold<Row, Content>(
  rows: readonly Row[],
  contentsOf: (part: readonly Row[]) => Promise<readonly (readonly [Row, Content])[]>,
  holds: (content: Content) => boolean,
): Promise<Pick<Found<Row, unknown>, "rows" | "places">> {
  const found: Row[] = [];
  const places: number[] = [];
  let begun = performance.now();
  for (let from = 0; from < rows.length; from += PART) {
    const contents = await contentsOf(rows.slice(from, from + PART));
    for (const [at, [row, content]] of contents.entries()) {
      if (performance.now() - begun > LONGEST_TURN_MS) {
        await nextTurn();
        begun = performance.now();
      }
      if (!holds(content)) continue;
      found.push(row);
      places.push(from + at + 1);
    }
  }
  return { rows: found, places };
}
