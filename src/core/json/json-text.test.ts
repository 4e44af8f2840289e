import assert from "node:assert/strict";
import { test } from "node:test";
import { toJsonText } from "./json-text.ts";

test("what has JSON of its own is written as JSON.stringify writes it", () => {
  class Order {
    id?: string;
  }
  const values = [
    null,
    0,
    "",
    [],
    {},
    { a: [1] },
    new Date(0),
    new Order(),
    Object.create(null),
    new Boolean(true),
    { none: {}, at: new Date(0), list: [[], {}, new Boolean(true), { toJSON: () => ({}) }] },
    { none: null, list: [null, undefined, -0, 1e308], null: { unset: undefined, method() {} } },
  ];
  for (const value of values) assert.equal(toJsonText(value), JSON.stringify(value));
});

test("what JSON would leave out, or write as an empty object, is refused by its kind", () => {
  const refused: [value: unknown, why: RegExp][] = [
    [undefined, /it is undefined$/],
    [() => 1, /it is a function$/],
    [Symbol("s"), /it is a symbol$/],
    [new Map([["a", 1]]), /it is a Map, which would be \{\}$/],
    [new Set([1]), /it is a Set, /],
    [Promise.resolve(1), /it is a Promise, /],
    [new Headers({ a: "b" }), /it is a Headers, /],
    [new URLSearchParams("a=b"), /it is an URLSearchParams, /],
    [new Error("lost"), /it is an Error, /],
    [1n, /BigInt/],
    [
      { order: { lines: [{ tags: new Set([1]) }] }, none: {} },
      /: order\.lines\.0\.tags is a Set, which would be \{\}$/,
    ],
    [[{}, new Map()], /: 1 is a Map, /],
    [Number.NaN, /: it is NaN, which would be null$/],
    [{ rates: { eur: [1, 0 / 0] }, none: null }, /: rates\.eur\.1 is NaN, which would be null$/],
    [{ total: 1 / 0 }, /: total is Infinity, /],
    [[-1 / 0], /: 0 is -Infinity, /],
    [{ due: { at: new Date("soon") } }, /: due\.at is an invalid Date, which would be null$/],
    [{ steps: [null, () => 1] }, /: steps\.1 is a function, which would be null$/],
    [[Symbol("s")], /: 0 is a symbol, /],
  ];
  for (const [value, why] of refused)
    assert.throws(
      () => toJsonText(value),
      ({ message }: Error) => message.startsWith("cannot be written as JSON: ") && why.test(message),
    );
});

test("what would become null is written so where that is asked for", () => {
  const lossy = { ratio: Number.NaN, at: new Date(Number.NaN), list: [() => 1] };
  assert.equal(toJsonText(lossy, "written"), '{"ratio":null,"at":null,"list":[null]}');
  assert.throws(
    () => toJsonText({ ...lossy, tags: new Set() }, "written"),
    /: tags is a Set, which would be \{\}$/,
  );
});

test("a value that is nested too deeply is refused like any other, however far its parts are looked at", () => {
  for (const depth of [2_000, 4_000, 6_000, 8_000, 100_000]) {
    let nested: unknown = {};
    for (let n = 0; n < depth; n++) nested = [nested];
    try {
      assert.equal(toJsonText(nested), JSON.stringify(nested));
    } catch (error) {
      assert.match(String(error), /cannot be written as JSON: /);
    }
  }
});
