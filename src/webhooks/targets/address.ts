import ipaddr from "ipaddr.js";

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An IP address as parsed; one that only wraps an IPv4 address (`::ffff:10.0.0.1`) counts as that. */
export function parseAddress(text: string): Address {
  return ipaddr.process(text);
}

/** The one block from which IANA assigns global unicast addresses (RFC 4291 §2.4); everything else in IPv6 is special or unassigned. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/** Numerically a public address, but inside Azure it is the host's own agent and answers with secrets. */
const AZURE_HOST_AGENT = "168.63.129.16";

/**
 * Whether an address is one that anyone on the internet could have: not private, loopback, link-local, multicast,
 * reserved, for documentation (RFC 6890 and its successors), nor one that tunnels to such (NAT64, 6to4, Teredo).
 */
export function isPublic(address: Address): boolean {
  if (address.range() !== "unicast") return false;
  return address.kind() === "ipv6" ? address.match(GLOBAL_UNICAST) : address.toString() !== AZURE_HOST_AGENT;
}
