import type { Clock } from "../../core/clock.ts";
import type { Capability } from "../../webhooks/portal/capabilities.ts";
import type { Caller } from "./permission.ts";
import { Rates } from "./rates.ts";

/**
 * What makes the server send something, and how many a tenant's people may ask for in a minute: plenty for anyone who clicks, far too few
 * for a program that uses a session to keep the server, or somebody else's, busy. Previews of a replay count as replays, and a change may have an
 * endpoint asked to confirm that it wants events.
 */
const PER_MINUTE: Partial<Record<Capability, readonly [most: number, what: string]>> = {
  test: [30, "examples"],
  retry: [120, "deliveries"],
  replay: [30, "replays"],
  endpoints: [120, "changes"],
};

/** Limits what portal sessions make the server send. All sessions of a tenant share a limit; keys have none. */
export class SessionRates {
  readonly #clock: Clock;
  readonly #rates: ReadonlyMap<string, Rates>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#rates = new Map(
      Object.entries(PER_MINUTE).map(([capability, [most, what]]) => [
        capability,
        new Rates({
          ...{ perSecond: most / 60, atOnce: most, perDay: Number.POSITIVE_INFINITY },
          tooFast: `too many ${what} were asked for; try again shortly`,
          tooMany: "", // there is no limit per day
        }),
      ]),
    );
  }

  /** Counts a request. @throws RateLimitedError when the limit is reached; the request is then not counted. */
  take({ capabilities, reach }: Caller, used: Capability): void {
    const rates = capabilities === undefined ? undefined : this.#rates.get(used);
    const tenant = reach?.tenant;
    if (!rates || tenant === undefined) return;
    rates.check(tenant, this.#clock.now());
    rates.count(tenant);
  }
}
