import { isIP } from "node:net";
import { type Clock, systemClock } from "../../core/clock.ts";
import { isPublic, parseAddress } from "./address.ts";
import { AllowList } from "./allow-list.ts";
import { guardedConnector, type SteppedConnector, type TlsIdentity } from "./connector.ts";
import { DnsResolver } from "./dns-resolver.ts";
import type { Egress } from "./egress.ts";
import { EgressProxyError } from "./egress-proxy-error.ts";
import { ExpiringCache } from "./expiring-cache.ts";
import { tunnelConnector } from "./proxy-tunnel.ts";
import type { Resolver } from "./resolver.ts";
import { TargetRefusedError } from "./target-refused.ts";
import { hostOf, invalidTarget, parseTargetUrl } from "./target-url.ts";

/** A client waits no longer than this for a slow name server; the connection will be checked anyway. */
const PATIENCE_MS = 2_000;
const PASSED_TTL_MS = 30_000;
/** A target that passed only because its name could not be resolved is checked again sooner. */
const UNRESOLVED_TTL_MS = 5_000;
/** Of at most 2 048 characters each: a few megabytes. */
const REMEMBERED_URLS = 1_000;

/** RFC 6761 §6.3: these names are loopback everywhere, so no name server is asked. */
const LOOPBACK = ["127.0.0.1", "::1"] as const;

export interface TargetPolicyOptions {
  /** What is allowed although it is not public: addresses, ranges, host names, `*.` names. */
  readonly allow: readonly string[];
  /** Default: from whichever address the system chooses, without a proxy. */
  readonly egress?: Egress;
  readonly resolver?: Resolver;
  readonly clock?: Clock;
}

/**
 * Where webhooks may go: to public addresses, and to what the operator allows. Without this, anyone who can register
 * a webhook could reach the services of our own network (server-side request forgery).
 *
 * @example
 * const policy = new TargetPolicy({ allow: ["10.1.0.0/16", "hooks.internal"] });
 * const url = await policy.check("https://example.com/hooks");
 */
export class TargetPolicy {
  readonly #allow: AllowList;
  readonly #egress: Egress;
  readonly #resolver: Resolver;
  readonly #clock: Clock;
  /** By the URL as the caller wrote it. */
  readonly #passed: ExpiringCache<Readonly<URL> | Promise<Readonly<URL>>>;

  /** @throws ConfigurationError naming an invalid entry of `allow`. */
  constructor({ allow, egress = {}, resolver, clock = systemClock }: TargetPolicyOptions) {
    this.#allow = new AllowList(allow);
    this.#egress = egress;
    this.#resolver = resolver ?? new DnsResolver({ clock });
    this.#clock = clock;
    this.#passed = new ExpiringCache(REMEMBERED_URLS, clock);
  }

  /**
   * Checks a URL when it is accepted. A name that cannot be resolved now passes: the delivery will try again.
   * @returns the URL as it will be requested, at once if it was checked a moment ago; shared, so do not change it.
   * @throws InvalidInputError with the path `["targetUrl"]`, at once or later.
   */
  check(url: string | URL): Readonly<URL> | Promise<Readonly<URL>> {
    const given = typeof url === "string" ? url : url.href;
    const passed = this.#passed.get(given);
    if (passed) return passed;
    const parsed = parseTargetUrl(given);
    const host = hostOf(parsed);
    const verdict = this.#allow.allowsHost(host) || this.#judge(host);
    if (verdict === true) {
      this.#passed.set(given, parsed, PASSED_TTL_MS);
      return parsed;
    }
    const pending = this.#await(verdict, given, parsed);
    this.#passed.set(given, pending, PATIENCE_MS);
    return pending;
  }

  /** Makes connections that keep to this policy, whatever was checked before. @param tls what they show, and whom they trust. @param name of the proxy that they go through. */
  connector(tls: TlsIdentity = {}, name?: string): SteppedConnector {
    const { address, named } = this.#egress;
    const proxy = name === undefined ? this.#egress.proxy : named?.get(name);
    if (name !== undefined && !proxy) return refusing(name);
    if (!proxy) return guardedConnector((host) => this.#addressesFor(host), tls, address);
    return tunnelConnector((host) => this.#addressesFor(host), proxy, address, tls);
  }

  /** True, or the promise of it. */
  #judge(host: string): true | Promise<true> {
    try {
      const addresses = this.#addressesFor(host);
      return addresses instanceof Promise ? addresses.then(() => true) : true;
    } catch (error) {
      throw asInvalidInput(error);
    }
  }

  async #await(verdict: Promise<true>, given: string, parsed: URL): Promise<URL> {
    const patience = Promise.withResolvers<false>();
    const stop = this.#clock.after(PATIENCE_MS, () => patience.resolve(false));
    try {
      const resolved = await Promise.race([verdict.catch(unlessRefused), patience.promise]);
      this.#passed.set(given, parsed, resolved ? PASSED_TTL_MS : UNRESOLVED_TTL_MS);
      return parsed;
    } catch (error) {
      this.#passed.delete(given);
      throw asInvalidInput(error);
    } finally {
      stop();
    }
  }

  /**
   * The addresses that a host may be connected at, all of them.
   * @throws TargetRefusedError, at once or later; rejects with the resolver's error when the name is not known.
   */
  #addressesFor(host: string): readonly string[] | Promise<readonly string[]> {
    if (isIP(host) !== 0) {
      if (!this.#allowsAddress(host)) throw refusedAddress(host);
      return [host];
    }
    if (host === "localhost" || host.endsWith(".localhost")) return this.#loopbackFor(host);
    const resolved = this.#resolver.resolve(host);
    if (this.#allow.allowsHost(host)) return resolved;
    return resolved.then((addresses) => {
      if (!addresses.every((address) => this.#allowsAddress(address))) throw refusedName(host);
      return addresses;
    });
  }

  /** Allowing only 127.0.0.0/8 is enough for localhost, which is then connected to at that address only. */
  #loopbackFor(host: string): readonly string[] {
    if (this.#allow.allowsHost(host)) return LOOPBACK;
    const allowed = LOOPBACK.filter((address) => this.#allow.allowsAddress(parseAddress(address)));
    if (allowed.length === 0) throw refusedName(host);
    return allowed;
  }

  #allowsAddress(text: string): boolean {
    const address = parseAddress(text);
    return isPublic(address) || this.#allow.allowsAddress(address);
  }
}

/** It may have a proxy so that nothing leaves by another way, and so none is taken. */
function refusing(name: string): SteppedConnector {
  return (_options, callback) =>
    queueMicrotask(() =>
      callback(
        new EgressProxyError(
          `no egress proxy of this process is named ${name} (--egress-proxy ${name}=…)`,
          "error",
        ),
        null,
      ),
    );
}

function refusedAddress(address: string): TargetRefusedError {
  return new TargetRefusedError(
    `${address} is not a public address; to deliver there, list it or its range in allowTargets (--allow-targets)`,
  );
}

/** Does not say which address: that would let anyone who sends webhooks read the private name service. */
function refusedName(host: string): TargetRefusedError {
  return new TargetRefusedError(
    `${host} resolves to an address that is not public; to deliver there, list the name or the address's range in allowTargets (--allow-targets)`,
  );
}

function unlessRefused(error: unknown): false {
  if (error instanceof TargetRefusedError) throw error;
  return false;
}

function asInvalidInput(error: unknown): unknown {
  return error instanceof TargetRefusedError ? invalidTarget(error.message) : error;
}
