import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startTestServer } from "../src/store/postgres/test-kit/server.ts";
import { MASTER_KEY } from "./support/endpoints.ts";
import { type Delivery, Receiver } from "./support/receiver.ts";
import { Server } from "./support/server.ts";
import { TokenServer } from "./support/token-server.ts";
import { until } from "./support/until.ts";

const WORKERS = 3;
/** How many each of them has under way at a time: half of its slots. */
const AT_ONCE = 4;
const EVENTS = 16;

/** Deliveries of three processes to an endpoint that lets only some tokens in; the token server's own ledger says who asked. */
async function sharesTokens(t: TestContext, database: string): Promise<void> {
  const flags = ["--database", database, "--concurrency", String(2 * AT_ONCE)];
  const start = () => Server.startWith(t, { POSTHORN_MASTER_KEY: MASTER_KEY }, ...flags);
  const server = await start(); // which makes the tables
  await Promise.all(Array.from({ length: WORKERS - 1 }, start));
  const tokens = await TokenServer.start(t);
  let good = "t0ken-number-1.of.the.server";
  let held: Delivery[] | undefined = [];
  const answer = (delivery: Delivery) =>
    delivery.answer(delivery.headers.authorization === `Bearer ${good}` ? 200 : 401);
  const receiver = await Receiver.start(t, (delivery) => {
    if (!held) return answer(delivery);
    held.push(delivery);
    // no process may have more under way, so now all of them have a token, or see immediately that it is refused
    if (held.length < WORKERS * AT_ONCE) return;
    for (const each of held) answer(each);
    held = undefined;
  });
  const auth = { kind: "oauth2", token_url: tokens.url, client_id: "c", client_secret: "s3cret" };
  const made = await server.api.post("/tenants/acme/endpoints", {
    ...{ url: receiver.url, auth, timeout: "5m", retry: { attempts: 3, delays: ["0s"] } },
  });
  assert.equal(made.status, 201, made.text);
  const deliver = async (total: number) => {
    const events = Array.from({ length: EVENTS }, (_, n) => ({ tenant: "acme", type: "a", payload: n }));
    await Promise.all(events.map((event) => server.api.post("/webhooks/events", event)));
    await until(
      "all were delivered",
      async () => (await server.api.jobsThatAre("succeeded")).length === total,
    );
  };
  await deliver(EVENTS);
  assert.equal(tokens.asked.length, 1, "one of three processes has asked");
  good = "t0ken-number-2.of.the.server"; // the first is revoked
  held = [];
  await deliver(2 * EVENTS);
  assert.equal(tokens.asked.length, 2, "one of three processes has asked again");
  assert.equal((await server.api.jobsThatAre("failed")).length, 0);
}

test("three processes ask for an access token once, and once more after it was refused", async (t) => {
  const server = await startTestServer();
  t.after(() => server.stop());
  await sharesTokens(t, await server.newDatabase());
});
