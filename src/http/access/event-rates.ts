import type { Clock } from "../../core/clock.ts";
import { DAY_MS } from "../../core/duration.ts";
import { NotFoundError, RateLimitedError } from "../../core/errors.ts";
import { LruCache } from "../../core/lru-cache.ts";
import type { Tenants } from "../../webhooks/tenants/tenants.ts";

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

interface Taken {
  /** What is left in the bucket at the time `at`. */
  tokens: number;
  at: number;
  day: number;
  today: number;
}

interface Named {
  readonly id: string;
  /** When it was looked up. */
  readonly at: number;
}

interface Rate {
  readonly perSecond: number;
  readonly perDay: number;
}

/** The most tenants and keys to count; beyond this, those that sent longest ago start from scratch. */
const MOST_REMEMBERED = 100_000;
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
    this.#tenants = new Rates("tenant", {
      perSecond: options.tenantEventsPerSecond ?? unlimited,
      perDay: options.tenantEventsPerDay ?? unlimited,
    });
    this.#keys = new Rates("key", {
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

class Rates {
  readonly #what: string;
  readonly #rate: Rate;
  readonly #taken = new LruCache<string, Taken>(MOST_REMEMBERED);

  constructor(what: string, rate: Rate) {
    this.#what = what;
    this.#rate = rate;
  }

  get isLimited(): boolean {
    const { perSecond, perDay } = this.#rate;
    return perSecond < Number.POSITIVE_INFINITY || perDay < Number.POSITIVE_INFINITY;
  }

  check(name: string, now: number): void {
    if (!this.isLimited) return;
    const { perSecond, perDay } = this.#rate;
    const day = Math.floor(now / DAY_MS);
    const taken = this.#taken.get(name) ?? { tokens: perSecond, at: now, day, today: 0 };
    this.#taken.set(name, taken);
    if (taken.day !== day) Object.assign(taken, { day, today: 0 });
    taken.tokens = Math.min(perSecond, taken.tokens + (Math.max(0, now - taken.at) / 1_000) * perSecond);
    taken.at = now;
    if (taken.today >= perDay)
      throw new RateLimitedError(
        `this ${this.#what} has sent its ${perDay} events of today; try again tomorrow (UTC)`,
        Math.ceil(((day + 1) * DAY_MS - now) / 1_000),
      );
    if (taken.tokens < 1)
      throw new RateLimitedError(
        `this ${this.#what} sends more than ${perSecond} events a second; try again shortly`,
        Math.max(1, Math.ceil((1 - taken.tokens) / perSecond)),
      );
  }

  count(name: string): void {
    const taken = this.#taken.get(name);
    if (!taken) return;
    taken.tokens--;
    taken.today++;
  }
}
