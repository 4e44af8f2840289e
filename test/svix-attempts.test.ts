import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { storeOf } from "../src/store/store-of.ts";
import { type Json, onBoth, SvixServer, svixApp } from "./support/svix.ts";
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

    test("an attempt is listed by endpoint and by message, looked up, and its answer erased", async (t) => {
      const { app, endpoint, send, attempts } = await svixApp(svix, t, {}, (delivery) =>
        delivery.answer(200, "thanks"),
      );
      const { id } = await send({ channels: ["eu"], tags: ["big"] });
      const page = await attempts(`msg/${id}`, 1);
      const { id: attempt, responseDurationMs, timestamp, ...rest } = page.data[0];
      assert.match(attempt, /^atmpt_/);
      assert.ok(responseDurationMs >= 0 && !Number.isNaN(Date.parse(timestamp)));
      assert.deepEqual(rest, {
        msgId: id,
        endpointId: endpoint.id,
        url: endpoint.url,
        response: "thanks",
        responseStatusCode: 200,
        status: 0,
        statusText: "success",
        triggerType: 0,
      });
      assert.deepEqual(await svix.get(`GET /app/${app}/msg/${id}/attempt/${attempt}`), page.data[0]);
      for (const path of [
        `attempt/endpoint/${endpoint.id}`,
        `msg/${id}/attempt`,
        `msg/${id}/endpoint/${endpoint.id}/attempt`,
        `attempt/msg/${id}?endpoint_id=${endpoint.id}`,
        `attempt/endpoint/${endpoint.id}?status=0`,
        `attempt/endpoint/${endpoint.id}?status_code_class=200&channel=eu&tag=big`,
        `attempt/endpoint/${endpoint.id}?event_types=x,a.b`,
      ])
        assert.deepEqual((await svix.get(`GET /app/${app}/${path}`)).data, page.data, path);
      for (const query of [
        "status=2",
        "status=1",
        "status_code_class=500",
        "status_code_class=0",
        "channel=us",
        "event_types=x",
        "before=2020-01-01T00:00:00Z",
      ])
        assert.deepEqual(
          (await svix.get(`GET /app/${app}/attempt/endpoint/${endpoint.id}?${query}`)).data,
          [],
          query,
        );
      const [withMessage] = (
        await svix.get(`GET /app/${app}/attempt/msg/${id}?with_msg=true&with_content=false`)
      ).data;
      assert.deepEqual(
        [withMessage.response, withMessage.msg.id, withMessage.msg.payload],
        ["{}", id, { n: 1 }],
      );
      assert.equal((await svix.ask(`DELETE /app/${app}/msg/${id}/attempt/${attempt}/content`)).status, 204);
      assert.equal((await svix.get(`GET /app/${app}/msg/${id}/attempt/${attempt}`)).response, "EXPUNGED");
      const { id: other } = await send();
      assert.equal((await svix.ask(`GET /app/${app}/msg/${other}/attempt/${attempt}`)).status, 404);
      assert.equal((await svix.ask(`GET /app/${app}/msg/unknown/attempt/${attempt}`)).status, 404);
    });

    test("attempts outlive their message: they are listed with it, which is null then", async (t) => {
      const { app, endpoint, send, attempts } = await svixApp(svix, t);
      const { id } = await send();
      const { data } = await attempts(`endpoint/${endpoint.id}`, 1);
      await storeOf(svix.posthorn).erasure.forgetEvents(app, 10);
      const listed = await svix.get(`GET /app/${app}/attempt/endpoint/${endpoint.id}?with_msg=true`);
      assert.deepEqual(listed.data, [{ ...data[0], msg: null }]);
      assert.equal((await svix.ask(`GET /app/${app}/msg/${id}`)).status, 404);
    });

    test("attempts are paged forwards and back", async (t) => {
      const { app, endpoint, send, attempts } = await svixApp(svix, t);
      const { id } = await send();
      for (let n = 0; n < 8; n++) {
        const resent = await svix.ask(`POST /app/${app}/msg/${id}/endpoint/${endpoint.id}/resend`);
        assert.deepEqual([resent.status, resent.body], [202, {}]);
      }
      for (const path of [`endpoint/${endpoint.id}`, `msg/${id}`]) {
        const all = ids(await attempts(path, 9));
        const list = (query: string) => svix.get(`GET /app/${app}/attempt/${path}?limit=3${query}`);
        const first = await list("");
        const second = await list(`&iterator=${first.iterator}`);
        const third = await list(`&iterator=${second.iterator}`);
        assert.deepEqual([first, second, third].flatMap(ids), all);
        assert.deepEqual([first.done, second.done, third.done], [false, false, true]);
        const back = await list(`&iterator=${third.prevIterator}`);
        assert.deepEqual([ids(back), back.done], [ids(second), false]);
        const start = await list(`&iterator=${back.prevIterator}`);
        assert.deepEqual([ids(start), start.done], [ids(first), true]);
      }
      const { data } = await svix.get(`GET /app/${app}/attempt/msg/${id}`);
      assert.equal(data.filter(({ triggerType }: Json) => triggerType === 1).length, 8);
      assert.equal((await svix.ask(`GET /app/${app}/attempt/msg/${id}?iterator=x`)).status, 422);
    });

    test("a failure is recorded, tried again, and shown as being sent; one by hand is not tried again", async (t) => {
      const { app, endpoint, send, attempts } = await svixApp(svix, t, {}, (delivery) =>
        delivery.answer(500, "oh"),
      );
      const { id } = await send();
      const [attempt] = (await attempts(`msg/${id}`, 1)).data;
      assert.deepEqual(
        [attempt.status, attempt.statusText, attempt.responseStatusCode, attempt.response],
        [2, "fail", 500, "oh"],
      );
      const messages = async (query = "") =>
        (await svix.get(`GET /app/${app}/endpoint/${endpoint.id}/msg?${query}`)).data;
      const [sending] = await messages();
      assert.deepEqual(
        [sending.id, sending.status, sending.statusText, sending.payload],
        [id, 3, "sending", { n: 1 }],
      );
      assert.ok(Date.parse(sending.nextAttempt) > Date.now() - 60_000);
      assert.deepEqual([ids({ data: await messages("status=3") }), await messages("status=0")], [[id], []]);
      const [destination] = (await svix.get(`GET /app/${app}/msg/${id}/endpoint`)).data;
      assert.deepEqual(
        [destination.id, destination.status, destination.metadata],
        [endpoint.id, 3, undefined],
      );
      for (const job of await svix.posthorn.jobs.list({ event: id })) await svix.posthorn.jobs.cancel(job.id);
      await svix.ask(`POST /app/${app}/msg/${id}/endpoint/${endpoint.id}/resend`);
      await until("the attempt by hand has failed", async () => (await messages("status=2")).length === 1);
      const jobs = await svix.posthorn.jobs.list({ event: id });
      assert.deepEqual(
        jobs.map(({ status, attempts: count }) => [status, count]),
        [
          ["failed", 1],
          ["cancelled", 1],
        ],
      );
    });

    test("the destinations of a message come in order, page by page, deleted ones among them", async (t) => {
      const { app, send, receiver, endpoint } = await svixApp(svix, t);
      const made = [endpoint.id];
      for (let n = 0; n < 4; n++)
        made.push((await svix.get(`POST /app/${app}/endpoint`, { url: receiver.url })).id);
      const { id } = await send();
      await receiver.received(5);
      await svix.ask(`DELETE /app/${app}/endpoint/${made[2]}`);
      const list = (query: string) => svix.get(`GET /app/${app}/msg/${id}/endpoint?${query}`);
      assert.deepEqual(ids(await list("")), made);
      const first = await list("limit=2");
      const second = await list(`limit=2&iterator=${first.iterator}`);
      assert.deepEqual(
        [ids(first), first.done, ids(second), second.done],
        [made.slice(0, 2), false, made.slice(2, 4), false],
      );
      const last = await list(`limit=2&iterator=${second.iterator}`);
      assert.deepEqual([ids(last), last.done], [made.slice(4), true]);
      const back = await list(`limit=2&iterator=${last.prevIterator}`);
      assert.deepEqual([ids(back), back.done], [made.slice(2, 4), false]);
      // as when some jobs are pruned while a page of them is read, so that it is short
      const { records } = storeOf(svix.posthorn);
      const whole = records.list.bind(records);
      const looks = t.mock.method(records, "list", async (...[filter, page]: Parameters<typeof whole>) => {
        const { jobs } = await whole(filter, { ...page, limit: 1 });
        return { jobs, searchedTo: jobs[0] ?? null };
      });
      assert.deepEqual(ids(await list("")), made);
      assert.equal(looks.mock.callCount(), made.length + 1);
    });

    test("a page of attempted messages takes as many queries of the database as one message", async (t) => {
      const { app, endpoint, send, attempts } = await svixApp(svix, t);
      const sent: string[] = [];
      for (let n = 0; n < 12; n++) sent.unshift((await send({ payload: { n } })).id);
      await attempts(`endpoint/${endpoint.id}`, 12);
      const { records, bulkJobs, events } = storeOf(svix.posthorn);
      const looks = [
        t.mock.method(records, "list"),
        t.mock.method(bulkJobs, "delivering"),
        t.mock.method(events, "get"),
        t.mock.method(events, "find"),
        t.mock.method(events, "getSmall"),
      ];
      const page = await svix.get(`GET /app/${app}/endpoint/${endpoint.id}/msg?limit=10&status=0`);
      assert.deepEqual(ids(page), sent.slice(0, 10));
      assert.deepEqual(
        page.data.map(({ payload }: Json) => payload.n),
        [11, 10, 9, 8, 7, 6, 5, 4, 3, 2],
      );
      assert.deepEqual(
        looks.map(({ mock }) => mock.callCount()),
        [1, 1, 0, 0, 1],
      );
      const rest = await svix.get(`GET /app/${app}/endpoint/${endpoint.id}/msg?iterator=${page.iterator}`);
      assert.deepEqual([ids(rest), rest.done], [sent.slice(10), true]);
      const { data } = await svix.get(`GET /app/${app}/msg?limit=12`);
      assert.equal(data[11].payload.n, 0);
      assert.deepEqual(
        looks.map(({ mock }) => mock.callCount()),
        [2, 2, 0, 0, 3],
      );
    });

    test("the attempts of an endpoint are counted, over at most 28 days", async (t) => {
      let failures = 1;
      const { app, endpoint, send, attempts } = await svixApp(svix, t, {}, (delivery) =>
        delivery.answer(failures-- > 0 ? 500 : 200),
      );
      await send();
      await attempts(`endpoint/${endpoint.id}`, 1);
      await send();
      await attempts(`endpoint/${endpoint.id}`, 2);
      const path = `/app/${app}/endpoint/${endpoint.id}`;
      const { success, fail } = await svix.get(`GET ${path}/attempt-stats`);
      assert.ok(success >= 1 && fail === 1);
      const stats = await svix.get(`GET ${path}/stats`);
      assert.deepEqual(Object.keys(stats).sort(), ["canceled", "fail", "pending", "sending", "success"]);
      const at = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
      assert.equal((await svix.get(`GET ${path}/stats?until=${at(-1)}`)).success, 0);
      for (const query of [`since=${at(-29)}`, `until=${at(1)}`, `since=${at(-1)}&until=${at(-2)}`]) {
        const { status, body } = await svix.ask(`GET ${path}/stats?${query}`);
        assert.deepEqual([status, body.code], [400, "invalid_range"], query);
      }
    });
  },
);
