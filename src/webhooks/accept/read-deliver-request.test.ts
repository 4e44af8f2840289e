import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InvalidInputError } from "../../core/errors.ts";
import { newSecret, parseSigningKey } from "../signing/signing-key.ts";
import { type DeliverRequest, JsonText } from "./deliver-request.ts";
import { type Delivery, readDeliverRequest } from "./read-deliver-request.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const DAY_MS = 86_400_000;
const MINIMAL: DeliverRequest = { targetUrl: "https://example.com/", payload: {} };

function read(request: DeliverRequest): Delivery {
  return readDeliverRequest(request, NOW, parseSigningKey);
}

/** `request` is unknown, as it comes from JavaScript that no compiler has seen. */
function problemsOf(request: unknown): Record<string, string> {
  try {
    read(request as DeliverRequest);
  } catch (error) {
    assert.ok(error instanceof InvalidInputError, String(error));
    return Object.fromEntries(error.problems.map(({ path, detail }) => [path.join("."), detail]));
  }
  return {};
}

test("a target and a payload are enough", () => {
  assert.deepEqual(read(MINIMAL), {
    targetUrl: "https://example.com/",
    payload: "{}",
    headers: undefined,
    runAt: undefined,
    maxAttempts: 10,
    timeoutMs: undefined,
    eventId: undefined,
    secret: undefined,
    tags: undefined,
    meta: undefined,
  });
});

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("all that can be said is understood", () => {
  const secret = newSecret();
  const delivery = read({
    ...MINIMAL,
    headers: { "X-A": "b" },
    runAt: "2026-11-23T13:00:00+01:00",
    maxAttempts: 3,
    timeout: "1m30s",
    eventId: "evt_1",
    secret,
    tags: ["order:42", "order:42"],
    trace: { traceparent: TRACEPARENT },
  });
  assert.deepEqual(delivery, {
    targetUrl: "https://example.com/",
    payload: "{}",
    headers: { "X-A": "b" },
    runAt: NOW + DAY_MS,
    maxAttempts: 3,
    timeoutMs: 90_000,
    eventId: "evt_1",
    secret,
    tags: ["order:42"],
    meta: JSON.stringify({ traceparent: TRACEPARENT }),
  });
});

test("an option that is undefined is one that was not given", () => {
  const request: object = {
    ...MINIMAL,
    headers: undefined,
    runAt: undefined,
    delay: undefined,
    timeout: undefined,
  };
  assert.deepEqual(
    problemsOf({ ...request, maxAttempts: undefined, eventId: undefined, secret: undefined }),
    {},
  );
});

test("JSON text passes byte for byte", () => {
  const texts = fc.oneof(
    fc.json(),
    fc.constantFrom('{ "n": 12345678901234567890, "b":1, "a":2.50 }', '"\\u00e9"', "null"),
  );
  fc.assert(
    fc.property(texts, (text) => {
      assert.equal(read({ ...MINIMAL, payload: new JsonText(text) }).payload, text);
    }),
  );
});

test("any other payload is written as JSON.stringify writes it", () => {
  for (const payload of [null, 0, "", "é", [], [1, null], { a: { b: [true] } }, new Date(NOW)]) {
    assert.equal(read({ ...MINIMAL, payload }).payload, JSON.stringify(payload));
  }
});

test("a payload that cannot be JSON is refused", () => {
  const cyclic: { self?: object } = {};
  cyclic.self = cyclic;
  assert.match(problemsOf({ targetUrl: "https://example.com/" }).payload ?? "", /is required/);
  assert.match(
    problemsOf({ ...MINIMAL, payload: () => 1 }).payload ?? "",
    /cannot be written as JSON: it is a function/,
  );
  assert.match(problemsOf({ ...MINIMAL, payload: 1n }).payload ?? "", /cannot be written as JSON: .*BigInt/);
  assert.match(
    problemsOf({ ...MINIMAL, payload: cyclic }).payload ?? "",
    /cannot be written as JSON: .*circular/,
  );
  assert.match(problemsOf({ ...MINIMAL, payload: new JsonText('"\ud800"') }).payload ?? "", /surrogate/);
});

test("a moment to run at may be up to a year ahead, or in the past", () => {
  assert.equal(read({ ...MINIMAL, runAt: new Date(NOW + 366 * DAY_MS) }).runAt, NOW + 366 * DAY_MS);
  assert.equal(read({ ...MINIMAL, runAt: "1994-11-06T08:49:37Z" }).runAt, Date.UTC(1994, 10, 6, 8, 49, 37));
  assert.match(
    problemsOf({ ...MINIMAL, runAt: new Date(NOW + 366 * DAY_MS + 1) }).runAt ?? "",
    /at most a year/,
  );
});

