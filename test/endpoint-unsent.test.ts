import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { createApp } from "../src/http/app.ts";
import { endpointDetail, endpointPage } from "../src/http/schemas/endpoint-list.ts";
import { eventAtEndpoint, unsentPage } from "../src/http/schemas/unsent.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { openTestPosthorn } from "../src/testing/testing.ts";
import { MASTER_KEY } from "./support/endpoints.ts";
import { open } from "./support/posthorn.ts";
import { StatementCount } from "./support/statement-count.ts";

const URL_OF = (name: string) => `https://hooks.example.com/${name}`;

async function setUp(t: TestContext) {
  const posthorn = await openTestPosthorn();
  t.after(() => posthorn.close());
  const app = createApp(posthorn, { access: { mode: "dev" }, clock: posthorn.clock });
  return {
    posthorn,
    endpoints: posthorn.webhooks.endpoints,
    async ask(path: string, status = 200): Promise<unknown> {
      const answer = await app.fetch(new Request(`http://127.0.0.1:8000/tenants/acme/endpoints${path}`));
      assert.equal(answer.status, status, await answer.clone().text());
      return answer.json();
    },
  };
}

test("an endpoint's list of what it did not get names each event with the reason", async (t) => {
  const { posthorn, endpoints, ask } = await setUp(t);
  const { webhooks, clock } = posthorn;
  await endpoints.create("acme", { uid: "other", url: URL_OF("other") });
  const send = async (eventId: string, more: object = {}) => {
    await clock.advance("1s");
    return webhooks.send({ tenant: "acme", type: "invoice.paid", payload: { n: 1 }, eventId, ...more });
  };
  await send("before");
  await clock.advance("1s");
  await endpoints.create("acme", {
    ...{ uid: "main", url: URL_OF("main"), eventTypes: ["invoice.*"], filter: { "$.n": 1 } },
  });
  await send("sent");
  await send("of-another-type", { type: "user.made" });
  await send("filtered", { payload: { n: 2 } });
  await webhooks.eventTypes.create({ name: "invoice.old" });
  await webhooks.eventTypes.patch("invoice.old", { isArchived: true });
  await send("archived", { type: "invoice.old" });
  await clock.advance("1s");
  await endpoints.disable("acme", "main");
  const disabledAt = new Date(clock.now());
  await send("missed");
  await endpoints.enable("acme", "main");
  await send("sent-later");
  await posthorn.drain();

  const listed = async (query = "") => {
    const { data, ...rest } = unsentPage.parse(await ask(`/main/unsent${query}`));
    return { ids: data.map(({ given_event_id, reason }) => [given_event_id, reason]), ...rest };
  };
  const ALL = [
    ["missed", "disabled"],
    ["archived", "archived"],
    ["filtered", "filter"],
    ["of-another-type", "type"],
  ];
  const all = await listed();
  assert.deepEqual([all.ids, all.next_cursor, all.complete], [ALL, null, true]);
  assert.deepEqual((await listed("?reason=disabled,filter")).ids, [ALL[0], ALL[2]]);
  assert.deepEqual((await listed("?type=invoice.old")).ids, [ALL[1]]);
  assert.deepEqual((await listed(`?since=${disabledAt.toISOString()}`)).ids, [ALL[0]]);
  assert.deepEqual((await listed(`?until=${disabledAt.toISOString()}`)).ids, ALL.slice(1));
  await ask("/main/unsent?reason=bored", 422);
  await ask("/nobody/unsent", 404);

  const pages: unknown[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const { ids, next_cursor } = await listed(`?limit=1${cursor && `&cursor=${cursor}`}`);
    pages.push(...ids);
    cursor = next_cursor;
  }
  assert.deepEqual(pages, ALL, "one by one");

  const one = async (event: string) => {
    const { reason, job_id } = eventAtEndpoint.parse(await ask(`/main/events/${event}`));
    return [reason, job_id !== null];
  };
  assert.deepEqual(await one("missed"), ["disabled", false]);
  assert.deepEqual(await one("sent"), [null, true]);
  assert.deepEqual(await one("before"), ["too_old", false]);
  await ask("/main/events/unheard-of", 404);

  await webhooks.replay("acme", "main", { since: disabledAt, what: "missing", startsIn: 0 });
  for (let n = 0; n < 5; n++) {
    await posthorn.drain();
    await clock.advance("1s");
  }
  assert.deepEqual((await listed()).ids, ALL.slice(1), "what was replayed is no longer missed");
  assert.deepEqual(await one("missed"), [null, true]);
});

