import type { Clock } from "../../core/clock.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import type { Instrument } from "../../observe/instrument.ts";
import { type Counts, countsOf, isNothing, NOTHING, since, sum } from "../../observe/metrics/counts.ts";
import type { Meters } from "../../observe/metrics/meters.ts";
import type { StatRow, StatShelf } from "../../store/shelves/statistics/stats.ts";
import { type Part, stopAll } from "../part.ts";
import { Rhythm } from "../rhythm.ts";
import { RowOwner } from "./row-owner.ts";

export interface StatisticsParts {
  readonly meters: Meters;
  readonly shelf: StatShelf;
  readonly clock: Clock;
  readonly instrument: Instrument;
}

const SECOND = 1_000;
const MINUTES_KEPT = 2 * DAY_MS;
const HOURS_KEPT = 400 * DAY_MS;
const FOLD_EVERY = 5 * MINUTE_MS;
/** Of live charts. */
const SECONDS_KEPT = 600;

/** The one that is being counted. */
interface Minute {
  /** When it began. */
  readonly at: number;
  /** Whose rows it has. */
  readonly process: string;
  /** What had been counted by then. */
  readonly from: ReadonlyMap<string, Counts>;
}

/** One second of this process. */
export interface Second {
  /** When it ended. */
  readonly at: number;
  readonly counts: Counts;
}

/**
 * Keeps what the meters count: each second in memory, for live charts, and each minute in the database, in a row of this process's own,
 * written a second after something has changed. A process that is killed loses a second of statistics, and never a job. Minutes are summed
 * up into hours, by whichever process comes first.
 */
export class Statistics implements Part {
  readonly #parts: StatisticsParts;
  readonly #owner = new RowOwner();
  readonly #rhythms: readonly Rhythm[];
  readonly #seconds: Second[] = [];
  readonly #onSecond = new Set<(second: Second) => void>();
  #last: Counts = NOTHING;
  #minute: Minute;
  #isChanged = false;
  #hasWritten = false;
  /** The first hour whose minutes have not been summed up yet; at first, the oldest that is kept. */
  #unfoldedFrom: number;

  constructor(parts: StatisticsParts) {
    this.#parts = parts;
    const { clock, instrument } = parts;
    this.#minute = this.#begun(floor(clock.now(), MINUTE_MS), new Map());
    this.#unfoldedFrom = floor(clock.now() - MINUTES_KEPT, HOUR_MS);
    this.#rhythms = [
      new Rhythm(clock, instrument, SECOND, () => this.#second()),
      new Rhythm(clock, instrument, FOLD_EVERY, () => this.fold()),
    ];
  }

  start(): void {
    for (const rhythm of this.#rhythms) rhythm.start();
  }

  /** Writes what is still to be written. */
  async stop(): Promise<void> {
    await stopAll(this.#rhythms);
    try {
      await this.#second();
      if (this.#hasWritten) await this.fold();
    } catch {
      // the database may be away, and these are only statistics
    }
  }

  /** The last seconds, the oldest first. */
  seconds(most: number): readonly Second[] {
    return this.#seconds.slice(-most);
  }

  /** Calls back with each second from now on, until the returned function is called. */
  watch(told: (second: Second) => void): () => void {
    this.#onSecond.add(told);
    return () => this.#onSecond.delete(told);
  }

  /** Sums minutes up into hours, and deletes what is too old. */
  async fold(): Promise<void> {
    const { shelf, clock } = this.#parts;
    const now = clock.now();
    const hour = floor(now, HOUR_MS);
    for (let at = Math.min(this.#unfoldedFrom, hour - HOUR_MS); at <= hour; at += HOUR_MS) {
      const summed = new Map<string, Counts>();
      for (const row of await shelf.at("minute", at, at + HOUR_MS))
        summed.set(row.task, sum(summed.get(row.task) ?? NOTHING, countsIn(row)));
      const rows = [...summed].map(([task, counts]) => rowOf("hour", at, "", task, counts));
      if (rows.length > 0) await shelf.put(rows);
    }
    this.#unfoldedFrom = hour - HOUR_MS; // other processes may still write the end of the last hour
    await shelf.forget("minute", now - MINUTES_KEPT);
    await shelf.forget("hour", now - HOURS_KEPT);
  }

  async #second(): Promise<void> {
    const { meters, clock } = this.#parts;
    const now = clock.now();
    const counts = countsOf(meters);
    const all = counts.get("") ?? NOTHING;
    const second = { at: now, counts: since(this.#last, all) };
    this.#last = all;
    this.#seconds.push(second);
    if (this.#seconds.length > SECONDS_KEPT) this.#seconds.shift();
    for (const told of this.#onSecond) told(second);
    if (!isNothing(second.counts)) this.#isChanged = true;
    if (this.#isChanged) await this.#write(counts);
    const minute = floor(now, MINUTE_MS);
    if (minute !== this.#minute.at) this.#minute = this.#begun(minute, counts);
  }

  #begun(at: number, from: ReadonlyMap<string, Counts>): Minute {
    return { at, process: this.#owner.of(at), from };
  }

  async #write(counts: ReadonlyMap<string, Counts>): Promise<void> {
    const { at, process, from } = this.#minute;
    const rows = [...counts].flatMap(([task, now]) => {
      const counted = since(from.get(task) ?? NOTHING, now);
      return isNothing(counted) ? [] : [rowOf("minute", at, process, task, counted)];
    });
    this.#isChanged = false;
    try {
      if (rows.length > 0) await this.#parts.shelf.put(rows);
      this.#hasWritten = true;
    } catch (error) {
      this.#isChanged = true; // once more with the next second
      throw error;
    }
  }
}

export function countsIn({ waits, attempts, ...row }: StatRow): Counts {
  const { accepted, succeeded, failed, cancelled, retried } = row;
  return {
    ...{ accepted, succeeded, failed, cancelled, retried },
    waits: JSON.parse(waits) as number[], // only `rowOf` writes them
    attempts: JSON.parse(attempts) as number[],
  };
}

export function floor(at: number, span: number): number {
  return Math.floor(at / span) * span;
}

function rowOf(
  span: StatRow["span"],
  bucketAt: number,
  process: string,
  task: string,
  counts: Counts,
): StatRow {
  const { waits, attempts, ...rest } = counts;
  return {
    ...{ span, bucketAt, process, task },
    ...rest,
    waits: JSON.stringify(waits),
    attempts: JSON.stringify(attempts),
  };
}
