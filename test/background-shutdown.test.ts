import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../src/cli/test-kit/child.ts";
import { Receiver } from "./support/receiver.ts";

test("SIGTERM: best-effort tasks that wait and run are drained, then the process ends with 0", async (t) => {
  const receiver = await Receiver.start(t, () => {}); // the test answers
  const server = await answered(t, receiver, "1m");
  const first = await receiver.nth(0);
  server.process.kill("SIGTERM");
  await server.shows("stdout", /stopping/);
  first.answer(200);
  (await receiver.nth(1)).answer(200);
  (await receiver.nth(2)).answer(200);
  assert.equal(await server.exit(), 0);
  assert.match(server.stdout, /dropped 0, running 0/);
  assert.deepEqual(
    receiver.ledger.map(({ path }) => path),
    ["/1", "/2", "/3"],
  );
});

test("SIGTERM: past the time to drain the rest is dropped, a handler that ignores its signal is left behind", async (t) => {
  const receiver = await Receiver.start(t, () => {});
  const server = await answered(t, receiver, "50ms");
  await receiver.nth(0);
  server.process.kill("SIGTERM");
  assert.equal(await server.exit(), 0);
  assert.match(server.stdout, /dropped 2, running 1/);
  assert.match(server.stderr, /"dropped":2/);
  assert.equal(receiver.ledger.length, 1);
});

/** A server in a process of its own, once it has answered the request that added its tasks. */
async function answered(t: TestContext, receiver: Receiver, drainFor: string): Promise<Child> {
  const main = fileURLToPath(new URL("support/background-server.ts", import.meta.url));
  const server = new Child(t, [receiver.url, drainFor], {}, main);
  const [, port] = await server.shows("stdout", /port (\d+)/);
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
  assert.equal(answer.status, 202);
  return server;
}
