import type { Clock } from "../../core/clock.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import type { Unsubscribe } from "../../observe/channel.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { EndpointKey } from "../../store/shelves/endpoints.ts";
import type { EndpointStatShelf } from "../../store/shelves/statistics/endpoint-stats.ts";
import { type Part, stopAll } from "../part.ts";
import { Rhythm } from "../rhythm.ts";
import type { EndpointCounts } from "./endpoint-counts.ts";
import { EndpointHour, type EndpointHourLimits } from "./endpoint-hour.ts";
import { RowOwner } from "./row-owner.ts";
import { floor } from "./statistics.ts";

export interface EndpointStatisticsParts {
  readonly shelf: Pick<EndpointStatShelf, "put" | "drop" | "forget">;
  readonly clock: Clock;
  readonly instrument: Instrument;
  /** Default: the busiest 1000 have rows of their own, and 10 000 are told apart. */
  readonly limits?: EndpointHourLimits;
  /** The endpoint whose lane it is; undefined for any other lane. */
  keyOf(lane: string): EndpointKey | undefined;
}

const WRITE_MS = 1_000;
/** In one transaction, which takes a few milliseconds: a thousand busy endpoints are each written every ten seconds. */
const AT_ONCE = 100;
const LIMITS: EndpointHourLimits = { mostRows: 1_000, mostMet: 10_000 };
/** A thousand endpoints make 24 000 rows, or 7 MB, a day, so that no more is kept than is shown. */
const KEPT = 31 * DAY_MS;
const FORGET_EVERY = 5 * MINUTE_MS;

/**
 * Keeps how deliveries went, by endpoint and hour, in rows of this process's own: written a moment after something has changed, apart from
 * what settles jobs, and not more than a hundred a second. A process that is killed loses what it has not yet written, and never a job.
 */
export class EndpointStatistics implements Part {
  readonly #parts: EndpointStatisticsParts;
  readonly #owner = new RowOwner();
  readonly #rhythms: readonly Rhythm[];
  #hour: EndpointHour;
  /** Those that are over, and still to be finished. */
  readonly #ended: EndpointHour[] = [];
  #subscribed: readonly Unsubscribe[] = [];

  constructor(parts: EndpointStatisticsParts) {
    const { clock, instrument, shelf } = parts;
    this.#parts = parts;
    this.#hour = this.#begun(floor(clock.now(), HOUR_MS));
    this.#rhythms = [
      new Rhythm(clock, instrument, WRITE_MS, () => this.write()),
      new Rhythm(clock, instrument, FORGET_EVERY, async () => {
        await shelf.forget(clock.now() - KEPT);
      }),
    ];
  }

  start(): void {
    const { instrument } = this.#parts;
    this.#subscribed = [
      instrument["job.succeeded"].subscribe(({ lane, durationMs }) =>
        this.#hour.of(lane)?.success(durationMs),
      ),
      instrument["attempt.failed"].subscribe(({ lane, durationMs, retryAt }) =>
        this.#hour.of(lane)?.failedAttempt(durationMs, retryAt !== undefined),
      ),
      instrument["job.failed"].subscribe(({ lane }) => this.#hour.of(lane)?.failure()),
    ];
    for (const rhythm of this.#rhythms) rhythm.start();
  }

  /** Writes what is still to be written. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#subscribed) unsubscribe();
    await stopAll(this.#rhythms);
    this.#ended.push(this.#hour);
    try {
      await this.#finish();
    } catch {
      // the database may be away, and these are only statistics
    }
  }

  /** Writes what has changed: of the hour that goes on, some of it. */
  async write(): Promise<void> {
    const at = floor(this.#parts.clock.now(), HOUR_MS);
    if (at !== this.#hour.at) {
      this.#ended.push(this.#hour);
      this.#hour = this.#begun(at);
    }
    await this.#finish();
    const hour = this.#hour;
    const changed = hour.take(AT_ONCE);
    try {
      await this.#put(hour, changed);
    } catch (error) {
      for (const each of changed) hour.changed(each); // once more with the next second
      throw error;
    }
  }

  async #finish(): Promise<void> {
    for (let hour = this.#ended[0]; hour; hour = this.#ended[0]) {
      const { drop, put } = hour.end();
      // those that lose their row are counted among the others only after that: rather too little than twice
      for (const some of inLots(drop)) {
        await this.#parts.shelf.drop(rowsOf(hour, some));
        for (const each of some) each.isWritten = false;
      }
      for (const some of inLots(put)) await this.#put(hour, some);
      this.#ended.shift();
    }
  }

  async #put(hour: EndpointHour, some: readonly EndpointCounts[]): Promise<void> {
    if (some.length === 0) return;
    await this.#parts.shelf.put(rowsOf(hour, some));
    for (const each of some) each.isWritten = true;
  }

  #begun(at: number): EndpointHour {
    const { limits = LIMITS, keyOf } = this.#parts;
    return new EndpointHour(at, this.#owner.of(at), limits, keyOf);
  }
}

function rowsOf(hour: EndpointHour, some: readonly EndpointCounts[]) {
  return some.map((each) => hour.rowOf(each));
}

function inLots<Each>(all: readonly Each[]): (readonly Each[])[] {
  const lots = [];
  for (let from = 0; from < all.length; from += AT_ONCE) lots.push(all.slice(from, from + AT_ONCE));
  return lots;
}
