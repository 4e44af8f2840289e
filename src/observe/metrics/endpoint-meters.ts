import type { Unsubscribe } from "../channel.ts";
import type { Instrument } from "../instrument.ts";

interface Attempts {
  succeeded: number;
  failed: number;
}

export interface EndpointMeterParts {
  readonly instrument: Instrument;
  /** How many endpoints are reported. */
  readonly most: number;
  /** The id of the endpoint whose lane it is; undefined for any other lane. */
  endpointOf(lane: string): string | undefined;
}

/** How many are remembered; beyond this, the oldest are forgotten. */
const MOST_KNOWN = 10_000;

/** The endpoints that fail most: only if requested, because each adds lines of its own. */
export class EndpointMeters {
  readonly #most: number;
  readonly #attempts = new Map<string, Attempts>();
  readonly #unsubscribe: Unsubscribe;

  constructor({ instrument, most, endpointOf }: EndpointMeterParts) {
    this.#most = most;
    this.#unsubscribe = instrument["attempt.ended"].subscribe(({ job: { lane }, outcome }) => {
      if (outcome !== "succeeded" && outcome !== "failed") return;
      const endpoint = endpointOf(lane);
      if (endpoint !== undefined) this.#of(endpoint)[outcome]++;
    });
  }

  /** Those with the most attempts that failed, by their ids. */
  worst(): readonly (readonly [endpoint: string, attempts: Readonly<Attempts>])[] {
    const failing = [...this.#attempts].filter(([, { failed }]) => failed > 0);
    return failing.sort(([, one], [, other]) => other.failed - one.failed).slice(0, this.#most);
  }

  stop(): void {
    this.#unsubscribe();
  }

  #of(endpoint: string): Attempts {
    const known = this.#attempts.get(endpoint);
    if (known) return known;
    const [first] = this.#attempts.keys();
    if (first !== undefined && this.#attempts.size >= MOST_KNOWN) this.#attempts.delete(first);
    const attempts = { succeeded: 0, failed: 0 };
    this.#attempts.set(endpoint, attempts);
    return attempts;
  }
}
