import type { Clock } from "../../core/clock.ts";
import { NotFoundError } from "../../core/errors.ts";
import { LruCache } from "../../core/lru-cache.ts";
import type { Tenants } from "../../webhooks/tenants/tenants.ts";
import { MOST_REMEMBERED, type Rate, Rates } from "./rates.ts";

/** How many events this process accepts; what is left out is not limited. */
export interface EventRateOptions {
  /** Of one tenant, in each second; as many may come at once. */
  readonly tenantEventsPerSecond?: number | undefined;
  /** Of one tenant, in each day of UTC. */
  readonly tenantEventsPerDay?: number | undefined;
  /** With one API key, in each second; as many may come at once. */
  readonly keyEventsPerSecond?: number | undefined;
  /** With one API key, in each day of UTC. */
  readonly keyEventsPerDay?: number | undefined;
}

interface Named {
  readonly id: string;
  /** When it was looked up. */
  readonly at: number;
}

/** How long a uid's tenant is remembered, because a uid may pass to another tenant. */
const NAMES_HOLD_MS = 10_000;

/** Limits accepted events by tenant and by key. Each process counts for itself, in memory. */
export class EventRates {
  readonly #clock: Clock;
  readonly #tenants: Rates;
  readonly #keys: Rates;
  readonly #lookUp: Pick<Tenants, "get">;
  /** Tenants by the names that events use for them: a uid or an id. */
  readonly #names = new LruCache<string, Named>(MOST_REMEMBERED);

  constructor(options: EventRateOptions, tenants: Pick<Tenants, "get">, clock: Clock) {
    const unlimited = Number.POSITIVE_INFINITY;
    this.#clock = clock;
    this.#lookUp = tenants;
    this.#tenants = ratesOf("tenant", {
      perSecond: options.tenantEventsPerSecond ?? unlimited,
      perDay: options.tenantEventsPerDay ?? unlimited,
    });
    this.#keys = ratesOf("key", {
      perSecond: options.keyEventsPerSecond ?? unlimited,
      perDay: options.keyEventsPerDay ?? unlimited,
    });
  }

  /**
   * Counts an event. One for an unknown tenant only counts for its key.
   * @param name the tenant's uid or id. @throws RateLimitedError when the limit is reached; the event is then not counted.
   */
  async take(name: string, key: string): Promise<void> {
    const tenant = this.#tenants.isLimited ? await this.#idOf(name) : undefined;
    const now = this.#clock.now();
    if (tenant !== undefined) this.#tenants.check(tenant, now);
    this.#keys.check(key, now);
    if (tenant !== undefined) this.#tenants.count(tenant);
    this.#keys.count(key);
  }

  async #idOf(name: string): Promise<string | undefined> {
    const now = this.#clock.now();
    const known = this.#names.get(name);
    if (known && Math.abs(now - known.at) < NAMES_HOLD_MS) return known.id;
    try {
      const { id } = await this.#lookUp.get(name);
      this.#names.set(name, { id, at: now });
      return id;
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }
}

function ratesOf(what: string, { perSecond, perDay }: Pick<Rate, "perSecond" | "perDay">): Rates {
  return new Rates({
    ...{ perSecond, atOnce: perSecond, perDay },
    tooFast: `this ${what} sends more than ${perSecond} events a second; try again shortly`,
    tooMany: `this ${what} has sent its ${perDay} events of today; try again tomorrow (UTC)`,
  });
}
