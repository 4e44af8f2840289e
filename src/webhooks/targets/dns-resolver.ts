import { lookup, Resolver as NameServers } from "node:dns/promises";
import { type Clock, systemClock } from "../../core/clock.ts";
import { ExpiringCache } from "./expiring-cache.ts";
import type { Resolver } from "./resolver.ts";

/** Long enough that a busy target costs no look-ups, short enough that a receiver's new address is found soon. */
const TTL_MS = 30_000;
/** A name that could not be resolved is looked up again sooner. */
const FAILURE_TTL_MS = 5_000;
const CACHED_NAMES = 1_000;

/** The second try waits twice as long: at most about 3 s in all, within a connection's 5 s. */
const QUERY_TIMEOUT_MS = 1_000;
const QUERY_TRIES = 2;

/** RFC 8305 §3, Resolution Delay: some name servers never answer when they are asked for AAAA records. */
const AAAA_DELAY_MS = 50;

export interface DnsResolverOptions {
  /** Name servers as `address:port`; default: the system's. */
  readonly servers?: readonly string[];
  /** The operating system's own look-up, which knows hosts files and search domains. */
  readonly lookup?: (host: string) => Promise<readonly string[]>;
  readonly clock?: Clock;
}

/**
 * Asks the name servers directly, because the system's `getaddrinfo` takes one of four threads for as long as it waits,
 * and a few dead name servers would hold up every delivery. The system is asked only for names that no name server knows.
 * Concurrent look-ups of one name are combined.
 */
export class DnsResolver implements Resolver {
  readonly #servers: NameServers;
  readonly #lookup: (host: string) => Promise<readonly string[]>;
  readonly #clock: Clock;
  readonly #answers: ExpiringCache<Promise<readonly string[]>>;

  constructor({ servers, lookup = systemLookup, clock = systemClock }: DnsResolverOptions = {}) {
    this.#servers = new NameServers({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
    if (servers) this.#servers.setServers(servers);
    this.#lookup = lookup;
    this.#clock = clock;
    this.#answers = new ExpiringCache(CACHED_NAMES, clock);
  }

  resolve(host: string): Promise<readonly string[]> {
    const known = this.#answers.get(host);
    if (known !== undefined) return known;
    const asked = this.#ask(host);
    const keep = (ttlMs: number) => this.#answers.set(host, asked, ttlMs);
    keep(TTL_MS);
    asked.then(
      () => keep(TTL_MS),
      () => keep(FAILURE_TTL_MS),
    );
    return asked;
  }

  /**
   * One family's addresses are enough: only these are connected to. Once the answer for A records tells what the name is, the one
   * for AAAA is waited for only a moment longer. The other way round it is not: a machine without IPv6 needs the A records.
   */
  async #ask(host: string): Promise<readonly string[]> {
    const [four, six] = [answerOf(this.#servers.resolve4(host)), answerOf(this.#servers.resolve6(host))];
    const { addresses, error } = await four;
    const others = addresses.length > 0 || error?.code === NO_SUCH_NAME ? await this.#soon(six) : await six;
    if (addresses.length + others.addresses.length > 0) return [...addresses, ...others.addresses];
    const failures = [error, others.error].filter((failure) => failure !== undefined);
    const serious = failures.find((failure) => !UNKNOWN_HERE.has(failure.code));
    if (serious) throw serious;
    return this.#lookup(host);
  }

  async #soon(answer: Promise<FamilyAnswer>): Promise<FamilyAnswer> {
    const late = Promise.withResolvers<FamilyAnswer>();
    const stop = this.#clock.after(AAAA_DELAY_MS, () => late.resolve({ addresses: [] }));
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      stop();
    }
  }
}

/** The addresses of one family, or why there are none. */
interface FamilyAnswer {
  readonly addresses: readonly string[];
  readonly error?: NodeJS.ErrnoException;
}

async function answerOf(asked: Promise<string[]>): Promise<FamilyAnswer> {
  try {
    return { addresses: await asked };
  } catch (error) {
    return { addresses: [], error: error as NodeJS.ErrnoException }; // Node's resolver rejects with these
  }
}

/** RFC 2308 §2.1: it has no records of any kind. */
const NO_SUCH_NAME = "ENOTFOUND";

/** No such name, no address for it, or no name server to ask. */
const UNKNOWN_HERE = new Set<unknown>([NO_SUCH_NAME, "ENODATA", "EBADNAME", "ECONNREFUSED"]);

async function systemLookup(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
