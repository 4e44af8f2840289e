import assert from "node:assert/strict";
import { test } from "node:test";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { Receiver } from "./support/receiver.ts";
import { onBoth, problemsOf, refusalOf, SvixServer } from "./support/svix.ts";

const postgres = scratchServer();
const HOOKS = "/operational-webhook/endpoint";

onBoth(
  () => postgres.newDatabase(),
  (database) => {
    test("operational webhooks go to endpoints of the reserved tenant, under Svix's names or ours", async (t) => {
      const svix = await SvixServer.open(await database());
      t.after(() => svix.close());
      const receiver = await Receiver.start(t);
      assert.deepEqual((await svix.get(`GET ${HOOKS}`)).data, []);
      const eventTypes = ["endpoint.disabled", "posthorn.endpoint.breaker_opened"];
      const hook = await svix.get(`POST ${HOOKS}`, { url: receiver.url, uid: "ours", eventTypes });
      assert.deepEqual([hook.eventTypes, hook.filterTypes, hook.disabled], [eventTypes, eventTypes, false]);
      const known = await svix.posthorn.webhooks.endpoints.get("posthorn", "ours");
      assert.deepEqual(known.eventTypes, ["posthorn.endpoint.disabled", "posthorn.endpoint.breaker_opened"]);
      const wrong = await svix.ask(`POST ${HOOKS}`, {
        url: receiver.url,
        eventTypes: ["message.attempt.log"],
      });
      assert.deepEqual(problemsOf(wrong), ["body.eventTypes"]);

      const changed = await svix.get(`PUT ${HOOKS}/ours`, {
        url: receiver.url,
        description: "Ours",
        eventTypes,
      });
      assert.deepEqual([changed.id, changed.description], [hook.id, "Ours"]);
      assert.deepEqual(
        (await svix.get(`GET ${HOOKS}`)).data.map(({ id }: { id: string }) => id),
        [hook.id],
      );
      assert.equal((await svix.ask(`PUT ${HOOKS}/ours/headers`, { headers: { "x-a": "1" } })).status, 204);
      assert.deepEqual((await svix.get(`GET ${HOOKS}/ours/headers`)).headers, { "x-a": "1" });
      const { key } = await svix.get(`GET ${HOOKS}/ours/secret`);
      assert.equal((await svix.ask(`POST ${HOOKS}/ours/secret/rotate`, {})).status, 204);
      assert.notEqual((await svix.get(`GET ${HOOKS}/ours/secret`)).key, key);

      const { id: app } = await svix.newApp();
      await svix.get(`PUT /app/${app}/endpoint/main`, { url: receiver.url });
      await svix.get(`PATCH /app/${app}/endpoint/main`, { disabled: true });
      const [told] = await receiver.received(1);
      assert.equal(told?.headers["x-a"], "1");
      const { type, data } = JSON.parse(told?.text ?? "");
      assert.deepEqual(
        [type, data.tenant_id, data.endpoint_uid],
        ["posthorn.endpoint.disabled", app, "main"],
      );

      assert.equal((await svix.ask(`DELETE ${HOOKS}/ours`)).status, 204);
      assert.deepEqual(refusalOf(await svix.ask(`GET ${HOOKS}/ours`)), [404, "not_found"]);
      const { token: ofTests } = await svix.keys.create({ name: "tests", role: "manage", mode: "test" });
      assert.deepEqual(refusalOf(await svix.ask(`GET ${HOOKS}`, undefined, { token: ofTests })), [
        404,
        "not_found",
      ]);
    });

    test("headers of an endpoint are removed by name or by null", async (t) => {
      const svix = await SvixServer.open(await database());
      t.after(() => svix.close());
      const { id: app } = await svix.newApp();
      const endpoint = {
        url: "http://127.0.0.1:9/",
        uid: "main",
        headers: { "x-a": "1", "X-B": "2", "x-c": "3" },
      };
      await svix.get(`POST /app/${app}/endpoint`, endpoint);
      const path = `/app/${app}/endpoint/main/headers`;
      const patch = { headers: { "x-a": null, "x-d": "4" }, deleteHeaders: ["x-b"] };
      assert.equal((await svix.ask(`PATCH ${path}`, patch)).status, 204);
      assert.deepEqual((await svix.get(`GET ${path}`)).headers, { "x-c": "3", "x-d": "4" });
    });
  },
);
