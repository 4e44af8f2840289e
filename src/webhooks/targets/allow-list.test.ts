import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "../../core/errors.ts";
import { parseAddress } from "./address.ts";
import { AllowList } from "./allow-list.ts";

const list = new AllowList([
  "10.0.0.0/8",
  " 192.168.1.7 ",
  "::1",
  "fd00::/8",
  "::ffff:172.16.0.1",
  "Hooks.Internal",
  "*.corp.example",
  "localhost",
  "bücher.example",
  "with_underscore.example.",
]);

test("an address, or a range that holds it, lets it through", () => {
  for (const address of [
    "10.0.0.0",
    "10.255.255.255",
    "::ffff:10.1.2.3",
    "192.168.1.7",
    "::1",
    "fd12::1",
    "172.16.0.1",
  ]) {
    assert.equal(list.allowsAddress(parseAddress(address)), true, address);
  }
  for (const address of ["9.255.255.255", "11.0.0.0", "192.168.1.8", "::2", "fc00::1", "172.16.0.2"]) {
    assert.equal(list.allowsAddress(parseAddress(address)), false, address);
  }
});

test("a name is let through by itself or by the domain above it", () => {
  for (const host of [
    "hooks.internal",
    "a.corp.example",
    "a.b.corp.example",
    "localhost",
    "xn--bcher-kva.example",
    "with_underscore.example",
  ]) {
    assert.equal(list.allowsHost(host), true, host);
  }
  for (const host of [
    "x.hooks.internal",
    "internal",
    "corp.example",
    "notcorp.example",
    "localhost.example",
  ]) {
    assert.equal(list.allowsHost(host), false, host);
  }
});

const WRONG = [
  "",
  "*",
  "*.",
  "a.*.example",
  "10.0.0.0/33",
  "10.0.0.0/",
  "/8",
  "10.0.0/8",
  "10.0.0.0/8/8",
  "fd00::/129",
  "::ffff:10.0.0.0/104",
  "127.1",
  "2130706433",
  "0x7f.1",
  "1.2.3.4.5",
  "http://hooks.internal",
  "hooks.internal:8080",
  "hooks.internal/path",
  "[::1]",
  "a..b",
  "-a.example",
  "two words",
];

for (const entry of WRONG) {
  test(`the entry ${JSON.stringify(entry)} is refused by name`, () => {
    assert.throws(
      () => new AllowList(["127.0.0.1", entry]),
      (error) =>
        error instanceof ConfigurationError &&
        error.message.startsWith(`--allow-targets (allowTargets): ${JSON.stringify(entry)} `),
    );
  });
}
