import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { ConfigurationError } from "../../core/errors.ts";

/** How connections leave this machine. */
export interface Egress {
  /** They go through it, each by a tunnel of its own. */
  readonly proxy?: EgressProxy;
  /** They leave from this address, and reach only those of its family; with a proxy, those to the proxy do. */
  readonly address?: string;
  /** Others, by the names that endpoints choose them by. */
  readonly named?: ReadonlyMap<string, EgressProxy>;
}

/** A proxy that takes CONNECT (RFC 9110 §9.3.6). */
export interface EgressProxy {
  readonly protocol: "http:" | "https:";
  readonly host: string;
  readonly port: number;
  /** What `Proxy-Authorization` is. */
  readonly authorization: string | undefined;
}

export interface EgressOptions {
  readonly egressProxy?: string | undefined;
  readonly egressProxies?: Readonly<Record<string, string>> | undefined;
  readonly egressAddress?: string | undefined;
}

export const EGRESS_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
export const EGRESS_NAME_RULE = "1 to 63 lower-case letters, digits, - and _";

/** @throws ConfigurationError, which repeats nothing of the proxy's URL: it may hold a password. */
export function egressOf({ egressProxy, egressProxies, egressAddress }: EgressOptions): Egress {
  const named = Object.entries(egressProxies ?? {}).map(([name, url]) => {
    if (!EGRESS_NAME.test(name))
      throw new ConfigurationError(
        `egressProxies: ${JSON.stringify(name)} is not a name: ${EGRESS_NAME_RULE}`,
      );
    return [name, proxyOf(url)] as const;
  });
  return {
    ...(named.length > 0 && { named: new Map(named) }),
    ...(egressProxy !== undefined && { proxy: proxyOf(egressProxy) }),
    ...(egressAddress !== undefined && { address: addressOf(egressAddress) }),
  };
}

function proxyOf(text: string): EgressProxy {
  const url = typeof text === "string" ? URL.parse(text) : null;
  const { protocol } = url ?? {};
  if (!url || (protocol !== "http:" && protocol !== "https:") || url.hostname === "" || url.pathname !== "/")
    throw new ConfigurationError(
      "egressProxy (--egress-proxy) must be the http or https URL of a proxy, such as http://user:password@proxy.internal:3128",
    );
  const pair = [url.username, url.password].map(unescaped).join(":");
  return {
    protocol,
    host: url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname,
    port: Number(url.port) || (protocol === "https:" ? 443 : 80),
    authorization: pair === ":" ? undefined : `Basic ${Buffer.from(pair).toString("base64")}`,
  };
}

/** A per cent sign that escapes nothing stands for itself. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function addressOf(text: string): string {
  if (isIP(text) === 0)
    throw new ConfigurationError(
      `egressAddress (--egress-address) must be an IP address, not ${JSON.stringify(text)}`,
    );
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  if (isLoopback(text) || own.some(({ address }) => address === text)) return text;
  throw new ConfigurationError(
    `egressAddress (--egress-address) must be an address of this machine, and ${text} is not; it has ${own.map(({ address }) => address).join(", ")}`,
  );
}

/** All of its block is this machine, though only one address is listed. */
function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}
