import { type Percentiles, percentiles } from "./percentiles.ts";

/** What happened to one request, in milliseconds of `performance.now()`; NaN for what did not happen. */
export interface Entry {
  /** When it should have been sent: latency counts from here, so that a stalled server is not forgiven its queue. */
  readonly due: number;
  /** It goes to the slow target. */
  readonly slow: boolean;
  sent: number;
  /** Its 202 was read. */
  accepted: number;
  /** The first byte of its delivery reached the receiver. */
  arrived: number;
}

/** Every request and what happened to it. A run counts only when its ledger balances. */
export class Ledger {
  readonly #entries: Entry[] = [];
  readonly #refused = new Map<string, number>();
  /** When each of the deliveries that stood in the database before came; NaN until then. */
  readonly #seeded: Float64Array;
  #due = 0;
  #duplicates = 0;
  #strangers = 0;

  constructor(seeded = 0) {
    this.#seeded = new Float64Array(seeded).fill(Number.NaN);
  }

  /** A new request; its number goes into the payload. */
  open(due: number, slow = false): number {
    this.#entries.push({ due, slow, sent: Number.NaN, accepted: Number.NaN, arrived: Number.NaN });
    return this.#entries.length - 1;
  }

  sent(number: number): void {
    this.#entry(number).sent = performance.now();
  }

  accepted(number: number): void {
    const entry = this.#entry(number);
    entry.accepted = performance.now();
    if (Number.isNaN(entry.arrived)) this.#due++;
  }

  /** By status code or error code. */
  refused(reason: string): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  arrived(number: number, at: number): void {
    const entry = this.#entries[number];
    if (!entry) this.#strangers++;
    else if (Number.isNaN(entry.arrived)) {
      entry.arrived = at;
      if (!Number.isNaN(entry.accepted)) this.#due--;
    } else this.#duplicates++;
  }

  seededArrived(number: number, at: number): void {
    const before = this.#seeded[number];
    if (before === undefined) this.#strangers++;
    else if (Number.isNaN(before)) this.#seeded[number] = at;
    else this.#duplicates++;
  }

  /** Something came that no request asked for. */
  stranger(): void {
    this.#strangers++;
  }

  /** Whether all that was accepted has arrived. */
  get complete(): boolean {
    return this.#due === 0;
  }

  /**
   * @param from when the load began.
   * @param until when its last request was answered.
   * @param warmFrom latency is of requests that were due from then on.
   */
  report(from: number, until: number, warmFrom = from): Report {
    const accepted = this.#entries.filter(({ accepted }) => !Number.isNaN(accepted));
    const arrived = this.#entries.filter((entry) => !Number.isNaN(entry.arrived));
    const warm = arrived.filter(({ due }) => due >= warmFrom);
    const quick = warm.filter(({ slow }) => !slow);
    const last = arrived.reduce((last, entry) => Math.max(last, entry.arrived), from);
    const seeded = this.#seeded.filter((at) => !Number.isNaN(at));
    const seededMeanwhile = seeded.reduce((count, at) => count + (at <= last ? 1 : 0), 0);
    return {
      requests: this.#entries.length,
      accepted: accepted.length,
      refused: Object.fromEntries(this.#refused),
      delivered: arrived.length,
      missing: accepted.filter((entry) => Number.isNaN(entry.arrived)).length,
      unanswered: arrived.filter((entry) => Number.isNaN(entry.accepted)).length,
      duplicates: this.#duplicates,
      strangers: this.#strangers,
      seededDelivered: seeded.length,
      acceptedPerSecond: perSecond(accepted.length, until - from),
      deliveredPerSecond: perSecond(arrived.length + seededMeanwhile, last - from),
      lateMs: percentiles(accepted.map(({ due, sent }) => sent - due)),
      acceptMs: percentiles(accepted.map(({ sent, accepted }) => accepted - sent)),
      deliveryMs: percentiles(quick.map(({ due, arrived }) => arrived - due)),
      slowDeliveryMs: percentiles(warm.filter(({ slow }) => slow).map(({ due, arrived }) => arrived - due)),
      deliveryMsEachMinute: eachMinute(quick, from),
      acceptedEachSecond: eachSecond(accepted, from, ({ accepted }) => accepted),
      deliveredEachSecond: eachSecond(arrived, from, ({ arrived }) => arrived),
    };
  }

  #entry(number: number): Entry {
    const entry = this.#entries[number];
    if (!entry) throw new RangeError(`no request has the number ${number}`);
    return entry;
  }
}

export interface Report {
  readonly requests: number;
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  /** Requests whose delivery came, each counted once. */
  readonly delivered: number;
  /** Accepted, and never delivered. */
  readonly missing: number;
  /** Delivered although no 202 was read: the connection broke first, or the request was refused. */
  readonly unanswered: number;
  readonly duplicates: number;
  /** Deliveries of no request of this run. */
  readonly strangers: number;
  readonly seededDelivered: number;
  readonly acceptedPerSecond: number;
  /** Until the last delivery, so a queue that was left to drain counts against it. With those that were seeded. */
  readonly deliveredPerSecond: number;
  /** From when the request was due to when it was sent: the generator's own delay. */
  readonly lateMs: Percentiles;
  /** From sending the request to reading its answer. */
  readonly acceptMs: Percentiles;
  /** From when the request was due to the first byte at the receiver; without those of the slow target. */
  readonly deliveryMs: Percentiles;
  readonly slowDeliveryMs: Percentiles;
  /** As `deliveryMs`, of what was due in each minute of the load. */
  readonly deliveryMsEachMinute: readonly Percentiles[];
  readonly acceptedEachSecond: readonly number[];
  readonly deliveredEachSecond: readonly number[];
}

function perSecond(count: number, ms: number): number {
  return ms > 0 ? Math.round(count / (ms / 1_000)) : 0;
}

function eachMinute(arrived: readonly Entry[], from: number): Percentiles[] {
  const minutes: number[][] = [];
  for (const { due, arrived: at } of arrived) {
    const minute = Math.floor((due - from) / 60_000);
    while (minutes.length <= minute) minutes.push([]);
    minutes[minute]?.push(at - due);
  }
  return minutes.map(percentiles);
}

function eachSecond(entries: readonly Entry[], from: number, time: (entry: Entry) => number): number[] {
  const counts: number[] = [];
  for (const entry of entries) {
    const second = Math.floor((time(entry) - from) / 1_000);
    while (counts.length <= second) counts.push(0);
    counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}
