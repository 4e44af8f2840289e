import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fifo } from "./fifo.ts";

test("what goes in first comes out first, whatever the order of pushing and taking", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 200 })), (bursts) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      bursts.forEach((burst, n) => {
        for (let i = 0; i < burst; i++) {
          if (n % 2 === 0) {
            fifo.push(i);
            model.push(i);
          } else assert.equal(fifo.take(), model.shift());
        }
        assert.equal(fifo.size, model.length);
      });
    }),
  );
});

test("cleared, it is empty", () => {
  const fifo = new Fifo<number>();
  fifo.push(1);
  fifo.clear();
  assert.equal(fifo.take(), undefined);
  assert.equal(fifo.size, 0);
});
