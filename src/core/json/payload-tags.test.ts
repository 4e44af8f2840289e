import assert from "node:assert/strict";
import { test } from "node:test";
import { PayloadTags } from "./payload-tags.ts";

test("tags are read at their paths, exactly, and join those that a caller gave", () => {
  const tags = new PayloadTags({
    order: "$.data.id",
    first: "$.items[0].sku",
    paid: "$.paid",
    far: "$.a.b.c",
  });
  const payload = '{"data":{"id":12345678901234567890},"items":[{"sku":"a/1"}],"paid":true,"a":{"b":[]}}';
  assert.deepEqual(
    tags.with(["order:1", "paid:true"], () => payload),
    [...["order:1", "paid:true", "order:12345678901234567890", "first:a/1"]],
  );
  assert.deepEqual(tags.onto({ payload, origin: { meta: "{}" } }), {
    payload,
    origin: { meta: "{}", tags: ["order:12345678901234567890", "first:a/1", "paid:true"] },
  });
});

test("what is not there, is no tag or not JSON is left out; nothing is made of nothing", () => {
  const tags = new PayloadTags({ a: "$.a", proto: "$.__proto__.x" });
  for (const payload of [
    '{"a":"with space"}',
    '{"a":null}',
    '{"a":{}}',
    '{"a":[1]}',
    "[1]",
    "7",
    "text",
    "",
  ]) {
    const job = { payload };
    assert.equal(tags.onto(job), job, payload);
  }
  assert.equal(
    tags.with(undefined, () => `{"a":"${"x".repeat(127)}"}`),
    undefined,
  );
  const given = Array.from({ length: 10 }, (_, n) => `t${n}`);
  assert.deepEqual(
    tags.with(given, () => '{"a":1}'),
    given,
  );
  assert.equal(
    PayloadTags.none.with(given, () => "{"),
    given,
  );
});

test("names and paths that could tag nothing are refused", () => {
  for (const wrong of [
    { "a b": "$.a" },
    { a: "data.id" },
    { a: "$" },
    { a: "$.a b" },
    { a: 1 },
    null,
    ["$.a"],
  ])
    assert.throws(() => new PayloadTags(wrong as never), { code: "configuration" }, JSON.stringify(wrong));
  assert.throws(() => new PayloadTags({ "a b": "$.a" }), /the name "a b" must hold .* only letters, digits/);
});
