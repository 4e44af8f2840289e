import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDeliveryOptions, stringifyDeliveryOptions, targetOf } from "./delivery-options.ts";

test("what is kept of a delivery is read back", () => {
  const text = fc.string({ unit: "grapheme" });
  const options = fc.record(
    {
      targetUrl: text,
      headers: text,
      timeoutMs: fc.nat(),
      eventId: text,
      secret: text,
    },
    { requiredKeys: ["targetUrl"], noNullPrototype: true },
  );
  fc.assert(
    fc.property(options, (kept) => {
      assert.deepEqual(parseDeliveryOptions(stringifyDeliveryOptions(kept)), kept);
    }),
  );
});

test("what was not given takes no room", () => {
  assert.equal(
    stringifyDeliveryOptions({ targetUrl: "https://example.com/", headers: undefined, eventId: undefined }),
    '{"targetUrl":"https://example.com/"}',
  );
});

test("a delivery has a target, a job of another task has none", () => {
  const options = stringifyDeliveryOptions({ targetUrl: "https://example.com/?a=b" });
  assert.equal(targetOf({ task: "webhook.deliver", options }), "https://example.com/?a=b");
  assert.equal(targetOf({ task: "webhook.retry", options: "{}" }), null);
});
