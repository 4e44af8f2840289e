import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprintOf as fingerprintIn, restFingerprint } from "./fingerprint.ts";

const PLACE = { task: "mail.send", lane: "mail" };

function fingerprintOf(error: string, evidence?: Parameters<typeof fingerprintIn>[2]): string {
  return fingerprintIn(PLACE, error, evidence);
}

test("errors that differ only in numbers, ids, times and what is quoted have the same fingerprint", () => {
  const same = [
    ["no row 17 in orders", "no row 9182 in orders"],
    ["job_01k9zq3v7n8r2m4w6x8y0z1a3b is gone", "job_01k9zq3v7n8r2m4w6x8y0z1a3c is gone"],
    ["timed out after 300 ms", "timed out after 15000 ms"],
    [
      "user 6f1c2a3b-0d4e-4f5a-8b6c-7d8e9f0a1b2c is unknown",
      "user 00000000-0d4e-4f5a-8b6c-7d8e9f0a1b2d is unknown",
    ],
    ['Unexpected token "<" in JSON', 'Unexpected token "{" in JSON'],
    ["can't find 'one' in `a b`", "can't find 'the other' in `c`"],
    ["connect ECONNREFUSED 127.0.0.1:1", "connect ECONNREFUSED 10.0.0.7:8080"],
  ] as const;
  for (const [one, other] of same) assert.equal(fingerprintOf(one), fingerprintOf(other), one);
  assert.match(fingerprintOf("any"), /^[0-9a-f]{16}$/);
});

test("other errors have others, and so has the same text of another class or code", () => {
  const all = [
    fingerprintOf("card declined"),
    fingerprintOf("card expired"),
    fingerprintOf("card declined", { class: "error" }),
    fingerprintOf("card declined", { class: "error", code: 500 }),
    fingerprintOf("card declined", { class: "error", code: 502 }),
  ];
  assert.equal(new Set(all).size, all.length);
  assert.notEqual(fingerprintOf("he can't open it's box"), fingerprintOf("he can't close it's box"));
});

test("a group of failures is of one task and of one lane, and what is left over has a group that no failure is in", () => {
  const all = [PLACE, { ...PLACE, task: "mail.check" }, { ...PLACE, lane: "other" }].flatMap((place) => [
    fingerprintIn(place, "card declined", { class: "error" }),
    restFingerprint(place, "error"),
    restFingerprint(place, "timeout"),
  ]);
  assert.equal(new Set(all).size, all.length);
});
