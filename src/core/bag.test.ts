import assert from "node:assert/strict";
import { test } from "node:test";
import { Bag } from "./bag.ts";

const member = (name: string) => ({ name, place: 0 });

test("a bag holds what was added and not deleted, whatever the order", () => {
  const bag = new Bag<ReturnType<typeof member>>();
  const [a, b, c, d] = [member("a"), member("b"), member("c"), member("d")];
  for (const each of [a, b, c]) bag.add(each);
  bag.delete(a);
  bag.delete(c);
  bag.add(d);
  assert.deepEqual([...bag].map(({ name }) => name).sort(), ["b", "d"]);
  assert.deepEqual(
    [a, b, c, d].map((each) => bag.has(each)),
    [false, true, false, true],
  );
  assert.equal(bag.size, 2);
});

test("deleting what is not in the bag changes nothing", () => {
  const bag = new Bag<ReturnType<typeof member>>();
  const [a, stranger] = [member("a"), member("stranger")];
  bag.add(a);
  bag.delete(stranger);
  bag.delete(a);
  bag.delete(a);
  assert.equal(bag.size, 0);
  assert.equal(bag.has(a), false);
});
