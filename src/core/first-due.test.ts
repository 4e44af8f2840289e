import assert from "node:assert/strict";
import { test } from "node:test";
import { wantedSince, withFirstDue } from "./first-due.ts";
import type { Origin } from "./origin.ts";
import { metaOf, traceOf } from "./traces/trace-parent.ts";

const TRACE = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

test("a job for later keeps when it is due, with its place in a trace, and a job for now is left as it is", () => {
  const now = { createdAt: 1_000, runAt: 1_000 };
  assert.equal(withFirstDue(now), now);
  const later = withFirstDue({
    createdAt: 1_000,
    runAt: 9_000,
    origin: { tenant: "app_a", meta: metaOf(TRACE) },
  });
  assert.equal(later.origin?.tenant, "app_a");
  assert.deepEqual(traceOf(later.origin), TRACE);
  const plain: { createdAt: number; runAt: number; origin?: Origin } = { createdAt: 0, runAt: 1 };
  assert.equal(traceOf(withFirstDue(plain).origin), undefined);
});

test("a job counts as waited for since it was first due, however often it was tried, and never since before it was accepted", () => {
  const { origin } = withFirstDue({ createdAt: 1_000, runAt: 9_000, origin: {} });
  const since = (job: { dueAt: number; startedAt: number }, of?: Origin) =>
    wantedSince({ createdAt: 1_000, origin: of, ...job });
  assert.equal(since({ dueAt: 9_000, startedAt: 9_005 }, origin), 9_000, "its first attempt");
  assert.equal(since({ dueAt: 20_000, startedAt: 9_005 }, origin), 9_000, "a later one");
  assert.equal(since({ dueAt: 500, startedAt: 1_003 }), 1_000, "due before it came");
  assert.equal(
    since({ dueAt: 20_000, startedAt: 1_003 }),
    1_000,
    "a later attempt of one that was due at once",
  );
  assert.equal(since({ dueAt: 20_000, startedAt: 1_003 }, { meta: metaOf(TRACE) }), 1_000, "within a trace");
  assert.equal(since({ dueAt: 20_000, startedAt: 1_003 }, { meta: "damaged" }), 1_000);
});
