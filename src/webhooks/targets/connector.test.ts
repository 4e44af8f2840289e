import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import type { buildConnector } from "undici";
import { httpReceiver } from "../test-kit/receiver.ts";
import { failure, ScriptedResolver } from "../test-kit/scripted-resolver.ts";
import { TargetPolicy } from "./target-policy.ts";
import { TargetRefusedError } from "./target-refused.ts";

/** Connects as undici would; the address that was reached. */
function reach(
  connect: buildConnector.connector,
  hostname: string,
  port: number,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, socket: Socket | null) => {
      const reached = socket?.remoteAddress;
      socket?.destroy();
      if (error) reject(error);
      else resolve(reached);
    };
    connect({ hostname, host: `${hostname}:${port}`, protocol: "http:", port: String(port) }, done);
  });
}

test("a name that rebinds to loopback after it was checked reaches nothing", async () => {
  await using server = await httpReceiver(() => {});
  const resolver = new ScriptedResolver({ "rebind.example": [["93.184.215.14"], ["127.0.0.1"]] });
  const policy = new TargetPolicy({ allow: [], resolver });
  await policy.check(`http://rebind.example:${server.port}/`);
  await assert.rejects(reach(policy.connector(), "rebind.example", server.port), TargetRefusedError);
  assert.equal(server.connections, 0);
});

test("the addresses that were judged are the ones connected to: there is no second look-up to answer otherwise", async () => {
  await using server = await httpReceiver(() => {});
  const resolver = new ScriptedResolver({ "flip.example": [["127.0.0.1"], ["127.0.0.2"]] });
  const policy = new TargetPolicy({ allow: ["127.0.0.1"], resolver });
  assert.equal(await reach(policy.connector(), "flip.example", server.port), "127.0.0.1");
  assert.deepEqual(resolver.asked, ["flip.example"]);
});

test("one private address among public ones is enough to refuse", async () => {
  await using server = await httpReceiver(() => {});
  const resolver = new ScriptedResolver({ "mixed.example": [["127.0.0.1", "127.0.0.2"]] });
  const policy = new TargetPolicy({ allow: ["127.0.0.1"], resolver });
  await assert.rejects(reach(policy.connector(), "mixed.example", server.port), TargetRefusedError);
  assert.equal(server.connections, 0);
});

test("addresses are judged although sockets do not look them up", async () => {
  await using server = await httpReceiver(() => {});
  const policy = new TargetPolicy({ allow: [], resolver: new ScriptedResolver({}) });
  for (const address of ["127.0.0.1", "::ffff:127.0.0.1", "::1", "0.0.0.0"]) {
    await assert.rejects(reach(policy.connector(), address, server.port), TargetRefusedError);
  }
  assert.equal(server.connections, 0);
});

test("localhost is never looked up, and is connected only at addresses that are allowed", async () => {
  await using server = await httpReceiver(() => {});
  const resolver = new ScriptedResolver({ localhost: [["93.184.215.14"]] });
  const refusing = new TargetPolicy({ allow: [], resolver });
  await assert.rejects(reach(refusing.connector(), "localhost", server.port), TargetRefusedError);
  const allowing = new TargetPolicy({ allow: ["127.0.0.0/8"], resolver });
  assert.equal(await reach(allowing.connector(), "localhost", server.port), "127.0.0.1");
  assert.deepEqual(resolver.asked, []);
});

test("an allowed name is connected wherever it leads", async () => {
  await using server = await httpReceiver(() => {});
  const resolver = new ScriptedResolver({ "hooks.internal": [["127.0.0.1"]] });
  const policy = new TargetPolicy({ allow: ["hooks.internal"], resolver });
  assert.equal(await reach(policy.connector(), "hooks.internal", server.port), "127.0.0.1");
});

test("an address that refuses does not hide the next one", async () => {
  await using server = await httpReceiver(() => {});
  const resolver = new ScriptedResolver({ "two.example": [["127.0.0.2", "::1", "127.0.0.1"]] });
  const policy = new TargetPolicy({ allow: ["127.0.0.0/8", "::1"], resolver });
  assert.equal(await reach(policy.connector(), "two.example", server.port), "127.0.0.1");
});

test("a name that cannot be resolved fails as the resolver says", async () => {
  const resolver = new ScriptedResolver({ "gone.example": [failure("ETIMEOUT")] });
  const policy = new TargetPolicy({ allow: [], resolver });
  await assert.rejects(reach(policy.connector(), "gone.example", 80), { code: "ETIMEOUT" });
});
