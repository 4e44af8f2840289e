import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidInputError } from "../../core/errors.ts";
import { hostOf, LONGEST_URL, parseTargetUrl } from "./target-url.ts";

function detailOf(text: string): string {
  try {
    parseTargetUrl(text);
  } catch (error) {
    assert.ok(error instanceof InvalidInputError);
    assert.deepEqual(error.problems[0]?.path, ["targetUrl"]);
    return error.problems[0].detail;
  }
  return assert.fail(`${JSON.stringify(text)} was taken`);
}

test("http and https URLs are taken, with any port", () => {
  assert.equal(parseTargetUrl("http://example.com").href, "http://example.com/");
  assert.equal(parseTargetUrl("HTTPS://Example.COM:8443/a?b=c").href, "https://example.com:8443/a?b=c");
});

test("the trailing dot of a host and a fragment are left out", () => {
  assert.equal(parseTargetUrl("https://example.com./a?b#c").href, "https://example.com/a?b");
});

test("an IPv6 host is given without its brackets", () => {
  assert.equal(hostOf(parseTargetUrl("http://[2600::1]:80/")), "2600::1");
  assert.equal(hostOf(parseTargetUrl("http://example.com")), "example.com");
});

const NOT_ABSOLUTE_HTTP = [
  "",
  "example.com",
  "/hooks",
  "//example.com",
  "http:example.com",
  "http:/example.com",
  "http://",
  "http:///example.com",
  "http://?x",
  "http:\\\\example.com\\",
  "http://example.com\\@127.0.0.1",
  "ftp://example.com",
  "file:///etc/passwd",
  "javascript:alert(1)",
  " http://example.com",
  "http://example.com/\n",
  "http://exa\tmple.com/",
  "http://example.com/a b",
  "http://example.com/\0",
  "http://example.com:99999/",
  "http://1.2.3.4.5/",
  "http://[fe80::1%25eth0]/",
  "http://[::1",
  "http://a<b/",
];

for (const text of NOT_ABSOLUTE_HTTP) {
  test(`${JSON.stringify(text)} is not an absolute http URL`, () => {
    assert.match(detailOf(text), /^must be an absolute http or https URL/);
  });
}

test("credentials are refused", () => {
  for (const text of [
    "http://user@example.com",
    "http://user:pass@example.com",
    "http://:pass@example.com",
  ]) {
    assert.match(detailOf(text), /credentials/);
  }
});

test("a host with an empty label is refused", () => {
  for (const text of ["http://a..b/", "http://.a/", "http://localhost../"]) {
    assert.match(detailOf(text), /empty label/);
  }
});

test("a URL may be 2 048 characters long, also once it is percent-encoded", () => {
  const base = "http://example.com/";
  assert.equal(parseTargetUrl(base.padEnd(LONGEST_URL, "a")).href.length, LONGEST_URL);
  assert.match(detailOf(base.padEnd(LONGEST_URL + 1, "a")), /is 2049 characters long; at most 2048/);
  assert.match(detailOf(base.padEnd(LONGEST_URL, "ü")), /at most 2048/);
});

test("a host name that no name server could know is refused: 253 characters, 63 in a label, in ASCII", () => {
  const label = "a".repeat(63);
  const longest = `${label}.${label}.${label}.${"a".repeat(61)}`;
  assert.equal(parseTargetUrl(`http://${longest}./`).hostname.length, 253);
  assert.match(detailOf(`http://${longest}a/`), /a host name of 254 characters; at most 253/);
  assert.match(detailOf(`http://${label}a.example/`), /a label of 64 characters; at most 63/);
  assert.match(detailOf(`http://${"ü".repeat(60)}.example/`), /at most 63|must be an absolute/);
});
