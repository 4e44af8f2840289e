import assert from "node:assert/strict";
import { test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import { activityPage } from "../src/http/schemas/audit.ts";
import { storeOf } from "../src/store/store-of.ts";
import { openTestPosthorn } from "../src/testing/testing.ts";

const HOOK = "https://hooks.example.com";

async function served() {
  const posthorn = await openTestPosthorn({
    receive: ({ targetUrl }) => (targetUrl.endsWith("/leaves") ? 410 : 200),
  });
  const keys = new Keys(storeOf(posthorn).keys, systemClock);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
  const ask = (token: string, path: string, init: RequestInit = {}) =>
    app.fetch(
      new Request(`http://127.0.0.1${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      }),
    );
  const page = async (token: string, query = "") => {
    const answer = await ask(token, `/tenants/acme/activity${query}`);
    assert.equal(answer.status, 200);
    return activityPage.parse(await answer.json());
  };
  return { posthorn, keys, ask, page };
}

test("what was done to a tenant's endpoints and deliveries is listed page by page, for those who see the tenant", async (t) => {
  const { posthorn, keys, ask, page } = await served();
  t.after(() => posthorn.close());
  const { endpoints, eventTypes, portal, tenants } = posthorn.webhooks;
  for (const name of ["invoice.paid", "payroll.run"]) await eventTypes.create({ name });
  const made = async (tenant: string, path: string) =>
    (await endpoints.create(tenant, { url: `${HOOK}/${path}` }, { actor: "ana" })).endpoint.id;
  const [kept, gone, leaves] = [
    await made("acme", "kept"),
    await made("acme", "gone"),
    await made("acme", "leaves"),
  ];
  await endpoints.patch("other", await made("other", "theirs"), { description: "not acme's" });
  await endpoints.patch("acme", kept, { url: `${HOOK}/moved` }, { actor: "ana", reason: "a new server" });
  await endpoints.delete("acme", gone, { actor: "key_secret" });
  await endpoints.patch("acme", kept, { eventTypes: ["invoice.paid", "payroll.run"] });
  const { eventId } = await posthorn.webhooks.send({ tenant: "acme", type: "payroll.run", payload: {} });
  await posthorn.drain();
  const { token: own } = await portal.create("acme", { sessionId: "s1" });
  const at = `/tenants/acme/endpoints/${kept}`;
  const asked = [
    [`${at}/test`, { type: "payroll.run" }],
    [`${at}/secret/rotate`, {}],
    [`${at}/events/${eventId}/redeliver`, {}],
    [`${at}/replay`, { since: "1h", what: "all" }],
  ] as const;
  for (const [path, body] of asked) {
    const answer = await ask(own, path, { method: "POST", body: JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${await answer.text()}`);
  }
  await ask(own, `${at}/secret`);

  const { token: admin } = await keys.create({ name: "all", role: "admin" });
  const all = await page(admin);
  const told = ({ data }: typeof all) =>
    data.map(({ action, actor, endpoint }) => [action, actor, endpoint?.endpoint_id]);
  const bySession = [
    "endpoint.secret.show",
    "bulk.start",
    "event.redeliver",
    "endpoint.secret.rotate",
    "endpoint.test",
  ];
  const session = all.data[0]?.actor ?? "";
  assert.match(session, /^portal:app_\w+:s1$/);
  assert.deepEqual(told(all), [
    ...bySession.map((action) => [action, session, kept]),
    ["endpoint.disable", null, leaves],
    ["endpoint.update", "library", kept],
    ["endpoint.delete", "key_secret", gone],
    ["endpoint.update", "ana", kept],
    ...[leaves, gone, kept].map((id) => ["endpoint.create", "ana", id]),
  ]);
  const ofDeleted = all.data.find(({ action }) => action === "endpoint.delete");
  assert.deepEqual(ofDeleted?.endpoint, { endpoint_id: gone, url: `${HOOK}/gone`, is_deleted: true });
  const [moved] = all.data.filter(({ reason }) => reason === "a new server");
  assert.deepEqual(moved?.changes, { url: { was: `${HOOK}/kept`, is: `${HOOK}/moved` } });
  assert.equal(moved?.endpoint?.url, `${HOOK}/moved`);

  const first = await page(admin, "?limit=7");
  const second = await page(admin, `?limit=7&cursor=${first.next_cursor}`);
  assert.deepEqual([...first.data, ...second.data], all.data);
  assert.equal(second.next_cursor, null);
  assert.deepEqual((await page(admin, `?limit=7&cursor=${second.prev_cursor}`)).data, first.data);
  const { nextCursor } = await tenants.activity("acme", { limit: 11 });
  const last = await tenants.activity("acme", { limit: 11, after: nextCursor ?? assert.fail() });
  assert.deepEqual(
    last.data.map(({ action, endpoint }) => [action, endpoint?.id]),
    [["endpoint.create", kept]],
  );

  const mine = await page(own);
  assert.deepEqual(
    told(mine),
    told(all).map(([action, actor, id]) => [
      action,
      actor === null || actor === session ? actor : "operator",
      id,
    ]),
  );
  assert.deepEqual(mine.data[1]?.changes, {
    action: { was: null, is: "replay" },
    pace: { was: null, is: null },
    what: { was: null, is: "all" },
  });
  const { token: limited } = await portal.create("acme", { eventTypes: ["invoice.paid"] });
  const seen = await page(limited);
  assert.deepEqual(
    told(seen),
    told(mine).filter(([action]) => action?.startsWith("endpoint.")),
  );
  assert.ok(JSON.stringify(mine).includes("payroll"));
  assert.ok(!JSON.stringify(seen).includes("payroll"));
  assert.deepEqual(seen.data.find(({ changes }) => changes.event_types)?.changes.event_types?.is, [
    "invoice.paid",
  ]);

  assert.equal((await ask(own, "/tenants/other/activity")).status, 404);
  for (const query of ["?cursor=nonsense", "?of=jobs", "?action=endpoint.update"])
    assert.equal((await ask(admin, `/tenants/acme/activity${query}`)).status, 422, query);
  assert.deepEqual(
    told(await page(admin, "?of=endpoints")),
    told(all).filter(([action]) => action?.startsWith("endpoint.")),
  );
  await tenants.delete("acme");
  assert.equal((await ask(admin, "/tenants/acme/activity")).status, 404);
});
