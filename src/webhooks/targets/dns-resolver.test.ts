import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../test/support/until.ts";
import { ManualClock } from "../../core/clock.ts";
import { nameServer } from "../test-kit/name-server.ts";
import { failure } from "../test-kit/scripted-resolver.ts";
import { DnsResolver } from "./dns-resolver.ts";

const unexpected = () => assert.fail("the system was asked");

test("both families are asked for, and one is enough", async () => {
  await using server = await nameServer({
    "both.example": { a: ["192.0.2.1", "192.0.2.2"], aaaa: ["2001:db8:0:0:0:0:0:1"] },
    "four.example": { a: ["192.0.2.4"] },
    "six.example": { aaaa: ["2001:db8:0:0:0:0:0:6"] },
  });
  const resolver = new DnsResolver({ servers: [server.address], lookup: unexpected });
  assert.deepEqual(await resolver.resolve("both.example"), ["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
  assert.deepEqual(await resolver.resolve("four.example"), ["192.0.2.4"]);
  assert.deepEqual(await resolver.resolve("six.example"), ["2001:db8::6"]);
});

test("what no name server knows, the system is asked for", async () => {
  await using server = await nameServer({ "empty.internal": {} });
  const lookup = async (host: string) =>
    host === "gone.internal" ? Promise.reject(failure("ENOTFOUND")) : ["10.0.0.5"];
  const resolver = new DnsResolver({ servers: [server.address], lookup });
  assert.deepEqual(await resolver.resolve("hosts-file.internal"), ["10.0.0.5"]);
  assert.deepEqual(await resolver.resolve("empty.internal"), ["10.0.0.5"]);
  await assert.rejects(resolver.resolve("gone.internal"), { code: "ENOTFOUND" });
});

test("a name server that fails is believed: the system would wait for it too, in one of its few threads", async () => {
  await using server = await nameServer({ "broken.example": 2 });
  const resolver = new DnsResolver({ servers: [server.address], lookup: unexpected });
  await assert.rejects(resolver.resolve("broken.example"), { code: "ESERVFAIL" });
});

test("concurrent look-ups of a name are one, and its answer is kept for 30 s", async () => {
  await using server = await nameServer({ "example.com": { a: ["192.0.2.1"] } });
  const clock = new ManualClock();
  const resolver = new DnsResolver({ servers: [server.address], lookup: unexpected, clock });
  await Promise.all(Array.from({ length: 20 }, () => resolver.resolve("example.com")));
  clock.advance(29_999);
  await resolver.resolve("example.com");
  assert.deepEqual(server.asked.sort(), ["example.com A", "example.com AAAA"]);
  clock.advance(1);
  await resolver.resolve("example.com");
  assert.equal(server.asked.length, 4);
});

test("a name that failed is asked for again after 5 s", async () => {
  await using server = await nameServer({});
  const clock = new ManualClock();
  const answers = [failure("ENOTFOUND"), ["10.0.0.5"]];
  const lookup = async () => {
    const answer = answers.shift();
    if (!Array.isArray(answer)) throw answer;
    return answer;
  };
  const resolver = new DnsResolver({ servers: [server.address], lookup, clock });
  await assert.rejects(resolver.resolve("new.internal"));
  await assert.rejects(resolver.resolve("new.internal"));
  clock.advance(5_000);
  assert.deepEqual(await resolver.resolve("new.internal"), ["10.0.0.5"]);
});

test("a query of one family that is never answered costs 50 ms, when the other's answer says what the name is", async () => {
  await using server = await nameServer({
    "four.example": { a: ["192.0.2.4"], aaaa: "silent" },
    "six.example": { a: "silent", aaaa: ["2001:db8:0:0:0:0:0:6"] },
    "gone.internal": { a: 3, aaaa: "silent" },
  });
  const clock = new WatchedClock();
  const lookup = async () => ["10.0.0.5"];
  const resolver = new DnsResolver({ servers: [server.address], lookup, clock, hasIpv6: () => true });
  for (const [name, addresses] of [
    ["four.example", ["192.0.2.4"]],
    ["six.example", ["2001:db8::6"]],
    ["gone.internal", ["10.0.0.5"]],
  ] as const) {
    const resolved = resolver.resolve(name);
    let known = false;
    void resolved.then(() => (known = true));
    while (clock.timers.size === 0) await new Promise(setImmediate);
    clock.advance(49);
    await new Promise(setImmediate);
    assert.equal(known, false);
    clock.advance(1);
    assert.deepEqual(await resolved, addresses);
  }
});

test("what the slower family answered after all counts from the next look on", async () => {
  let answer = () => {};
  await using server = await nameServer(
    {
      "late.example": { a: ["192.0.2.4"], aaaa: ["2001:db8:0:0:0:0:0:6"] },
    },
    (type) => (type === "A" ? new Promise<void>((resolve) => (answer = resolve)) : undefined),
  );
  const clock = new WatchedClock();
  const resolver = new DnsResolver({
    servers: [server.address],
    lookup: unexpected,
    clock,
    hasIpv6: () => true,
  });
  const first = resolver.resolve("late.example");
  while (clock.timers.size === 0) await new Promise(setImmediate);
  clock.advance(50);
  assert.deepEqual(await first, ["2001:db8::6"]);
  answer();
  await until("both are known", async () => (await resolver.resolve("late.example")).length === 2);
  assert.deepEqual(await resolver.resolve("late.example"), ["192.0.2.4", "2001:db8::6"]);
});

test("a machine without IPv6 waits for the A records", async () => {
  let answer = () => {};
  await using server = await nameServer(
    {
      "six.example": { a: ["192.0.2.4"], aaaa: ["2001:db8:0:0:0:0:0:6"] },
    },
    (type) => (type === "A" ? new Promise<void>((resolve) => (answer = resolve)) : undefined),
  );
  const clock = new WatchedClock();
  const resolver = new DnsResolver({
    servers: [server.address],
    lookup: unexpected,
    clock,
    hasIpv6: () => false,
  });
  const resolved = resolver.resolve("six.example");
  await until(
    "both were asked for",
    () => server.answered.includes("six.example AAAA") && server.asked.length === 2,
  );
  assert.equal(clock.timers.size, 0);
  answer();
  assert.deepEqual(await resolved, ["192.0.2.4", "2001:db8::6"]);
});

/** One that tells which timers are set. */
class WatchedClock extends ManualClock {
  readonly timers = new Set<() => void>();

  override after(ms: number, action: () => void) {
    const stop = super.after(ms, action);
    this.timers.add(stop);
    return () => {
      this.timers.delete(stop);
      stop();
    };
  }
}
