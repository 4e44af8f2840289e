import assert from "node:assert/strict";
import { test } from "node:test";
import { firstIdAt, type IdPrefix } from "../src/core/id.ts";
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
