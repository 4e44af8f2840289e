import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
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

test("heavy entries push out as many as they weigh; the one that was set last stays in any case", () => {
  const cache = new LruCache<string, { readonly weight: number }>(10, ({ weight }) => weight);
  for (const name of ["a", "b", "c"]) cache.set(name, { weight: 3 });
  cache.set("d", { weight: 6 });
  assert.deepEqual(
    [cache.get("a"), cache.get("b"), cache.get("c")?.weight, cache.size],
    [undefined, undefined, 3, 2],
  );
  cache.set("c", { weight: 1 });
  cache.set("e", { weight: 3 });
  assert.equal(cache.size, 3);
  cache.set("f", { weight: 11 });
  assert.deepEqual([cache.get("f")?.weight, cache.size], [11, 1]);
});

test("whatever is set, used and deleted, it holds those used last", () => {
  const names = fc.constantFrom("a", "b", "c", "d", "e");
  const steps = fc.array(fc.tuple(fc.constantFrom("set", "get", "delete"), names));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), steps, (capacity, taken) => {
      const cache = new LruCache<string, { readonly name: string }>(capacity);
      let held: string[] = []; // used last at the end
      for (const [step, name] of taken) {
        const isHeld = held.includes(name);
        if (step === "set") cache.set(name, { name });
        else if (step === "delete") cache.delete(name);
        else assert.equal(cache.get(name)?.name, isHeld ? name : undefined);
        held = held.filter((other) => other !== name);
        if (step === "set" || (step === "get" && isHeld)) held = [...held, name].slice(-capacity);
      }
      assert.equal(cache.size, held.length);
      for (const name of held) assert.equal(cache.get(name)?.name, name);
    }),
  );
});
