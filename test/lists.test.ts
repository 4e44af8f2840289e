import assert from "node:assert/strict";
import { test } from "node:test";
import { firstIdAt, type IdPrefix, newId } from "../src/core/id.ts";
import { auditPage } from "../src/http/schemas/audit.ts";
import { bulkPage } from "../src/http/schemas/bulk.ts";
import { storeOf } from "../src/store/store-of.ts";
import { serveHere } from "./support/in-process.ts";

/** More than a page looks at. */
const MANY = 2_500;
const START = Date.parse("2026-01-31T09:00:00Z");

test("a page of the audit or of bulk runs that few match says how far it searched, and the next one searches on", async (t) => {
  const { posthorn, api } = await serveHere(t, { worker: false });
  await posthorn.bulk.start(
    { action: "cancel", filter: { task: "a" }, startsIn: "1h" },
    { actor: "ana", reason: "one" },
  );
  const { transfer } = storeOf(posthorn);
  /** The oldest is by somebody else. */
  const copies = <R extends { readonly id: string; readonly actor: string | null }>(
    prefix: IdPrefix,
    [one]: readonly R[],
  ) => {
    assert.ok(one);
    return Array.from({ length: MANY }, (_, n) => ({
      ...{ ...one, id: firstIdAt(prefix, START + n) },
      actor: n === 0 ? "eve" : "ana",
    }));
  };
  await transfer.add("bulk_run", copies("qtask", await transfer.page("bulk_run", null, 1)), START);
  await transfer.add("audit", copies("adt", await transfer.page("audit", null, 1)), START);
  for (const [page, path] of [
    [bulkPage, "/bulk"],
    [auditPage, "/audit"],
  ] as const) {
    const read = async (query: string) =>
      page.parse(JSON.parse((await api.ask("GET", `${path}?${query}`)).text));
    const first = await read("actor=eve");
    assert.deepEqual([first.data, first.complete], [[], false]);
    // one more was there before
    assert.equal(first.searched_to, new Date(START + MANY + 1 - 2_000).toISOString());
    const second = await read(`actor=eve&cursor=${first.next_cursor}`);
    assert.deepEqual([second.data.length, second.next_cursor], [1, null]);
    assert.deepEqual([second.complete, second.searched_to], [true, null]);
    const full = await read("actor=ana&limit=7");
    assert.deepEqual([full.data.length, full.complete, full.searched_to], [7, true, null]);
    const all = await read("limit=7");
    assert.deepEqual([all.data.length, all.complete, all.searched_to], [7, true, null]);
  }
  const { data, isComplete, searchedTo, nextCursor } = await posthorn.audit.list({ actor: "nobody" });
  assert.deepEqual([data, isComplete], [[], false]);
  assert.ok(searchedTo instanceof Date && nextCursor !== null);
});

test("a cursor of one list is refused by the others", async (t) => {
  const { posthorn, api } = await serveHere(t, { worker: false });
  await posthorn.webhooks.tenants.create({ uid: "acme" });
  await posthorn.webhooks.endpoints.create("acme", { uid: "main", url: "http://127.0.0.1:9/" });
  const after = (key: string) => Buffer.from(`a${key}`).toString("base64url");
  const cursors = {
    "/tenants": after(newId("app")),
    "/tenants/acme/endpoints": after(newId("ep")),
    "/tenants/acme/endpoints/main/unsent": after(newId("msg")),
    "/tenants/acme/activity": after(newId("adt")),
    "/webhooks/events": after(newId("msg")),
    "/bulk": after(newId("qtask")),
    "/audit": after(newId("adt")),
    "/failures": after(`1_${"0".repeat(16)}`),
    "/jobs": Buffer.from(newId("job")).toString("base64url"),
  };
  const alike = [
    ["/tenants/acme/endpoints/main/unsent", "/webhooks/events"], // by the ids of events
    ["/tenants/acme/activity", "/audit"], // by the ids of the audit's entries
  ];
  for (const path of Object.keys(cursors))
    for (const [other, cursor] of Object.entries(cursors)) {
      if (other === path || alike.some((pair) => pair.includes(path) && pair.includes(other))) continue;
      const { status, text } = await api.ask("GET", `${path}?cursor=${cursor}`);
      assert.equal(status, 422, `${path} took a cursor of ${other}`);
      assert.deepEqual(JSON.parse(text).errors, [
        { parameter: "cursor", detail: "is not a cursor of this list" },
      ]);
    }
  for (const [path, cursor] of Object.entries(cursors))
    assert.equal((await api.ask("GET", `${path}?cursor=${cursor}`)).status, 200, path);
});