test("an invalid moment is refused", () => {
  for (const runAt of ["tomorrow", "2027-01-01T00:00:00", new Date(Number.NaN), 5, null, {}]) {
    assert.match(problemsOf({ ...MINIMAL, runAt }).runAt ?? "", /RFC 3339/);
  }
});

test("a delay counts from now, and is at most a year", () => {
  assert.equal(read({ ...MINIMAL, delay: "1h30m" }).runAt, NOW + 5_400_000);
  assert.equal(read({ ...MINIMAL, delay: 0 }).runAt, NOW);
  assert.equal(read({ ...MINIMAL, delay: "366d" }).runAt, NOW + 366 * DAY_MS);
  assert.match(problemsOf({ ...MINIMAL, delay: "367d" }).delay ?? "", /at most a year/);
  for (const delay of ["soon", "-1s", -1, Number.NaN, Number.POSITIVE_INFINITY, "5", null]) {
    assert.match(problemsOf({ ...MINIMAL, delay }).delay ?? "", /is not a duration/);
  }
});

test("a moment and a delay together are refused", () => {
  const both = { ...MINIMAL, runAt: "2027-01-01T00:00:00Z", delay: "1h" };
  assert.deepEqual(problemsOf(both), {
    delay: "cannot be given with a moment to run at; give one of the two",
  });
});

test("the attempts are from 1 to 100", () => {
  for (const maxAttempts of [1, 100])
    assert.equal(read({ ...MINIMAL, maxAttempts }).maxAttempts, maxAttempts);
  for (const maxAttempts of [0, 101, 1.5, -1, Number.NaN, "5", null]) {
    assert.match(problemsOf({ ...MINIMAL, maxAttempts }).maxAttempts ?? "", /whole number from 1 to 100/);
  }
});

test("the timeout is from 100 ms to 5 min", () => {
  for (const timeout of [100, "100ms", "5m", 300_000] as const)
    assert.ok(read({ ...MINIMAL, timeout }).timeoutMs);
  for (const timeout of [99, 0, "300001ms", "1h"]) {
    assert.match(problemsOf({ ...MINIMAL, timeout }).timeout ?? "", /from 100ms to 5m/);
  }
  assert.match(problemsOf({ ...MINIMAL, timeout: "fast" }).timeout ?? "", /is not a duration/);
});

test("an event id is 1 to 256 visible ASCII characters without a full stop", () => {
  for (const eventId of ["a", "evt_1", "order:5/paid", "~!", "x".repeat(256)]) {
    assert.equal(read({ ...MINIMAL, eventId }).eventId, eventId);
  }
  for (const eventId of ["", "a.b", ".", "a b", "a\n", "\r\nx: y", "é", "x".repeat(257), 5, null]) {
    assert.match(problemsOf({ ...MINIMAL, eventId }).eventId ?? "", /without "\."/);
  }
});

test("a malformed secret is refused, and not repeated", () => {
  for (const secret of ["hunter2", "whsec_hunter2", "whsk_hunter2", "", 5, null]) {
    const detail = problemsOf({ ...MINIMAL, secret }).secret ?? "";
    assert.notEqual(detail, "");
    assert.doesNotMatch(detail, /hunter2/);
  }
});

const MEMBERS =
  "targetUrl, payload, headers, runAt, delay, maxAttempts, timeout, eventId, secret, tags, copyOf, trace, tx";

test("an unknown option is refused, not ignored", () => {
  assert.deepEqual(problemsOf({ ...MINIMAL, maxAttempt: 3, target_url: "x" }), {
    maxAttempt: `is unknown; valid names are ${MEMBERS}`,
    target_url: `is unknown; valid names are ${MEMBERS}`,
  });
});

test("everything that is wrong is named at once", () => {
  const wrong = {
    targetUrl: 5,
    headers: { Host: "a", "x-a": "\n" },
    runAt: "soon",
    delay: "soon",
    maxAttempts: 0,
    timeout: 1,
    eventId: "a.b",
    secret: "x",
    extra: 1,
  };
  assert.deepEqual(Object.keys(problemsOf(wrong)).sort(), [
    "delay",
    "eventId",
    "extra",
    "headers.Host",
    "headers.x-a",
    "maxAttempts",
    "payload",
    "runAt",
    "secret",
    "targetUrl",
    "timeout",
  ]);
});
