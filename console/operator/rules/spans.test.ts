import assert from "node:assert/strict";
import { test } from "node:test";
import { spanOf, spansOf } from "./spans.ts";

test("a span that is not counted so finely is not offered, and another one is shown", () => {
  const offered = (asked: Parameters<typeof spansOf>[0]) =>
    spansOf(asked).flatMap(([span, hindrance]) => (hindrance ? [] : [span]));
  assert.deepEqual(offered({}), ["1m", "1h", "24h", "30d"]);
  assert.deepEqual(offered({ task: "mail" }), ["1h", "24h", "30d"]);
  assert.deepEqual(offered({ endpoint: "ep_1" }), ["24h", "30d"]);
  assert.equal(spanOf({}), "1h");
  assert.equal(spanOf({ span: "1m" }), "1m");
  assert.equal(spanOf({ span: "1m", task: "mail" }), "1h");
  assert.equal(spanOf({ span: "1h", endpoint: "ep_1" }), "24h");
  assert.equal(spanOf({ span: "30d", endpoint: "ep_1" }), "30d");
  assert.equal(spanOf({ span: "a week" }), "1h");
});
