import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidInputError } from "../../core/errors.ts";
import { Destinations } from "../destination.ts";
import { HttpDestination } from "../http/http-destination.ts";
import { parseTargetUrl } from "../targets/target-url.ts";
import { type RedeliverRequest, readRedeliverRequest } from "./redeliver-request.ts";

const destinations = new Destinations(
  new HttpDestination({
    policy: { check: parseTargetUrl },
    sender: { send: () => assert.fail("it was sent"), close: async () => {} },
    version: "1.0.0",
  }),
);

/** `request` is unknown, as it comes from JavaScript that no compiler has seen. */
function fieldsRefused(request: unknown): string[] {
  try {
    readRedeliverRequest(request as RedeliverRequest, destinations);
  } catch (error) {
    assert.ok(error instanceof InvalidInputError, String(error));
    return error.problems.map(({ path }) => path.join(".")).sort();
  }
  return [];
}

test("without conditions, it is about all that failed", () => {
  assert.deepEqual(readRedeliverRequest({}, destinations), { status: "failed" });
});

test("every condition is understood", () => {
  const options = readRedeliverRequest(
    {
      status: "cancelled",
      targetUrl: "https://Example.com./in?a=b#c",
      createdFrom: "2026-11-01T00:00:00Z",
      createdBefore: new Date(Date.UTC(2026, 10, 2)),
    },
    destinations,
  );
  assert.deepEqual(options, {
    status: "cancelled",
    lane: "https://example.com/in",
    createdFrom: Date.UTC(2026, 10, 1),
    createdBefore: Date.UTC(2026, 10, 2),
  });
});

test("everything that is wrong is named at once", () => {
  const wrong = {
    status: "running",
    targetUrl: "ftp://example.com/",
    createdFrom: "soon",
    createdBefore: 5,
    limit: 3,
  };
  assert.deepEqual(fieldsRefused(wrong), ["createdBefore", "createdFrom", "limit", "status", "targetUrl"]);
  assert.deepEqual(fieldsRefused({ targetUrl: 5 }), ["targetUrl"]);
});

test("a span that ends before it begins, or at once, is refused", () => {
  const moment = "2026-11-01T00:00:00Z";
  assert.deepEqual(fieldsRefused({ createdFrom: moment, createdBefore: moment }), ["createdBefore"]);
});
