import assert from "node:assert/strict";
import { test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import { tenantHistoryPage } from "../src/http/schemas/endpoint.ts";
import { storeOf } from "../src/store/store-of.ts";
import { openTestPosthorn } from "../src/testing/testing.ts";

const HOOK = "https://hooks.example.com";

test("the changes of all of a tenant's endpoints are listed page by page, each with its endpoint, for those who see the tenant", async (t) => {
  const posthorn = await openTestPosthorn();
  t.after(() => posthorn.close());
  const keys = new Keys(storeOf(posthorn).keys, systemClock);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
  const { endpoints, eventTypes, portal, tenants } = posthorn.webhooks;
  for (const name of ["invoice.paid", "payroll.run"]) await eventTypes.create({ name });
  const made = async (tenant: string, path: string) =>
    (await endpoints.create(tenant, { url: `${HOOK}/${path}` })).endpoint.id;
  const [kept, gone, theirs] = [
    await made("acme", "kept"),
    await made("acme", "gone"),
    await made("other", "theirs"),
  ];
  await endpoints.patch("other", theirs, { description: "not acme's" });
  await endpoints.patch("acme", kept, { url: `${HOOK}/moved` }, { actor: "ana", reason: "a new server" });
  await posthorn.clock.advance("1s");
  await endpoints.delete("acme", gone, { actor: "key_secret" });
  await posthorn.clock.advance("1s");
  await endpoints.patch("acme", kept, { eventTypes: ["invoice.paid", "payroll.run"] });

  const ask = (token: string, query = "", tenant = "acme") =>
    app.fetch(
      new Request(`http://127.0.0.1/tenants/${tenant}/history${query}`, {
        headers: { authorization: `Bearer ${token}` },
      }),
    );
  const page = async (token: string, query = "") => {
    const answer = await ask(token, query);
    assert.equal(answer.status, 200);
    return tenantHistoryPage.parse(await answer.json());
  };
  const { token: admin } = await keys.create({ name: "all", role: "admin" });
  const all = await page(admin);
  assert.deepEqual(
    all.data.map((each) => [
      each.endpoint_id,
      each.url,
      each.is_deleted,
      each.actor,
      Object.keys(each.changes),
    ]),
    [
      [kept, `${HOOK}/moved`, false, null, ["event_types"]],
      [gone, `${HOOK}/gone`, true, "key_secret", ["deleted_at"]],
      [kept, `${HOOK}/moved`, false, "ana", ["url"]],
    ],
  );
  assert.deepEqual(all.data[1]?.changes.deleted_at, { was: null, is: all.data[1]?.at });
  assert.equal(all.data[2]?.reason, "a new server");
  assert.equal(all.next_cursor, null);

  const first = await page(admin, "?limit=2");
  assert.deepEqual(first.data, all.data.slice(0, 2));
  const second = await page(admin, `?limit=2&cursor=${first.next_cursor}`);
  assert.deepEqual([second.data, second.next_cursor], [all.data.slice(2), null]);
  const { nextCursor } = await endpoints.tenantHistory("acme", { limit: 2 });
  const rest = await endpoints.tenantHistory("acme", { after: nextCursor ?? assert.fail() });
  assert.deepEqual(
    rest.data.map(({ revision, change }) => [revision, change]),
    [[2, { url: [`${HOOK}/kept`, `${HOOK}/moved`] }]],
  );
  for (const cursor of ["nonsense", Buffer.from("aep_1").toString("base64url")])
    assert.equal((await ask(admin, `?cursor=${cursor}`)).status, 422, cursor);

  const { token: limited } = await portal.create("acme", { eventTypes: ["invoice.paid"] });
  const seen = await page(limited);
  assert.deepEqual(
    seen.data.map(({ actor, changes }) => [actor, changes.event_types?.is]),
    [
      [null, ["invoice.paid"]],
      ["operator", undefined],
      ["operator", undefined],
    ],
  );
  assert.ok(!JSON.stringify(seen).includes("payroll"));
  assert.equal((await ask(limited, "", "other")).status, 404);
  await tenants.delete("acme");
  assert.equal((await ask(admin)).status, 404);
});
