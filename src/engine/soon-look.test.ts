import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../core/clock.ts";
import { SoonLook } from "./soon-look.ts";

function setUp() {
  const clock = new ManualClock();
  const start = clock.now();
  const looks: number[] = [];
  const soon = new SoonLook(clock, () => looks.push(clock.now() - start));
  return { clock, looks, soon };
}

test("what is expected is looked for soon, and then less and less often", () => {
  const { clock, looks, soon } = setUp();
  soon.expect();
  clock.advance(10_000);
  assert.deepEqual(looks, [5, 20, 60, 150, 400]);
  clock.advance(10_000);
  assert.equal(looks.length, 5);
});

test("however much is expected, there is one look at a time, and it is not put off", () => {
  const { clock, looks, soon } = setUp();
  for (let ms = 0; ms < 100; ms++) {
    for (let n = 0; n < 50; n++) soon.expect();
    clock.advance(1);
  }
  assert.ok(looks.length >= 10 && looks.length <= 20, `${looks.length} looks in 100 ms`);
  clock.advance(10_000);
  assert.ok(looks.length <= 26);
});

test("what is expected during a long gap is looked for soon all the same", () => {
  const { clock, looks, soon } = setUp();
  soon.expect();
  clock.advance(200);
  soon.expect();
  clock.advance(5);
  assert.equal(looks.at(-1), 205);
});
