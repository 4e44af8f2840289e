import { domainToASCII } from "node:url";
import ipaddr from "ipaddr.js";
import { ConfigurationError } from "../../core/errors.ts";
import { type Address, parseAddress } from "./address.ts";

/** What an operator lets through although it is not public. */
export class AllowList {
  readonly #ranges: readonly [Address, number][];
  readonly #hosts: ReadonlySet<string>;
  readonly #domains: readonly string[];

  /**
   * @param entries addresses (`10.1.2.3`, `fd00::1`), ranges (`10.0.0.0/8`), host names (`hooks.internal`) and
   * everything below a name (`*.internal`).
   * @throws ConfigurationError naming the first invalid entry.
   */
  constructor(entries: readonly string[]) {
    if (!Array.isArray(entries))
      throw new ConfigurationError('allowTargets must be a list, such as ["10.0.0.0/8", "hooks.internal"]');
    const parsed = entries.map(parseEntry);
    this.#ranges = parsed.flatMap((entry) => ("range" in entry ? [entry.range] : []));
    this.#hosts = new Set(parsed.flatMap((entry) => ("host" in entry ? [entry.host] : [])));
    this.#domains = parsed.flatMap((entry) => ("domain" in entry ? [entry.domain] : []));
  }

  /** Whether an address is allowed, whatever name led to it. */
  allowsAddress(address: Address): boolean {
    return this.#ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
  }

  /** Whether a name is allowed, whatever it resolves to. */
  allowsHost(host: string): boolean {
    return this.#hosts.has(host) || this.#domains.some((domain) => host.endsWith(domain));
  }
}

/** `domain` begins with its dot. */
type Entry = { range: [Address, number] } | { host: string } | { domain: string };

function parseEntry(given: string): Entry {
  const entry = given.trim();
  if (entry.includes("/")) return { range: parseRange(entry) };
  if (isPlainAddress(entry)) {
    const address = parseAddress(entry);
    return { range: [address, address.kind() === "ipv4" ? 32 : 128] };
  }
  if (entry.startsWith("*.")) return { domain: `.${parseHost(entry.slice(2), entry)}` };
  return { host: parseHost(entry, entry) };
}

function parseRange(entry: string): [Address, number] {
  const [base = "", bits = ""] = entry.split("/");
  if (!isPlainAddress(base) || !/^\d{1,3}$/.test(bits) || !ipaddr.isValidCIDR(entry)) {
    throw wrong(entry, "a range is an address and its bits, such as 10.0.0.0/8 or fd00::/8");
  }
  const address = ipaddr.parse(base);
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) {
    throw wrong(entry, "an IPv4 range inside IPv6 is matched as IPv4; write it as IPv4");
  }
  return [address, Number(bits)];
}

/** Not the short forms and other bases that inet_aton accepts: they are more often mistakes than intended. */
function isPlainAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(":") && ipaddr.IPv6.isValid(text));
}

const LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?";
const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;

function parseHost(text: string, entry: string): string {
  const host = HOST.test(text.toLowerCase()) ? text.toLowerCase() : domainToASCII(text).replace(/\.$/, "");
  if (host.length <= 253 && HOST.test(host) && !ENDS_IN_NUMBER.test(host)) return host;
  throw wrong(entry, "give host names without scheme, port and path, such as hooks.internal or *.internal");
}

function wrong(entry: string, advice: string): ConfigurationError {
  return new ConfigurationError(
    `--allow-targets (allowTargets): ${JSON.stringify(entry)} is not an address, range or host name; ${advice}`,
  );
}
