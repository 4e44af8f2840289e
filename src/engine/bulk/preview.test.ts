import assert from "node:assert/strict";
import { test } from "node:test";
import { preview } from "./preview.ts";

test("a preview of a filter that matches almost nothing ends after two seconds, and says that it has not seen everything", async (t) => {
  let ms = 0;
  t.mock.method(performance, "now", () => ms);
  let pages = 0;
  const next = () => {
    pages++;
    ms += 300;
    return Promise.resolve({ found: [], last: `job_${pages}` });
  };

  const { matched } = await preview(
    { kind: "jobs", jobs: {} },
    { action: "cancel", filter: {} },
    { next, rateOf: async () => undefined },
    Date.now(),
  );

  assert.deepEqual(matched, { n: 0, atLeast: true });
  assert.equal(pages, 7);
});
