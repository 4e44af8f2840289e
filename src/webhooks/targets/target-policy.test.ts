import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { ConfigurationError, InvalidInputError } from "../../core/errors.ts";
import { failure, ScriptedResolver } from "../test-kit/scripted-resolver.ts";
import { TargetPolicy } from "./target-policy.ts";

const nothing = new ScriptedResolver({});

async function refusalOf(policy: TargetPolicy, url: string): Promise<string> {
  try {
    await policy.check(url);
  } catch (error) {
    assert.ok(error instanceof InvalidInputError, `${error}`);
    assert.deepEqual(error.problems[0]?.path, ["targetUrl"]);
    return error.problems[0].detail;
  }
  return assert.fail(`${url} was let through`);
}

const SPELLINGS_OF_LOOPBACK = [
  "http://127.0.0.1",
  "http://127.1",
  "http://127.0.1",
  "http://2130706433",
  "http://0x7f.1",
  "http://0x7f000001",
  "http://0177.0.0.1",
  "http://017700000001",
  "http://127.0.0.1.",
  "http://127.255.0.9:8080/hooks",
  "http://%31%32%37.0.0.1",
  "http://127.0.0.%31",
  "http://１２７.０.０.１",
  "http://127。0。0。1",
  "http://①②⑦.0.0.1",
  "http://0",
  "http://0.0.0.0",
  "http://[::1]",
  "http://[0:0:0:0:0:0:0:1]",
  "http://[::]",
  "http://[::ffff:127.0.0.1]",
  "http://[::ffff:7f00:1]",
  "http://[::127.0.0.1]",
  "http://[64:ff9b::7f00:1]",
  "http://[2002:7f00:1::]",
  "http://localhost",
  "http://LOCALHOST",
  "http://localhost.",
  "http://ⓛocalhost",
  "http://l%6fcalhost",
  "http://anything.localhost",
  "https://anything.localhost.:8443",
];

for (const url of SPELLINGS_OF_LOOPBACK) {
  test(`${url} is refused without asking a name server, with what to do`, async () => {
    const resolver = new ScriptedResolver({});
    assert.match(
      await refusalOf(new TargetPolicy({ allow: [], resolver }), url),
      /not .*public.*--allow-targets/,
    );
    assert.deepEqual(resolver.asked, []);
  });
}

test("private and metadata addresses are refused", async () => {
  const policy = new TargetPolicy({ allow: [], resolver: nothing });
  for (const host of [
    "10.0.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "[fd00:ec2::254]",
    "[::ffff:169.254.169.254]",
  ]) {
    assert.match(await refusalOf(policy, `http://${host}/`), /is not a public address/);
  }
});

test("a public address passes at once", () => {
  const policy = new TargetPolicy({ allow: [], resolver: nothing });
  assert.equal((policy.check("http://0x01010101/") as URL).href, "http://1.1.1.1/"); // no promise for a literal
});

test("a name passes when all its addresses are public", async () => {
  const resolver = new ScriptedResolver({ "example.com": [["93.184.215.14", "2606:2800:21f::1"]] });
  const policy = new TargetPolicy({ allow: [], resolver });
  assert.equal((await policy.check(new URL("https://Example.com/a#b"))).href, "https://example.com/a");
});

test("a public name with one private address is refused, without telling which", async () => {
  const resolver = new ScriptedResolver({ "evil.example": [["93.184.215.14", "10.9.8.7"]] });
  const policy = new TargetPolicy({ allow: [], resolver });
  const detail = await refusalOf(policy, "http://evil.example/");
  assert.match(detail, /^evil\.example resolves to an address that is not public/);
  assert.doesNotMatch(detail, /10\.9/);
});

for (const code of ["ENOTFOUND", "ESERVFAIL", "ETIMEOUT"]) {
  test(`a name that cannot be resolved now (${code}) passes: the delivery will try again`, async () => {
    const resolver = new ScriptedResolver({ "new.example": [failure(code)] });
    const policy = new TargetPolicy({ allow: [], resolver });
    assert.equal((await policy.check("http://new.example/")).hostname, "new.example");
  });
}

test("a client waits 2 s for a name server, no longer", async () => {
  const clock = new ManualClock();
  const never = new Promise<string[]>(() => {});
  const policy = new TargetPolicy({
    allow: [],
    clock,
    resolver: new ScriptedResolver({ "slow.example": [never] }),
  });
  const checked = policy.check("http://slow.example/");
  clock.advance(2_000);
  assert.equal((await checked).hostname, "slow.example");
});

test("a name is asked for once in 30 s, and then again", async () => {
  const clock = new ManualClock();
  const resolver = new ScriptedResolver({ "example.com": [["93.184.215.14"], ["127.0.0.1"]] });
  const policy = new TargetPolicy({ allow: [], clock, resolver });
  const url = "http://example.com/hooks";
  await Promise.all([policy.check(url), policy.check(url)]);
  clock.advance(29_999);
  assert.ok(policy.check(url) instanceof URL);
  assert.equal(resolver.asked.length, 1);
  clock.advance(1);
  await refusalOf(policy, url);
  assert.equal(resolver.asked.length, 2);
});

test("a refusal is not remembered", async () => {
  const resolver = new ScriptedResolver({ "example.com": [["127.0.0.1"], ["93.184.215.14"]] });
  const policy = new TargetPolicy({ allow: [], resolver });
  await refusalOf(policy, "http://example.com/");
  await policy.check("http://example.com/");
});

test("an allowed range lets through addresses and names that lead into it", async () => {
  const resolver = new ScriptedResolver({
    "in.example": [["10.1.0.1", "93.184.215.14"]],
    "out.example": [["10.1.0.1", "10.2.0.1"]],
  });
  const policy = new TargetPolicy({ allow: ["10.1.0.0/16"], resolver });
  await policy.check("http://10.1.255.255/");
  await policy.check("http://in.example/");
  await refusalOf(policy, "http://10.2.0.1/");
  await refusalOf(policy, "http://out.example/");
});

test("an allowed name passes without being resolved", async () => {
  const resolver = new ScriptedResolver({ "other.internal": [["10.0.0.1"]] });
  const policy = new TargetPolicy({ allow: ["hooks.internal", "*.corp"], resolver });
  await policy.check("http://hooks.internal./");
  await policy.check("http://a.b.corp/");
  assert.deepEqual(resolver.asked, []);
  await refusalOf(policy, "http://other.internal/");
});

test("localhost passes by name, and by either of its addresses", async () => {
  for (const allow of ["localhost", "127.0.0.0/8", "::1"]) {
    await new TargetPolicy({ allow: [allow], resolver: nothing }).check("http://localhost:9000/");
  }
  const policy = new TargetPolicy({ allow: ["localhost"], resolver: nothing });
  await refusalOf(policy, "http://127.0.0.1/");
  await refusalOf(policy, "http://sub.localhost/");
});

test("a wrong entry of the allow list is found at the start", () => {
  assert.throws(() => new TargetPolicy({ allow: ["10.0.0.0/33"] }), ConfigurationError);
});
