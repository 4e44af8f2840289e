import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccessToken } from "../../store/shelves/access-tokens.ts";
import { claimed, failed, isDueForRefresh, nextStep } from "./token-state.ts";

const NOW = 1_000_000;
const OF = { endpoint: "ep_a", tenant: "app_a", credentials: "c" };
const KEPT: AccessToken = {
  ...{ ...OF, version: 3, token: "sealed", obtainedAt: NOW - 10_000, expiresAt: NOW + 3_600_000 },
  ...{ claimedUntil: null, refusedAt: null, error: null, errorClass: null, retryAt: null },
};

function step(kept: Partial<AccessToken> | undefined, spent?: number, wasRefused = false, credentials = "c") {
  return nextStep(kept && { ...KEPT, ...kept }, credentials, spent, wasRefused, NOW).kind;
}

test("a token is used until it expires, and asked for when there is none, or one of other credentials", () => {
  assert.equal(step({}), "use");
  assert.equal(step(undefined), "ask");
  assert.equal(step({ expiresAt: NOW }), "ask");
  assert.equal(step({ token: null }), "ask");
  assert.equal(step({}, undefined, false, "others"), "ask");
});

test("a process that needs another waits while one asks, and takes what that got", () => {
  const spent = KEPT.obtainedAt ?? 0;
  assert.equal(step({}, spent), "ask");
  assert.equal(step({ claimedUntil: NOW + 1 }, spent), "wait");
  assert.equal(step({ claimedUntil: NOW }, spent), "ask", "the process that asked has died");
  assert.equal(step({ claimedUntil: NOW + 1 }), "use", "the old one is good enough for others");
  assert.equal(step({ obtainedAt: NOW }, spent), "use");
});

test("what was due while the clock was ahead is no longer waited for once it was set back", () => {
  const YEAR = 366 * 86_400_000;
  assert.equal(step({ claimedUntil: NOW + YEAR }, KEPT.obtainedAt ?? 0), "ask");
  assert.equal(step({ token: null, error: "it said no", retryAt: NOW + YEAR }), "ask");
  assert.equal(step({ refusedAt: NOW + YEAR }, KEPT.obtainedAt ?? 0, true), "ask");
});

test("after a failure nobody asks for five seconds, and the reason is given", () => {
  const claim = claimed(KEPT, OF, false, NOW - 4_000);
  const after = failed({ ...claim, token: null }, "it said no", "dns", NOW - 4_000);
  assert.deepEqual(nextStep(after, "c", undefined, false, NOW), {
    kind: "fail",
    error: "it said no",
    class: "dns",
  });
  assert.equal(nextStep(after, "c", undefined, false, NOW + 1_000).kind, "ask");
});

test("a receiver that refuses one token after the other gets another once a minute", () => {
  const spent = KEPT.obtainedAt ?? 0;
  assert.equal(step({}, spent, true), "ask");
  const { refusedAt } = claimed(KEPT, OF, true, NOW - 59_000);
  assert.equal(step({ refusedAt }, spent, true), "give up");
  assert.equal(step({ refusedAt: NOW - 60_000 }, spent, true), "ask");
  assert.equal(step({ refusedAt }, spent, false), "ask", "one that expires is replaced all the same");
});

test("a claim keeps what is still good, and nothing that other credentials got", () => {
  const { token, expiresAt, version } = claimed(KEPT, OF, false, NOW);
  assert.deepEqual([token, expiresAt, version], [KEPT.token, KEPT.expiresAt, KEPT.version]);
  const other = claimed(KEPT, { ...OF, credentials: "others" }, false, NOW);
  assert.deepEqual([other.token, other.expiresAt, other.version], [null, null, KEPT.version]);
});

test("a token is replaced a minute before it expires, or a fifth of its life before", () => {
  const held = { token: "t", credentials: "c", obtainedAt: NOW, expiresAt: NOW + 3_600_000 };
  assert.equal(isDueForRefresh(held, NOW + 3_539_999), false);
  assert.equal(isDueForRefresh(held, NOW + 3_540_000), true);
  assert.equal(isDueForRefresh({ ...held, expiresAt: NOW + 10_000 }, NOW + 7_999), false);
  assert.equal(isDueForRefresh({ ...held, expiresAt: NOW + 10_000 }, NOW + 8_000), true);
});
