import assert from "node:assert/strict";
import { test } from "node:test";
import type { BulkAnswer } from "../../../src/http/schemas/bulk.ts";
import { requestOf } from "./repeat-run.ts";

const CREATED = "2030-01-31T09:00:00.000Z";
const PIN = "2030-01-31T09:00:00.001Z";
const run = (action: BulkAnswer["action"], filter: Record<string, unknown>) =>
  ({ action, filter, created_at: CREATED }) as BulkAnswer; // of which no more is read

test("a run is asked for again with the conditions that it was made with, and not with where it was pinned", () => {
  const redelivered = run("redeliver", {
    ...{
      statuses: ["failed"],
      tasks: ["webhook.deliver"],
      tenant: "app_1",
      lane: "app_1/ep_1",
      class: "5xx",
    },
    ...{
      created_from: "2030-01-30T09:00:00.000Z",
      created_before: PIN,
      finished_before: PIN,
      up_to: "job_1",
    },
  });
  const filter = {
    ...{ status: ["failed"], tenant: "app_1", lane: "app_1/ep_1", class: "5xx" },
    created_from: "2030-01-30T09:00:00.000Z",
  };
  assert.deepEqual(requestOf(redelivered, "now"), { action: "redeliver", filter });
  const pinned = { ...filter, created_before: PIN, finished_before: PIN };
  assert.deepEqual(requestOf(redelivered, "then"), { action: "redeliver", filter: pinned });

  const rerun = run("rerun", {
    statuses: ["failed", "cancelled"],
    tasks: ["send-receipt"],
    created_before: PIN,
  });
  assert.deepEqual(requestOf(rerun, "now").filter, { status: ["failed", "cancelled"], task: "send-receipt" });
  const before = run("cancel", { created_before: "2030-01-31T08:00:00.000Z" });
  assert.deepEqual(requestOf(before, "now").filter, { created_before: "2030-01-31T08:00:00.000Z" });
});

test("a replay names its endpoint, of whatever it was about", () => {
  const span = { tenant: "app_1", created_from: "2030-01-30T09:00:00.000Z" };
  const missing = run("replay", {
    ...span,
    endpoint: "ep_1",
    lane: "app_1/ep_1",
    what: "missing",
    created_before: PIN,
  });
  assert.deepEqual(requestOf(missing, "now"), {
    ...{ action: "replay", what: "missing" },
    filter: { ...span, endpoint: "ep_1" },
  });
  const chosen = run("replay", {
    ...{ ...span, endpoint: "ep_1", lane: "app_1/ep_1", what: "all", created_before: PIN },
    ...{ types: ["a", "b"], classes: ["5xx"], statuses: ["succeeded"], tag: "t" },
  });
  assert.deepEqual(requestOf(chosen, "now").filter, {
    ...{ ...span, endpoint: "ep_1", tag: "t" },
    ...{ type: ["a", "b"], class: ["5xx"], status: ["succeeded"] },
  });
  const failed = run("replay", {
    ...{ ...span, lane: "app_1/ep_1", tasks: ["webhook.deliver"], statuses: ["failed"] },
    ...{ created_before: PIN, finished_before: PIN, up_to: "job_1" },
  });
  assert.deepEqual(requestOf(failed, "now"), {
    ...{ action: "replay", what: "failed" },
    filter: { ...span, endpoint: "ep_1" },
  });
});
