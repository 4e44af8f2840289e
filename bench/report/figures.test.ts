import assert from "node:assert/strict";
import { test } from "node:test";
import { medianInterval } from "./figures.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

test("the interval of a median has the ranks of the sign test", () => {
  assert.equal(medianInterval(upTo(5)), undefined);
  assert.deepEqual(medianInterval(upTo(6)), [1, 6]);
  assert.deepEqual(medianInterval(upTo(12).reverse()), [3, 10]);
  assert.deepEqual(medianInterval(upTo(20)), [6, 15]);
});
