import assert from "node:assert/strict";
import { test } from "node:test";
import { createApp } from "../src/http/app.ts";
import { endpointPage, failingPage, waitingPage } from "../src/http/schemas/endpoint-list.ts";
import { openTestPosthorn } from "../src/testing/testing.ts";
import { StatementCount } from "./support/statement-count.ts";

test("the list of endpoints tells what runs and waits for each, and since when, by one query for all of them", async (t) => {
  const replies = new Map<string, number>();
  const posthorn = await openTestPosthorn({
    receive: async ({ targetUrl }) => replies.get(new URL(targetUrl).pathname.slice(1)) ?? 200,
  });
  t.after(() => posthorn.close());
  const { endpoints } = posthorn.webhooks;
  for (const uid of ["well", "failing", "paused", "idle"])
    await endpoints.create("acme", {
      uid,
      url: `https://hooks.example.com/${uid}`,
      eventTypes: uid === "idle" ? ["never"] : null,
    });
  await endpoints.create("other", { url: "https://other.example.com/" });
  const app = createApp(posthorn, { access: { mode: "dev" }, clock: posthorn.clock });
  const listed = async (query: string, tenant = "acme") => {
    const answer = await app.fetch(
      new Request(`http://127.0.0.1:8000/tenants/${tenant}/endpoints?order=ascending&${query}`),
    );
    assert.equal(answer.status, 200, await answer.clone().text());
    return endpointPage.parse(await answer.json()).data;
  };
  const backlogs = async () => {
    const data = await listed("backlog=true");
    return data.map(({ backlog }) => {
      const { running, due, held, scheduled, oldest_due_at } = backlog ?? assert.fail();
      return [running, due, held, scheduled, oldest_due_at];
    });
  };
  const none = [0, 0, 0, 0, null];
  assert.deepEqual(await backlogs(), [none, none, none, none]);
  assert.ok((await listed("")).every((each) => !("backlog" in each)));

  await endpoints.pause("acme", "paused");
  replies.set("failing", 500);
  const sentAt = new Date(posthorn.clock.now()).toISOString();
  for (const n of [1, 2, 3]) await posthorn.webhooks.send({ tenant: "acme", type: "a", payload: n });
  assert.deepEqual(await backlogs(), [
    [0, 3, 0, 0, sentAt],
    [0, 3, 0, 0, sentAt],
    [0, 0, 3, 0, sentAt],
    none,
  ]);
  const worst = async (limit = "") => {
    const answer = await app.fetch(new Request(`http://127.0.0.1:8000/backlogs${limit}`));
    return waitingPage.parse(await answer.json()).data.map(({ url, backlog }) => [url, backlog.due]);
  };
  const [well, failing] = ["well", "failing"].map((name) => [`https://hooks.example.com/${name}`, 3]);
  assert.deepEqual((await worst()).sort(), [well, failing].sort());
  assert.equal((await worst("?limit=1")).length, 1);
  const statements = new StatementCount(t);
  const reads = (ran: readonly string[]) => ran.filter((sql) => sql.includes("from lanes l")).length;
  assert.equal(reads(await statements.of(() => worst())), 0, "what was found holds for some seconds");
  await posthorn.drain();
  assert.deepEqual(await backlogs(), [none, [0, 0, 0, 3, null], [0, 0, 3, 0, sentAt], none]);

  assert.equal(reads(await statements.of(() => listed("backlog=true"))), 1);
  assert.equal(reads(await statements.of(() => listed("stats=24h"))), 0);

  await posthorn.clock.advance("6s");
  assert.ok(
    (await worst()).every(([url]) => url !== well?.[0]),
    "it no longer waits",
  );

  const { data } = await endpoints.list("acme");
  const ids = data.map(({ id }) => id);
  const paused = data.find(({ uid }) => uid === "paused") ?? assert.fail();
  assert.deepEqual((await endpoints.backlogs("acme", ids)).get(paused.id), {
    ...{ running: 0, due: 0, held: 3, scheduled: 0, oldestDueAt: new Date(sentAt) },
  });
  // another tenant's ids are nobody's
  const others = await endpoints.backlogs("other", [paused.id]);
  assert.deepEqual(
    [...others.values()].map(({ held }) => held),
    [0],
  );
  for (const limit of [0, 21, 1.5]) {
    await assert.rejects(endpoints.waitingLongest(limit), { code: "invalid_input" });
    await assert.rejects(endpoints.mostFailing(limit), { code: "invalid_input" });
  }
  // @ts-expect-error not a list
  await assert.rejects(endpoints.backlogs("acme", "main"), { code: "invalid_input" });
});

test("the endpoints of all tenants that fail most are found in their statistics, worst first, and none that is deleted", async (t) => {
  const posthorn = await openTestPosthorn({
    receive: async ({ targetUrl }) => Number(new URL(targetUrl).pathname.slice(1)),
  });
  t.after(() => posthorn.close());
  const { endpoints } = posthorn.webhooks;
  const retry = { attempts: 2 };
  for (const [tenant, status] of [
    ["acme", 200],
    ["acme", 500],
    ["globex", 503],
  ] as const)
    await endpoints.create(tenant, { uid: `${status}`, url: `https://hooks.example.com/${status}`, retry });
  const app = createApp(posthorn, { access: { mode: "dev" }, clock: posthorn.clock });
  const failing = async (query = "") => {
    const answer = await app.fetch(new Request(`http://127.0.0.1:8000/failing-endpoints${query}`));
    return failingPage.parse(await answer.json()).data;
  };
  assert.deepEqual(await failing(), []);
  for (const tenant of ["acme", "acme", "globex"])
    await posthorn.webhooks.send({ tenant, type: "a", payload: 1 });
  await posthorn.drain();
  await posthorn.clock.advance("1h");
  await posthorn.drain();
  await posthorn.clock.advance("20s");

  const found = await failing();
  assert.deepEqual(
    found.map(({ url, stats: { succeeded, failed, retried } }) => [url, succeeded, failed, retried]),
    [
      ["https://hooks.example.com/500", 0, 2, 2],
      ["https://hooks.example.com/503", 0, 1, 1],
    ],
  );
  assert.ok(found.every(({ stats }) => stats.attempt_ms));
  assert.equal((await failing("?limit=1")).length, 1);
  const statements = new StatementCount(t);
  const reads = (ran: readonly string[]) => ran.filter((sql) => sql.includes("endpoint_stats")).length;
  assert.equal(reads(await statements.of(() => failing())), 0, "what was found holds for some seconds");

  await endpoints.delete("acme", "500");
  await posthorn.clock.advance("16s");
  assert.deepEqual(
    (await failing()).map(({ url }) => url),
    ["https://hooks.example.com/503"],
  );
});
