import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Outcome } from "../../core/outcome.ts";
import { judge } from "./judge.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const TARGET = "https://hooks.example.com:8443/in?token=secret";

function answered(status: number, retryAfter?: string | readonly string[]): Outcome {
  const headers = retryAfter === undefined ? {} : { retryAfter };
  return judge({ kind: "answered", status, headers, excerpt: "the answer", durationMs: 12.4 }, TARGET, NOW);
}

test("any 2xx is a success, and its result says where, how and how long", () => {
  for (const status of [200, 201, 202, 204, 299]) {
    assert.deepEqual(answered(status), {
      kind: "succeeded",
      result: JSON.stringify({ delivered_to: TARGET, http_status: status, duration_ms: 12 }),
      code: status,
      class: "2xx",
      excerpt: "the answer",
    });
  }
});

test("every other status is a failure that is tried again, except for 410", () => {
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 999 }), (status) => {
      const outcome = answered(status);
      assert.ok(outcome.kind === "failed");
      assert.equal(outcome.retry, status !== 410);
      assert.equal(outcome.code, status);
      assert.equal(outcome.excerpt, "the answer");
    }),
  );
});

test("an error names the status and the host, and neither the query nor the answer", () => {
  const errorOf = (status: number) => {
    const outcome = answered(status);
    return outcome.kind === "failed" ? outcome.error : undefined;
  };
  assert.equal(errorOf(500), "HTTP 500 from hooks.example.com:8443");
  assert.equal(
    errorOf(302),
    "HTTP 302 from hooks.example.com:8443: redirects are not followed, deliver to the final address",
  );
  assert.equal(
    errorOf(410),
    "HTTP 410 from hooks.example.com:8443: the receiver wants no more webhooks here",
  );
});

function pauses(outcome: Outcome): { job: number | undefined; lane: number | undefined } {
  assert.ok(outcome.kind === "failed");
  return { job: outcome.retryAfterMs, lane: outcome.laneRestMs };
}

test("the job waits as long as it was asked to; the lane of an overloaded receiver for a minute at most", () => {
  for (const status of [429, 502, 503, 504]) {
    assert.deepEqual(pauses(answered(status, "7")), { job: 7_000, lane: 7_000 });
    assert.deepEqual(pauses(answered(status, "3600")), { job: 3_600_000, lane: 60_000 });
    assert.deepEqual(pauses(answered(status, "Sun, 22 Nov 2026 12:00:30 GMT")), {
      job: 30_000,
      lane: 30_000,
    });
  }
});

test("an overloaded receiver that asks for nothing, or nothing sensible, gets a second", () => {
  for (const retryAfter of [undefined, "0", "-5", "soon", "Sun, 06 Nov 1994 08:49:37 GMT"]) {
    assert.deepEqual(pauses(answered(503, retryAfter)), { job: undefined, lane: 1_000 });
  }
});

test("any other failure keeps the job waiting, and leaves the lane alone", () => {
  assert.deepEqual(pauses(answered(500, "7")), { job: 7_000, lane: undefined });
  assert.deepEqual(pauses(answered(301, "7")), { job: 7_000, lane: undefined });
  assert.deepEqual(pauses(answered(404)), { job: undefined, lane: undefined });
});

test("of several pauses, the longest counts", () => {
  assert.deepEqual(pauses(answered(503, ["5", "soon", "9"])), { job: 9_000, lane: 9_000 });
});

test("410 waits for nothing", () => {
  assert.deepEqual(pauses(answered(410, "7")), { job: undefined, lane: undefined });
});

test("no answer is tried again, unless our own policy refused the target", () => {
  const broken = (how: "broken" | "blocked") =>
    judge({ kind: "broken", error: "connection reset", class: how, durationMs: 5 }, TARGET, NOW);
  assert.deepEqual(broken("broken"), {
    kind: "failed",
    error: "connection reset",
    retry: true,
    class: "broken",
  });
  assert.deepEqual(broken("blocked"), {
    kind: "failed",
    error: "connection reset",
    retry: false,
    class: "blocked",
  });
});

test("the status counts whatever happened to the body, and the error says what did", () => {
  const cut = (status: number, retryAfter: string) =>
    judge(
      {
        kind: "answered",
        status,
        headers: { retryAfter },
        excerpt: "ha",
        durationMs: 5,
        cutShort: "hooks.example.com:8443 closed the connection in the middle of its answer",
      },
      TARGET,
      NOW,
    );
  const delivered = cut(202, "3600");
  assert.ok(delivered.kind === "succeeded");
  assert.match(JSON.parse(delivered.result ?? "").note, /closed the connection in the middle/);
  const gone = cut(410, "3600");
  assert.ok(gone.kind === "failed" && !gone.retry);
  const busy = cut(503, "172800");
  assert.ok(busy.kind === "failed");
  assert.equal(busy.retryAfterMs, 172_800_000);
  assert.equal(
    busy.error,
    "HTTP 503 from hooks.example.com:8443; hooks.example.com:8443 closed the connection in the middle of its answer; it asked for a pause of 2d (Retry-After)",
  );
});
