import assert from "node:assert/strict";
import { test } from "node:test";
import { isPublic, parseAddress } from "./address.ts";

const PUBLIC = [
  "1.0.0.0 1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 168.63.129.15",
  "168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.88.98.255 192.88.100.0",
  "192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0",
  "223.255.255.255 2600::1 2001:200::1 2606:4700:4700::1111 2a00:1450:4001:80b::200e 2003::1 3ffe::1 ::ffff:1.1.1.1",
].flatMap((line) => line.split(" "));

/** The first and the last address of every block that a webhook may not reach, and some within. */
const NOT_PUBLIC = {
  "this network": "0.0.0.0 0.255.255.255",
  "private use": "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255",
  "carrier-grade NAT": "100.64.0.0 100.100.100.200 100.127.255.255",
  loopback: "127.0.0.0 127.0.0.1 127.255.255.255 ::1",
  "link-local": "169.254.0.0 169.254.169.254 169.254.255.255 fe80:: fe80::1 febf:ffff::1",
  "protocol assignments": "192.0.0.0 192.0.0.192 192.0.0.255 2001:1::1 2001:1ff:ffff::1",
  documentation:
    "192.0.2.0 192.0.2.255 198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255 2001:db8:: 2001:db8:ffff::1 3fff:: 3fff:fff:ffff::1",
  "6to4 relays": "192.88.99.0 192.88.99.255",
  benchmarking: "198.18.0.0 198.19.255.255 2001:2::1",
  multicast: "224.0.0.0 239.255.255.255 ff00:: ff02::1 ffff:ffff::1",
  reserved: "240.0.0.0 255.255.255.254 255.255.255.255",
  "the Azure host agent": "168.63.129.16 ::ffff:168.63.129.16",
  unspecified: "::",
  "IPv4 in IPv6": "::ffff:10.0.0.1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::127.0.0.1 ::ffff:0:127.0.0.1",
  NAT64: "64:ff9b:: 64:ff9b::7f00:1 64:ff9b::1.1.1.1 64:ff9b:1:: 64:ff9b:1:ffff::1",
  "discard only": "100:: 100::ffff:ffff:ffff:ffff",
  Teredo: "2001:: 2001:0:ffff::1",
  "6to4": "2002:: 2002:7f00:1:: 2002:ffff::1",
  "segment routing": "5f00:: 5f00:ffff::1",
  "unique local": "fc00:: fd00:ec2::254 fdff:ffff::1",
  "site-local": "fec0::1 feff:ffff::1",
  "not assigned by IANA": "4000::1 1fff::1 8000::1 c000::1",
  "a zone of one machine": "fe80::1%eth0",
};

test("addresses next to the special blocks are public", () => {
  for (const address of PUBLIC) assert.equal(isPublic(parseAddress(address)), true, address);
});

for (const [what, addresses] of Object.entries(NOT_PUBLIC)) {
  test(`an address is not public: ${what}`, () => {
    for (const address of addresses.split(" ")) {
      assert.equal(isPublic(parseAddress(address)), false, address);
    }
  });
}
