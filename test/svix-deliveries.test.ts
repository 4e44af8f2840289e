import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { storeOf } from "../src/store/store-of.ts";
import { type Json, onBoth, problemsOf, SvixServer, svixApp } from "./support/svix.ts";
import { until } from "./support/until.ts";

const postgres = scratchServer();

const ids = ({ data }: Json): string[] => data.map(({ id }: Json) => id);

onBoth(
  () => postgres.newDatabase(),
  (database) => {
    let svix: SvixServer;
    before(async () => {
      svix = await SvixServer.open(await database());
    });
    after(() => svix.close());

    test("a message is accepted, delivered with the headers of both, signed, and found by either id", async (t) => {
      const { receiver, app, endpoint, send } = await svixApp(svix, t);
      const message = await svix.ask(
        `POST /app/${app}/msg`,
        '{"eventType":"a.b","eventId":"evt_1","channels":["eu"],"payload":{ "n": 12345678901234567890 }}',
      );
      assert.equal(message.status, 202);
      const { id, timestamp, ...rest } = message.body;
      assert.match(id, /^msg_/);
      assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 600_000);
      assert.deepEqual(rest, {
        eventType: "a.b",
        eventId: "evt_1",
        channels: ["eu"],
        tags: null,
        payload: JSON.parse('{"n":12345678901234567890}'),
      });
      const [delivery] = await receiver.received(1);
      assert.equal(delivery?.text, '{ "n": 12345678901234567890 }');
      const { headers } = delivery;
      assert.deepEqual([headers["svix-id"], headers["webhook-id"]], [id, id]);
      const { key } = await svix.get(`GET /app/${app}/endpoint/${endpoint.id}/secret`);
      const signed = `${id}.${headers["svix-timestamp"]}.${delivery.text}`;
      const secret = Buffer.from(key.slice("whsec_".length), "base64");
      const signature = createHmac("sha256", secret).update(signed).digest("base64");
      assert.equal(headers["svix-signature"], `v1,${signature}`);

      for (const name of [id, "evt_1"]) {
        const found = await svix.get(`GET /app/${app}/msg/${name}`);
        assert.deepEqual({ ...found, timestamp }, message.body);
        assert.deepEqual((await svix.get(`GET /app/${app}/msg/${name}?with_content=false`)).payload, {});
      }
      const again = await svix.ask(`POST /app/${app}/msg`, {
        eventType: "a.b",
        eventId: "evt_1",
        channels: ["eu"],
        payload: { n: 1 },
      });
      assert.deepEqual([again.status, again.body.code], [409, "conflict"]);
      assert.deepEqual((await send({}, "?with_content=false")).payload, {});
      const { id: other } = await svix.newApp();
      assert.equal((await svix.ask(`GET /app/${other}/msg/${id}`)).status, 404);
    });

    test("a repeated request with the same key is the same message, whatever its event id", async (t) => {
      const { app, receiver } = await svixApp(svix, t);
      const ask = (payload: object) =>
        svix.ask(
          `POST /app/${app}/msg`,
          { eventType: "a.b", eventId: "once", payload },
          { "idempotency-key": "auto_1" },
        );
      const [first, second] = [await ask({ n: 1 }), await ask({ n: 2 })];
      assert.deepEqual([second.status, second.body.id, second.body.payload], [202, first.body.id, { n: 1 }]);
      await receiver.received(1);
      assert.equal((await svix.get(`GET /app/${app}/msg`)).data.length, 1);
    });

    test("an invalid message is refused by field; an unknown application is made only where it is described", async (t) => {
      const { app } = await svixApp(svix, t);
      for (const [body, field] of [
        [{ payload: {} }, "eventType"],
        [{ eventType: "a b", payload: {} }, "eventType"],
        [{ eventType: "a" }, "payload"],
        [{ eventType: "a", payload: [1] }, "payload"],
        [{ eventType: "a", payload: "text" }, "payload"],
        [{ eventType: "a", payload: {}, eventId: "msg_1" }, "eventId"],
        [{ eventType: "a", payload: {}, channels: ["a b"] }, "channels.0"],
        [{ eventType: "a", payload: {}, payloadRetentionPeriod: 91 }, "payloadRetentionPeriod"],
        [
          { eventType: "a", payload: {}, payloadRetentionPeriod: 5, payloadRetentionHours: 5 },
          "payloadRetentionHours",
        ],
        [{ eventType: "a", payload: {}, transformationsParams: { code: "x" } }, "transformationsParams.code"],
      ] as const) {
        const { status, body: answer } = await svix.ask(`POST /app/${app}/msg`, body);
        assert.deepEqual([status, answer.detail[0]?.loc.join(".")], [422, `body.${field}`]);
      }
      const message = { eventType: "a.b", payload: {} };
      const unknown = await svix.ask("POST /app/nobody/msg", message);
      assert.deepEqual([unknown.status, unknown.body.code], [404, "not_found"]);
      const uid = `made-${app}`;
      const of = (application: object, at = uid) =>
        svix.ask(`POST /app/${at}/msg`, { ...message, application });
      assert.equal((await of({ name: "Other", uid: "x" })).body.detail[0].type, "application_uid_mismatch");
      assert.equal((await of({ name: "None" })).body.detail[0].type, "application_uid_missing");
      assert.equal((await of({ name: "Made", uid })).status, 202);
      assert.equal((await of({ name: "Again", uid })).status, 202);
      assert.equal((await svix.get(`GET /app/${uid}`)).name, "Made");
      const large = await svix.ask(`POST /app/${app}/msg`, {
        ...message,
        payload: { text: "x".repeat(8_000_000) },
      });
      assert.deepEqual([large.status, large.body.code], [413, "payload_too_large"]);
    });

    test("a payload that may be kept only for a while is erased after it", async (t) => {
      const { app, send } = await svixApp(svix, t);
      await send({ payloadRetentionPeriod: 90 });
      const none = await svix.posthorn.jobs.list({ tasks: ["webhook.erase"] });
      const commit = t.mock.method(storeOf(svix.posthorn).queue, "commit");
      const { id } = await send({ payloadRetentionHours: 5 });
      const accepted = commit.mock.calls
        .flatMap(({ arguments: [{ submissions = [] }] }) => submissions)
        .find(({ event }) => event?.id === id);
      assert.deepEqual(
        accepted?.jobs.map(({ task }) => task),
        ["webhook.deliver", "webhook.erase"],
        "in one transaction",
      );
      const jobs = await svix.posthorn.jobs.list({ tasks: ["webhook.erase"] });
      assert.equal(jobs.length, none.length + 1, "the other one is gone before its 90 days are over");
      const [job] = jobs;
      assert.ok(
        job?.runAt && Math.abs(job.runAt.getTime() - job.createdAt.getTime() - 5 * 3_600_000) < 60_000,
      );
      await svix.posthorn.jobs.rerun(job.id);
      await until(
        "it has been erased",
        async () => (await svix.get(`GET /app/${app}/msg/${id}`)).payload.expired === true,
      );
    });

    test("a raw payload goes out as it is", async (t) => {
      const { send, receiver } = await svixApp(svix, t);
      await send({ payload: {}, transformationsParams: { rawPayload: '{"a" : 1}' } });
      const headers = { "content-type": "text/plain" };
      await send({ payload: {}, transformationsParams: { rawPayload: "hello", headers } });
      const deliveries = await receiver.received(2);
      assert.deepEqual(deliveries.map(({ text }) => text).sort(), ["hello", '{"a" : 1}']);
      const plain = deliveries.find(({ text }) => text === "hello");
      assert.equal(plain?.headers["content-type"], "text/plain");
    });

    test("a message goes to the endpoints that want its type, and share a channel if they have some", async (t) => {
      const { app, send, receiver } = await svixApp(svix, t);
      for (const name of ["fan.one", "fan.two"])
        await svix.ask("POST /event-type", { name, description: "" });
      const add = (fields: object) => svix.get(`POST /app/${app}/endpoint`, { url: receiver.url, ...fields });
      const [one, channel, off] = [
        await add({ eventTypes: ["fan.one"] }),
        await add({ channels: ["eu"] }),
        await add({ disabled: true }),
      ];
      assert.equal(off.disabled, true);
      const reached = async (body: object) => {
        const { id } = await send(body);
        const { data } = await svix.get(`GET /app/${app}/msg/${id}/endpoint`);
        return ids({ data });
      };
      assert.equal((await reached({ eventType: "fan.two" })).length, 1);
      const both = await reached({ eventType: "fan.one", channels: ["eu", "us"] });
      assert.deepEqual(
        [both.length, both.includes(one.id), both.includes(channel.id), both.includes(off.id)],
        [3, true, true, false],
      );
      assert.equal((await reached({ eventType: "fan.one" })).length, 2);
      const check = (body: object) => svix.get(`POST /app/${app}/msg/precheck/active`, body);
      assert.deepEqual(await check({ eventType: "fan.two" }), { active: true });
      const { id: none } = await svix.newApp();
      assert.deepEqual(await svix.get(`POST /app/${none}/msg/precheck/active`, { eventType: "a" }), {
        active: false,
      });
    });

    test("messages are listed newest first, by channel, type, tag and time", async (t) => {
      const { app, send } = await svixApp(svix, t);
      const made = [
        await send({ eventType: "l.one", channels: ["eu"], tags: ["big"] }),
        await send({ eventType: "l.two" }),
        await send({ eventType: "l.three", channels: ["eu", "us"] }),
      ].map(({ id }) => id);
      const list = async (query: string) =>
        ids(await svix.get(`GET /app/${app}/msg?${query}`))
          .map((id) => made.indexOf(id))
          .join();
      assert.equal(await list(""), "2,1,0");
      assert.equal(await list("channel=eu"), "2,0");
      assert.equal(await list("tag=big"), "0");
      for (const query of [
        "event_types=l.one,l.two",
        "event_types=l.one&event_types=l.two",
        "event_types[]=l.two&event_types[]=l.one",
        "event_types[0]=l.one&event_types[1]=l.two",
      ])
        assert.equal(await list(query), "1,0", query);
      assert.equal(await list("event_types=l.two"), "1");
      const moment = (ms: number) => new Date(Date.now() + ms).toISOString();
      assert.equal(await list(`before=${moment(3_600_000)}&after=${moment(-3_600_000)}`), "2,1,0");
      assert.equal(await list(`after=${moment(-3_600_000)}&limit=2`), "1,0");
      assert.equal(await list(`before=${moment(-3_600_000)}`), "");
      const page = await svix.get(`GET /app/${app}/msg?limit=2`);
      assert.deepEqual([page.done, page.iterator], [false, made[1]]);
      assert.equal(await list(`limit=2&iterator=${page.iterator}`), "0");
      assert.equal(await list(`limit=2&iterator=-${made[0]}`), "2,1");
      assert.deepEqual((await svix.get(`GET /app/${app}/msg?with_content=false`)).data[0].payload, {});
    });

    const finished = (task: string) =>
      until("it has finished", async () => {
        const found = await svix.get(`GET /background-task/${task}`);
        return found.status === "finished" && found;
      });

    test("payloads are listed as they were written, whatever their numbers and however deep their lists", async (t) => {
      const { app, endpoint, attempts } = await svixApp(svix, t);
      const payload = `{"n":12345678901234567890,"f":1.0,"deep":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
      await svix.get(`POST /app/${app}/msg`, `{"eventType":"a.b","payload":${payload}}`);
      await attempts(`endpoint/${endpoint.id}`, 1);
      const authorization = `Bearer ${svix.token}`;
      for (const list of [
        "msg",
        `endpoint/${endpoint.id}/msg`,
        `attempt/endpoint/${endpoint.id}?with_msg=true`,
      ]) {
        const answer = await svix.fetch("GET", `/api/v1/app/${app}/${list}`, undefined, { authorization });
        const text = await answer.text();
        assert.ok(
          answer.status === 200 && text.includes(`"payload":${payload}`),
          `${list}: ${answer.status}`,
        );
        assert.equal(JSON.parse(text).data.length, 1);
      }
    });

    test("a payload can be erased: the message stays, and is not sent again", async (t) => {
      const { app, send, endpoint, attempts } = await svixApp(svix, t);
      const { id } = await send();
      await attempts(`msg/${id}`, 1);
      assert.equal((await svix.ask(`DELETE /app/${app}/msg/${id}/content`)).status, 204);
      assert.deepEqual((await svix.get(`GET /app/${app}/msg/${id}`)).payload, { expired: true });
      const resend = await svix.ask(`POST /app/${app}/msg/${id}/endpoint/${endpoint.id}/resend`);
      assert.deepEqual([resend.status, resend.body.code], [400, "missing_payload"]);
      const { id: other } = await send();
      const { results } = await svix.get(`POST /app/${app}/msg/bulk-expunge`, { ids: [other, "unknown"] });
      assert.deepEqual(results, { [other]: "expunged", unknown: "not-found" });
    });

    test("what an endpoint missed, or did not take, is sent again by a background task", async (t) => {
      let isBroken = true;
      const { app, endpoint, receiver, send } = await svixApp(svix, t, {}, (delivery) =>
        delivery.answer(isBroken ? 400 : 200),
      );
      const { id: failed } = await send();
      const jobsOf = (status: "failed" | "succeeded") => svix.posthorn.jobs.list({ event: failed, status });
      for (const job of await svix.posthorn.jobs.list({ event: failed }))
        await svix.posthorn.jobs.cancel(job.id);
      await svix.ask(`POST /app/${app}/msg/${failed}/endpoint/${endpoint.id}/resend`);
      await until("it has failed", async () => (await jobsOf("failed")).length === 1);
      isBroken = false;
      const since = new Date(Date.now() - 3_600_000).toISOString();
      const path = `/app/${app}/endpoint/${endpoint.id}`;
      const recovery = await svix.ask(`POST ${path}/recover`, { since });
      assert.equal(recovery.status, 202);
      const { id, task, status } = recovery.body;
      assert.deepEqual([task, status], ["endpoint.recover", "running"]);
      assert.match(id, /^qtask_/);
      assert.deepEqual((await finished(id)).data, { messagesSent: 1 });
      await until("it was sent", async () => (await jobsOf("succeeded")).length === 1);

      const late = await svix.get(`POST /app/${app}/endpoint`, { url: receiver.url });
      const missing = await svix.get(`POST /app/${app}/endpoint/${late.id}/replay-missing`, { since });
      assert.deepEqual((await finished(missing.id)).data, { messagesSent: 1 });
      const listed = ids(await svix.get("GET /background-task?task=endpoint.replay&limit=250"));
      assert.ok(listed.includes(missing.id) && !listed.includes(id));
      const again = await svix.ask(`POST ${path}/bulk-replay`, { since, status: 2 });
      assert.deepEqual([again.status, again.body.task], [202, "endpoint.bulk-replay"]);
      assert.deepEqual((await finished(again.body.id)).data, { messagesSent: 0 });
      const old = new Date(Date.now() - 15 * 86_400_000).toISOString();
      for (const [request, body, field] of [
        ["recover", { since: old }, "since"],
        ["recover", {}, "since"],
        ["bulk-replay", { since, channel: 5 }, "channel"],
        ["bulk-replay", { since, eventTypes: [] }, "eventTypes"],
        ["bulk-replay", { since, status: 5 }, "status"],
        ["bulk-replay", { since, statusCodeClass: 401 }, "statusCodeClass"],
      ] as const) {
        const { status: refused, body: answer } = await svix.ask(`POST ${path}/${request}`, body);
        assert.deepEqual([refused, answer.detail[0].loc], [422, ["body", field]]);
      }
      assert.equal((await svix.ask("GET /background-task/qtask_none")).status, 404);
    });

    test("all payloads of an application are erased by a background task, and no other's", async (t) => {
      const { app, send } = await svixApp(svix, t);
      const other = await svixApp(svix, t);
      const made = [await send({ eventId: "one" }), await send(), await send({ tags: ["a"] })];
      const kept = await other.send();
      const path = `POST /app/${app}/msg/expunge-all-contents`;
      const asked = await svix.ask(path, undefined, { "idempotency-key": "once" });
      assert.equal(asked.status, 202);
      const { id, updatedAt, ...rest } = asked.body;
      assert.deepEqual(rest, { status: "running", task: "application.purge_content" });
      assert.equal(new Date(updatedAt).toISOString(), updatedAt);
      assert.equal((await svix.get(path, undefined, { "idempotency-key": "once" })).id, id);
      assert.deepEqual((await finished(id)).data, { messagesPurged: 3 });
      for (const { id: message } of made)
        assert.deepEqual((await svix.get(`GET /app/${app}/msg/${message}`)).payload, { expired: true });
      assert.deepEqual((await svix.get(`GET /app/${other.app}/msg/${kept.id}`)).payload, { n: 1 });
      const again = await svix.get(path);
      assert.deepEqual((await finished(again.id)).data, { messagesPurged: 0 });
      const listed = ids(await svix.get("GET /background-task?task=application.purge_content"));
      assert.deepEqual([listed.includes(id), listed.includes(again.id)], [true, true]);
      assert.equal((await svix.ask("POST /app/none/msg/expunge-all-contents")).status, 404);
    });

    test("a bulk replay sends those again that its filters choose", async (t) => {
      const { app, endpoint, send } = await svixApp(svix, t, {}, (delivery) =>
        delivery.answer(delivery.text.includes("bad") ? 500 : 200),
      );
      await svix.posthorn.webhooks.endpoints.patch(app, endpoint.id, { retry: { attempts: 1 } });
      await send({ eventType: "a.paid", channels: ["eu"], tags: ["vip"] });
      await send({ eventType: "b.paid", channels: ["us"] });
      await send({ eventType: "a.paid", payload: { n: "bad" } });
      const since = new Date(Date.now() - 3_600_000).toISOString();
      const replayed = async (filter: object) => {
        await until("nothing waits", async () => {
          const jobs = await svix.posthorn.jobs.list({ tenant: app, status: ["queued", "running"] });
          return jobs.length === 0;
        });
        const { id } = await svix.get(`POST /app/${app}/endpoint/${endpoint.id}/bulk-replay`, {
          since,
          ...filter,
        });
        return (await finished(id)).data.messagesSent;
      };
      assert.equal(await replayed({ eventTypes: ["b.paid", "c.paid"] }), 1);
      assert.equal(await replayed({ channel: "eu", eventTypes: null }), 1);
      assert.equal(await replayed({ tag: "vip" }), 1);
      assert.equal(await replayed({ status: 2 }), 1);
      assert.equal(await replayed({ status: 0, eventTypes: ["a.paid"] }), 1);
      assert.equal(await replayed({ statusCodeClass: 500 }), 1);
      assert.equal(await replayed({ statusCodeClass: 200 }), 2);
      assert.equal(await replayed({ statusCodeClass: 0 }), 0);
      assert.equal(await replayed({ status: 4 }), 0);
    });

    test("an example is sent to one endpoint, by what its type's schema shows", async (t) => {
      const { app, endpoint, receiver } = await svixApp(svix, t);
      const schemas = { "1": { type: "object", examples: [{ total: 5 }, { total: 6 }] } };
      await svix.ask("POST /event-type", { name: "example.with", description: "", schemas });
      await svix.ask("POST /event-type", { name: "example.without", description: "" });
      const path = `POST /app/${app}/endpoint/${endpoint.id}/send-example`;
      const sent = await svix.ask(path, { eventType: "example.with" });
      assert.deepEqual([sent.status, sent.body.eventType, sent.body.payload], [200, "example.with", {}]);
      assert.equal((await svix.ask(path, { eventType: "svix.ping" })).status, 200);
      assert.equal((await receiver.nth(0)).text, '{"total":5}');
      const other = await svix.ask(path, { eventType: "example.with", exampleIndex: 1 });
      assert.equal(other.status, 200);
      assert.equal((await receiver.nth(2)).text, '{"total":6}');
      assert.deepEqual(problemsOf(await svix.ask(path, { eventType: "example.with", exampleIndex: 2 })), [
        "body.exampleIndex",
      ]);
      assert.deepEqual([(await svix.ask(path, { eventType: "unknown" })).status], [404]);
      const without = await svix.ask(path, { eventType: "example.without" });
      assert.deepEqual([without.status, without.body.code], [400, "invalid_scheme"]);
    });
  },
);
