import assert from "node:assert/strict";
import { test } from "node:test";
import type { BulkAnswer } from "../../../src/http/schemas/bulk.ts";
import { requestOf } from "./repeat-run.ts";

const CREATED = "2030-01-31T09:00:00.000Z";
const PIN = "2030-01-31T09:00:00.001Z";
const run = (action: BulkAnswer["action"], filter: BulkAnswer["filter"], what: BulkAnswer["what"] = null) =>
  ({ action, filter, what, created_at: CREATED }) as BulkAnswer; // of which no more is read

test("a run is repeated with the conditions that it was made with, and not with where it was pinned", () => {
  const filter = {
    ...{ status: ["failed" as const], tenant: "app_1", endpoint: "ep_1", class: "5xx" as const },
    created_from: "2030-01-30T09:00:00.000Z",
  };
  const pinned = { ...filter, created_before: PIN, finished_before: PIN };
  assert.deepEqual(requestOf(run("redeliver", pinned)), { action: "redeliver", filter });

  const before = run("cancel", { created_before: "2030-01-31T08:00:00.000Z" });
  assert.deepEqual(requestOf(before).filter, { created_before: "2030-01-31T08:00:00.000Z" });
});

test("a replay is asked for again with what it sends", () => {
  const filter = { tenant: "app_1", endpoint: "ep_1", created_from: "2030-01-30T09:00:00.000Z" };
  assert.deepEqual(requestOf(run("replay", { ...filter, created_before: PIN }, "missing")), {
    action: "replay",
    what: "missing",
    filter,
  });
});
