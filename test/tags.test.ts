import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { ran } from "../src/cli/test-kit/recorded-io.ts";
import { createClient } from "../src/client/client.ts";
import { InvalidInputError, request, task } from "../src/posthorn.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { serveHere } from "./support/in-process.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";

const MASTER_KEY = Buffer.alloc(32, 7).toString("base64");
const take = task<{ data: { id: number } }>("take", { run: () => {} });
const greet = task("greet", { run: () => {} });

describe("on SQLite", () => stories(async () => scratchDatabase()));
describe("on PostgreSQL", () => {
  const server = scratchServer();
  stories(() => server.newDatabase());
});

function stories(newDatabase: () => Promise<string>): void {
  const serve = async (t: TestContext) =>
    serveHere(t, { database: await newDatabase(), tasks: [greet], masterKey: MASTER_KEY });

  test("a job of a task and a delivery are tagged, show their tags and are found by them, through the library and the client", async (t) => {
    const receiver = await Receiver.start(t, (delivery) => delivery.answer(204, ""));
    const { posthorn, api, database } = await serve(t);
    const client = createClient({ url: api.url });
    const tags = ["order:42", "shop/b"];
    const made = [
      (await posthorn.enqueue(greet, undefined, { tags })).jobId,
      (await posthorn.webhooks.deliver({ targetUrl: receiver.url, payload: 1, tags })).jobId,
      (await client.enqueue("greet", undefined, { tags })).jobId,
      (await client.deliver({ targetUrl: receiver.url, payload: 1, tags })).jobId,
    ];
    await posthorn.enqueue(greet, undefined, { tags: ["order:4"] });
    await posthorn.enqueue(greet, undefined);
    assert.deepEqual((await posthorn.jobs.list({ tag: "order:42" })).map(({ id }) => id).sort(), made.sort());
    for (const id of made) {
      assert.deepEqual((await posthorn.jobs.get(id)).tags, tags);
      assert.deepEqual((await client.job(id)).tags, tags);
    }
    const shown = await ran(["jobs", "show", made[0] ?? "", "--database", database]);
    assert.match(shown.stdout, /^tags +order:42, shop\/b$/m);
  });

  test("a delivery of an event has the event's tags, also the one that a redelivery makes", async (t) => {
    const receiver = await Receiver.start(t, (delivery) => delivery.answer(204, ""));
    const { posthorn } = await serve(t);
    const { webhooks } = posthorn;
    const url = `${receiver.url}/in`;
    const { endpoint } = await webhooks.endpoints.create("acme", { url });
    const { eventId } = await webhooks.send({ tenant: "acme", type: "a", payload: 1, tags: ["order:42"] });
    const tagged = () => posthorn.jobs.list({ tag: "order:42" });
    assert.deepEqual(
      (await tagged()).map((job) => [job.eventId, job.tags]),
      [[eventId, ["order:42"]]],
    );
    await webhooks.redeliver("acme", eventId, endpoint.id);
    assert.deepEqual(
      (await tagged()).map((job) => job.trigger),
      ["manual", null],
    );
  });

  test("tags are read out of payloads of deliveries, events and inputs where that is set", async (t) => {
    const receiver = await Receiver.start(t, (delivery) => delivery.answer(204, ""));
    const payloadTags = { order: "$.data.id" };
    const options = { database: await newDatabase(), tasks: [take], masterKey: MASTER_KEY, payloadTags };
    const { posthorn, api } = await serveHere(t, options);
    const payload = { data: { id: 42 } };
    await posthorn.webhooks.endpoints.create("acme", { url: `${receiver.url}/in` });
    await api.ask("POST", "/tasks/take", { input: payload, options: { tags: ["own"] } });
    await api.ask("POST", "/webhooks/deliver", { target_url: receiver.url, payload });
    await api.ask("POST", "/webhooks/events", { tenant: "acme", type: "a", payload });
    await posthorn.enqueueMany([request(take, payload)]);
    await posthorn.enqueue(take, { data: { id: 41 } });
    const tagged = await posthorn.jobs.list({ tag: "order:42" });
    assert.deepEqual(tagged.map((job) => job.tags).sort(), [
      ["order:42"],
      ["order:42"],
      ["order:42"],
      ["own", "order:42"],
    ]);
    const { data } = await posthorn.webhooks.events.list("acme", { tag: "order:42" });
    assert.equal(data.length, 1);
  });

  test("tags that are not tags are refused, by their field", async (t) => {
    const { posthorn, api } = await serve(t);
    const wrong = { options: { tags: ["a b"] } };
    const answer = await api.ask("POST", "/tasks/greet", wrong);
    assert.deepEqual(
      [answer.status, /"pointer":"\/options\/tags\/0"/.test(answer.text)],
      [422, true],
      answer.text,
    );
    const deliver = await api.ask("POST", "/webhooks/deliver", {
      ...{ target_url: "http://127.0.0.1:9/", payload: 1 },
      tags: Array.from({ length: 11 }, (_, n) => `t${n}`),
    });
    assert.deepEqual([deliver.status, /"pointer":"\/tags"/.test(deliver.text)], [422, true], deliver.text);
    await assert.rejects(
      posthorn.enqueue(greet, undefined, { tags: "order:42" as never }),
      InvalidInputError,
    );
    assert.deepEqual(await posthorn.jobs.list({}), []);
  });
}
