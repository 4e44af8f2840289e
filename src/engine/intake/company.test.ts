import assert from "node:assert/strict";
import { test } from "node:test";
import { Company } from "./company.ts";

test("each wait in vain doubles the time until the next, up to a second", () => {
  const company = new Company(5);
  assert.ok(company.isExpected(0));
  const pauses = [10, 20, 40, 80, 160, 320, 640, 1_000, 1_000];
  let now = 0;
  for (const pause of pauses) {
    company.didNotCome(now);
    assert.ok(!company.isExpected(now + pause - 1), `${pause} ms`);
    now += pause;
    assert.ok(company.isExpected(now), `${pause} ms`);
  }
});

test("once company has come, the first wait in vain counts as the first again", () => {
  const company = new Company(5);
  company.didNotCome(0);
  company.didNotCome(10);
  company.came();
  company.didNotCome(30);
  assert.ok(company.isExpected(40));
});

test("with no time to wait, it is never expected", () => {
  assert.ok(!new Company(0).isExpected(0));
});
