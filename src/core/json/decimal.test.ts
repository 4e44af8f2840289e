import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareNumbers, Decimal } from "./decimal.ts";

function compared(a: string, b: string): number {
  const result = new Decimal(a).compare(new Decimal(b));
  assert.equal(new Decimal(b).compare(new Decimal(a)), 0 - result);
  return Math.sign(result);
}

test("numbers that are one double are still told apart", () => {
  assert.equal(compared("9007199254740993", "9007199254740992"), 1);
  assert.equal(compared("-9007199254740993", "-9007199254740992"), -1);
  assert.equal(compared("0.1", "0.1000000000000000055511151231257827"), -1);
  assert.equal(compared("1e400", "1e401"), -1);
  assert.equal(compared("1e-400", "0"), 1);
});

test("one value in several spellings is equal", () => {
  for (const spelling of [
    "1200",
    "1200.000",
    "1.2e3",
    "12E+2",
    "120000e-2",
    "0.00012e7",
    "1.2e0000000000000000000003",
  ])
    assert.equal(compared(spelling, "1200"), 0, spelling);
  for (const zero of ["0", "-0", "0.000", "0e99", "-0e-99999999999999999999"])
    assert.equal(compared(zero, "0"), 0, zero);
});

test("a number whose exponent cannot be added to compares with nothing of its sign, not even itself", () => {
  const huge = "1e99999999999999999999";
  assert.ok(Number.isNaN(new Decimal(huge).compare(new Decimal(huge))));
  assert.ok(Number.isNaN(compareNumbers(1, new Decimal(huge))));
  assert.equal(compared("-1", huge), -1);
});

test("a number of a million digits is compared at once", () => {
  const zeros = "0".repeat(1_000_000);
  assert.equal(compared(`1${zeros}1`, `1${zeros}0`), 1);
  assert.equal(compared(`0.${zeros}1${zeros}`, `0.${zeros}1`), 0);
});

test("decimals compare as exact arithmetic has it", () => {
  const parts = fc.record({
    mantissa: fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
    exponent: fc.integer({ min: -30, max: 30 }),
  });
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      const exact = a.mantissa * 10n ** BigInt(a.exponent + 30) - b.mantissa * 10n ** BigInt(b.exponent + 30);
      assert.equal(
        compared(`${a.mantissa}e${a.exponent}`, `${b.mantissa}e${b.exponent}`),
        exact > 0n ? 1 : exact < 0n ? -1 : 0,
      );
    }),
    { numRuns: 2_000 },
  );
});

test("a double stands for the digits it is written with", () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (a, b) => {
        const expected = a > b ? 1 : a < b ? -1 : 0;
        assert.equal(Math.sign(compareNumbers(a, new Decimal(JSON.stringify(b)))), expected);
        assert.equal(Math.sign(compareNumbers(a, b)), expected);
      },
    ),
    { numRuns: 2_000 },
  );
});
