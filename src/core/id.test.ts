import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { firstIdAt, isId, newId, timeOfId } from "./id.ts";

test("an id is its prefix and 26 characters of Crockford's base32", () => {
  for (const prefix of ["job", "msg", "ep", "key", "wrk"] as const) {
    const id = newId(prefix);
    assert.match(id, new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`));
    assert.ok(isId(prefix, id));
  }
});

test("ids of one process are unique and sort in the order they were made, within a millisecond too", () => {
  const ids = Array.from({ length: 20_000 }, () => newId("job"));
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(ids.toSorted(), ids);
});

test("an id made now lies between the first of this millisecond and the first of a later one", () => {
  const before = Date.now();
  const id = newId("job");
  const after = Date.now();
  assert.ok(firstIdAt("job", before) <= id);
  assert.ok(id < firstIdAt("job", after + 1));
});

test("the first id of an earlier moment sorts before that of a later one", () => {
  const moment = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  fc.assert(
    fc.property(moment, moment, (a, b) => {
      const [first, second] = [firstIdAt("job", a), firstIdAt("job", b)];
      assert.ok(isId("job", first));
      assert.equal(timeOfId(first), a);
      assert.equal(Math.sign(a - b), first < second ? -1 : Number(first > second));
    }),
  );
});

test("moments that no id can hold are taken as the first or the last that one can", () => {
  assert.equal(firstIdAt("job", -1), `job_${"0".repeat(26)}`);
  assert.equal(firstIdAt("job", 0), firstIdAt("job", -1));
  for (const beyond of [2 ** 48, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
    assert.equal(firstIdAt("job", beyond), firstIdAt("job", 2 ** 48 - 1));
  }
  assert.equal(firstIdAt("job", 5.9), firstIdAt("job", 5));
});

test("what does not have the form of an id with this prefix is not one", () => {
  const id = newId("job");
  const notIds = [
    "",
    "job_",
    id.slice(0, -1),
    `${id}0`,
    id.toUpperCase(),
    `evt_${id.slice(4)}`,
    id.replace("_", "-"),
    `${id.slice(0, -1)}u`,
    `${id.slice(0, -1)}\n`,
    `job_${"\u{1f4ef}".repeat(13)}`,
  ];
  for (const text of notIds) assert.equal(isId("job", text), false, JSON.stringify(text));
});
