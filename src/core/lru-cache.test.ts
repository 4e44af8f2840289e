import assert from "node:assert/strict";
import { test } from "node:test";
import { LruCache } from "./lru-cache.ts";

const [a, b, c] = [{ name: "a" }, { name: "b" }, { name: "c" }];

test("past the capacity the entry used least recently goes", () => {
  const cache = new LruCache<string, object>(2);
  cache.set("a", a);
  cache.set("b", b);
  cache.get("a");
  cache.set("c", c);
  assert.deepEqual([cache.get("a"), cache.get("b"), cache.get("c"), cache.size], [a, undefined, c, 2]);
});

test("an entry that is set again is replaced, and counts as used", () => {
  const cache = new LruCache<string, object>(2);
  cache.set("a", a);
  cache.set("b", b);
  cache.set("a", c);
  cache.set("c", c);
  assert.deepEqual([cache.get("a"), cache.get("b"), cache.size], [c, undefined, 2]);
});

test("a deleted entry is forgotten, and leaves room", () => {
  const cache = new LruCache<string, object>(2);
  cache.set("a", a);
  cache.set("b", b);
  cache.delete("a");
  cache.set("c", c);
  assert.deepEqual([cache.get("a"), cache.get("b"), cache.get("c")], [undefined, b, c]);
});
