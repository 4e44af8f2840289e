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
  ];
  for (const [value, why] of refused)
    assert.throws(
      () => toJsonText(value),
      ({ message }: Error) => message.startsWith("cannot be written as JSON: ") && why.test(message),
    );
});
