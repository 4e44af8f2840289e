/** What happened to one request, in milliseconds of `performance.now()`; NaN for what did not happen. */
export interface Entry {
  /** When it should have been sent: latency counts from here, so that a stalled server is not forgiven its queue. */
  readonly due: number;
  sent: number;
  /** Its 202 was read. */
  accepted: number;
  /** The first byte of its delivery reached the receiver. */
  arrived: number;
}

/** Every request and what became of it. A run counts only when its ledger balances. */
export class Ledger {
  readonly #entries: Entry[] = [];
  readonly #refused = new Map<string, number>();
  #accepted = 0;
  #arrived = 0;
  #duplicates = 0;
  #strangers = 0;

  /** A new request; its number goes into the payload. */
  open(due: number): number {
    this.#entries.push({ due, sent: Number.NaN, accepted: Number.NaN, arrived: Number.NaN });
    return this.#entries.length - 1;
  }

  sent(number: number): void {
    this.#entry(number).sent = performance.now();
  }

  accepted(number: number): void {
    this.#entry(number).accepted = performance.now();
    this.#accepted++;
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
      this.#arrived++;
    } else this.#duplicates++;
  }

  get complete(): boolean {
    return this.#arrived >= this.#accepted;
  }

  /** @param from when the load began, @param until when its last request was answered. */
  report(from: number, until: number): Report {
    const accepted = this.#entries.filter(({ accepted }) => !Number.isNaN(accepted));
    const arrived = this.#entries.filter((entry) => !Number.isNaN(entry.arrived));
    const lastArrival = arrived.reduce((last, entry) => Math.max(last, entry.arrived), from);
    return {
      requests: this.#entries.length,
      accepted: accepted.length,
      refused: Object.fromEntries(this.#refused),
      delivered: arrived.length,
      missing: accepted.filter((entry) => Number.isNaN(entry.arrived)).length,
      duplicates: this.#duplicates,
      strangers: this.#strangers,
      acceptedPerSecond: perSecond(accepted.length, until - from),
      deliveredPerSecond: perSecond(arrived.length, lastArrival - from),
      acceptMs: percentiles(accepted.map(({ sent, accepted }) => accepted - sent)),
      deliveryMs: percentiles(arrived.map(({ due, arrived }) => arrived - due)),
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
  readonly delivered: number;
  /** Accepted, and never delivered: with one of these the run is void. */
  readonly missing: number;
  readonly duplicates: number;
  /** Deliveries of no request of this run: void as well. */
  readonly strangers: number;
  readonly acceptedPerSecond: number;
  /** Until the last delivery, so a queue that was left to be drained counts against it. */
  readonly deliveredPerSecond: number;
  /** From sending the request to reading its answer. */
  readonly acceptMs: Percentiles;
  /** From when the request was due to the first byte at the receiver. */
  readonly deliveryMs: Percentiles;
}

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN);
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

function perSecond(count: number, ms: number): number {
  return Math.round(count / (ms / 1_000));
}
