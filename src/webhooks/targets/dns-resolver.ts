import { lookup, Resolver as NameServers } from "node:dns/promises";
import { networkInterfaces } from "node:os";
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

/** RFC 8305 §3, Resolution Delay: some name servers never answer when they are asked for one of the families. */
const OTHER_FAMILY_DELAY_MS = 50;

export interface DnsResolverOptions {
  /** Name servers as `address:port`; default: the system's. */
  readonly servers?: readonly string[];
  /** The operating system's own look-up, which knows hosts files and search domains. */
  readonly lookup?: (host: string) => Promise<readonly string[]>;
  readonly clock?: Clock;
  /** Whether this machine can reach the Internet by IPv6. */
  readonly hasIpv6?: () => boolean;
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
  readonly #hasIpv6: () => boolean;
  readonly #answers: ExpiringCache<Promise<readonly string[]>>;

  constructor(options: DnsResolverOptions = {}) {
    const { servers, lookup = systemLookup, clock = systemClock, hasIpv6 = hasGlobalIpv6 } = options;
    this.#hasIpv6 = hasIpv6;
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
   * One family's addresses are enough: only these are connected to. Once one answer tells what the name is, the other is waited for only
   * a moment longer; what comes later counts from the next look on. AAAA records alone tell nothing to a machine without IPv6.
   */
  async #ask(host: string): Promise<readonly string[]> {
    const known: FamilyAnswer[] = [];
    const ask = async (asked: Promise<string[]>, place: number, isUsable: boolean) => {
      const answer = await answerOf(asked);
      known[place] = answer;
      if (answer.error?.code !== NO_SUCH_NAME && !(isUsable && answer.addresses.length > 0))
        throw new Error("it does not tell what the name is");
    };
    const asked = [
      ask(this.#servers.resolve4(host), 0, true),
      ask(this.#servers.resolve6(host), 1, this.#hasIpv6()),
    ];
    const all = Promise.allSettled(asked);
    await this.#orSoonAfter(Promise.any(asked), all);
    const addresses = addressesOf(known);
    void all.then(() => {
      const later = addressesOf(known);
      if (later.length > addresses.length) this.#answers.set(host, Promise.resolve(later), TTL_MS);
    });
    if (addresses.length > 0) return addresses;
    const serious = known.find(({ error }) => error && !UNKNOWN_HERE.has(error.code));
    if (serious) throw serious.error;
    return this.#lookup(host);
  }

  /** Waits for all, but only a moment longer than for the first. */
  async #orSoonAfter(first: Promise<void>, all: Promise<unknown>): Promise<void> {
    const late = Promise.withResolvers<void>();
    let stop = () => {};
    first.then(
      () => {
        stop = this.#clock.after(OTHER_FAMILY_DELAY_MS, late.resolve);
      },
      () => {}, // none tells: all are waited for
    );
    await Promise.race([all, late.promise]);
    stop();
  }
}

function addressesOf(answers: readonly FamilyAnswer[]): readonly string[] {
  return answers.flatMap(({ addresses }) => addresses);
}

/** An address that others can be reached from: neither loopback nor one of the link alone. */
function hasGlobalIpv6(): boolean {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.some(
    ({ family, internal, address }) => family === "IPv6" && !internal && !/^fe[89ab]/i.test(address),
  );
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