test("a page of what was not sent looks at 250 events at most, by as many statements for few as for many", async (t) => {
  const { posthorn, endpoints } = await setUp(t);
  await endpoints.create("acme", { uid: "main", url: URL_OF("main"), eventTypes: ["rare"] });
  const send = async (count: number, type: string) => {
    for (let n = 0; n < count; n++) await posthorn.webhooks.send({ tenant: "acme", type, payload: n });
  };
  await send(1, "common");
  const statements = new StatementCount(t);
  const unsent = (after?: string) => endpoints.unsent("acme", "main", { reasons: ["disabled"], after });
  const lists = (ran: readonly string[]) =>
    ran.filter((sql) => sql.includes("from posthorn.events") || /from events\b/.test(sql)).length;
  assert.equal(lists(await statements.of(() => unsent())), 1);
  await send(299, "common");
  const first = await unsent();
  assert.deepEqual(first.data, []);
  assert.ok(first.nextCursor && first.searchedTo);
  assert.equal(lists(await statements.of(() => unsent())), 1);
  const second = await unsent(first.nextCursor);
  assert.deepEqual([second.data, second.nextCursor], [[], null]);
});

test("endpoints are listed by status, by the type of events that they get, and by text", async (t) => {
  const { endpoints, ask, posthorn } = await setUp(t);
  for (let n = 0; n < 12; n++)
    await endpoints.create("acme", {
      uid: `ep-${n}`,
      url: URL_OF(`${n}`),
      description: n === 3 ? "Zürich, التقارير" : "",
      eventTypes: n % 3 === 0 ? null : n % 3 === 1 ? ["invoice.*"] : ["user.made"],
    });
  await endpoints.disable("acme", "ep-4", {}, { actor: "ana", reason: "it is moving" });
  const page = async (query: string) => endpointPage.parse(await ask(`?order=ascending&${query}`));
  const uids = async (query: string) => (await page(query)).data.map(({ uid }) => uid?.slice(3));
  assert.deepEqual(await uids("status=disabled"), ["4"]);
  assert.deepEqual(await uids("event_type=invoice.paid"), ["0", "1", "3", "4", "6", "7", "9", "10"]);
  assert.deepEqual(await uids("event_type=invoice.paid&status=disabled"), ["4"]);
  assert.deepEqual(await uids("text=Z%C3%9CRICH"), ["3"]);
  assert.deepEqual(await uids("text=nowhere"), []);
  const [disabled] = (await page("status=disabled")).data;
  assert.deepEqual([disabled?.status_actor, disabled?.status_reason], ["ana", "it is moving"]);
  await ask("?status=asleep", 422);
  await ask("?event_type=%20", 422);

  const seen: (string | undefined)[] = [];
  let next: string | null = "";
  let last: string | null = null;
  for (; next !== null; ) {
    const { data, next_cursor, prev_cursor } = await page(
      `event_type=user.made&limit=3${next && `&cursor=${next}`}`,
    );
    seen.push(...data.map(({ uid }) => uid?.slice(3)));
    [next, last] = [next_cursor, prev_cursor];
  }
  assert.deepEqual(seen, ["0", "2", "3", "5", "6", "8", "9", "11"]);
  assert.deepEqual(await uids(`event_type=user.made&limit=3&cursor=${last}`), ["5", "6", "8"].slice(-3));

  await posthorn.clock.advance("1h");
  await endpoints.rotateSecret("acme", "ep-0", { overlap: "2h" });
  const { secrets, backlog } = endpointDetail.parse(await ask("/ep-0?secrets=true&backlog=true"));
  const hour = 3_600_000;
  const [current, old] = secrets ?? [];
  assert.equal(current?.expires_at, null);
  assert.equal(Date.parse(current?.created_at ?? "") - Date.parse(old?.created_at ?? "") >= hour, true);
  assert.equal(Date.parse(old?.expires_at ?? "") - Date.parse(current?.created_at ?? ""), 2 * hour);
  assert.deepEqual(backlog, { running: 0, due: 0, held: 0, scheduled: 0, oldest_due_at: null });
  assert.equal("secrets" in endpointDetail.parse(await ask("/ep-0")), false);
});

describe("on PostgreSQL", () => {
  const server = scratchServer();

  test("what an endpoint did not get is told apart from what waits for it", async (t) => {
    const posthorn = await open(t, {
      ...{ database: await server.newDatabase(), worker: false, masterKey: MASTER_KEY },
      allowTargets: ["127.0.0.1"],
    });
    const { endpoints } = posthorn.webhooks;
    const send = (eventId: string) =>
      posthorn.webhooks.send({ tenant: "acme", type: "a", payload: 1, eventId });
    await endpoints.create("acme", { uid: "main", url: "http://127.0.0.1:9/" });
    await send("waits");
    await endpoints.disable("acme", "main");
    await send("missed");
    const { data, nextCursor } = await endpoints.unsent("acme", "main");
    assert.deepEqual(
      [data.map(({ givenEventId, reason }) => [givenEventId, reason]), nextCursor],
      [[["missed", "disabled"]], null],
    );
    const { reason, jobId } = await endpoints.eventAt("acme", "main", "waits");
    const [job] = await posthorn.jobs.list();
    assert.deepEqual([reason, jobId], [null, job?.id]);
    await assert.rejects(endpoints.eventAt("acme", "main", "it's not\0one"), { code: "event_not_found" });
  });
});
