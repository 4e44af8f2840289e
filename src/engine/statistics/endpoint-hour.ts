import type { EndpointKey } from "../../store/shelves/endpoints.ts";
import type { EndpointStatRow } from "../../store/shelves/statistics/endpoint-stats.ts";
import { EndpointCounts, Numbers } from "./endpoint-counts.ts";

export interface EndpointHourLimits {
  /** How many endpoints have rows of their own. */
  readonly mostRows: number;
  /** How many are told apart at all, to find the busiest. */
  readonly mostMet: number;
}

/** In the place of an endpoint: all that have no row of their own. */
const OTHERS = "";
const KEY_OF_OTHERS: EndpointKey = { tenant: "", id: "" };

/** What has to be written of an hour that is over. */
export interface EndedHour {
  readonly drop: readonly EndpointCounts[];
  readonly put: readonly EndpointCounts[];
}

/**
 * An hour of one process by endpoints. The first ones that it meets have rows of their own, and the others one together; once the hour is
 * over, it is the busiest that have their own.
 */
export class EndpointHour {
  /** When it began. */
  readonly at: number;
  /** Whose rows they are. */
  readonly #process: string;
  readonly #limits: EndpointHourLimits;
  readonly #keyOf: (lane: string) => EndpointKey | undefined;
  readonly #met = new Map<string, EndpointCounts>();
  readonly #numbers = new Numbers();
  readonly #others = new EndpointCounts(OTHERS, this.#numbers);
  /** Those that are too many to be told apart. */
  readonly #beyond = new EndpointCounts(OTHERS, this.#numbers, this.#others);
  #changed: EndpointCounts[] = [];

  constructor(
    at: number,
    process: string,
    limits: EndpointHourLimits,
    keyOf: (lane: string) => EndpointKey | undefined,
  ) {
    this.at = at;
    this.#process = process;
    this.#limits = limits;
    this.#keyOf = keyOf;
  }

  /** Where to count the outcome of a lane's deliveries; undefined for a lane that is not an endpoint's. */
  of(lane: string): EndpointCounts | undefined {
    const counts = this.#met.get(lane) ?? this.#meet(lane);
    if (counts) this.changed(counts.others ?? counts);
    return counts;
  }

  /** Its row has to be written. */
  changed(counts: EndpointCounts): void {
    if (counts.isChanged) return;
    counts.isChanged = true;
    this.#changed.push(counts);
  }

  /** At most this many of those whose rows have to be written: the ones that have waited longest. */
  take(most: number): readonly EndpointCounts[] {
    const taken = this.#changed.splice(0, most);
    for (const each of taken) each.isChanged = false;
    return taken;
  }

  /** What is still to be done, once nothing more is counted. */
  end(): EndedHour {
    const { mostRows } = this.#limits;
    if (this.#met.size <= mostRows) return { drop: [], put: [...this.#changed] };
    const sorted = [...this.#met.values()]
      .map((counts) => ({ counts, attempts: counts.attempts }))
      .sort((one, other) => other.attempts - one.attempts)
      .map(({ counts }) => counts);
    const busiest = sorted.slice(0, mostRows);
    const rest = sorted.slice(mostRows);
    const others = new EndpointCounts(OTHERS, this.#numbers);
    for (const each of [...rest, this.#beyond]) others.add(each);
    return {
      drop: rest.filter(({ isWritten }) => isWritten),
      put: [...busiest.filter(({ isChanged, isWritten }) => isChanged || !isWritten), others],
    };
  }

  rowOf({ lane, succeeded, failed, retried, took }: EndpointCounts): EndpointStatRow {
    const key = (lane === OTHERS ? undefined : this.#keyOf(lane)) ?? KEY_OF_OTHERS;
    return {
      ...{ tenant: key.tenant, endpoint: key.id, hour: this.at, process: this.#process },
      ...{ succeeded, failed, retried },
      attempts: JSON.stringify(took),
    };
  }

  #meet(lane: string): EndpointCounts | undefined {
    if (!this.#keyOf(lane)) return undefined;
    const { mostMet, mostRows } = this.#limits;
    if (this.#met.size >= mostMet) return this.#beyond;
    const counts = new EndpointCounts(
      lane,
      this.#numbers,
      this.#met.size < mostRows ? undefined : this.#others,
    );
    this.#met.set(lane, counts);
    return counts;
  }
}
