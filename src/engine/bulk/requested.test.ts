import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../../core/id.ts";
import type { BulkPlaces, BulkRequest } from "./bulk-request.ts";
import type { Pinned } from "./bulk-source.ts";
import { pin } from "./pin-request.ts";
import { requested } from "./requested.ts";

const NOW = Date.parse("2030-01-31T09:00:00Z");
const PLACES: BulkPlaces = {
  tenant: async () => ({ id: "app_1", mode: "live" }),
  endpoint: async () => ({ id: "ep_1", lane: "app_1/ep_1" }),
  rateOf: async () => undefined,
  deliverTask: "webhook.deliver",
  ownTasks: ["own"],
};

const pinnedOf = async (request: BulkRequest) => (await pin(request, { mode: "live" }, PLACES, NOW)).pinned;

/** Without where the ids of jobs ended, which differs each time. */
const comparable = (pinned: Pinned) =>
  pinned.kind === "jobs" ? { ...pinned, jobs: { ...pinned.jobs, upTo: "" } } : pinned;

const TO_MAIN = { tenant: "acme", endpoint: "main", createdFrom: "24h" } as const;
const REQUESTS: BulkRequest[] = [
  { action: "redeliver", filter: { class: "5xx" } },
  { action: "redeliver", filter: { ...TO_MAIN, status: "succeeded", attemptsFrom: 2 } },
  { action: "rerun", filter: { task: "send-receipt", lane: "l", tag: "t", finishedFrom: "1h" } },
  { action: "run_now", filter: { group: "g", key: "k", trigger: "manual", fingerprint: "f" } },
  {
    action: "run_now",
    filter: { dueFrom: new Date(NOW), dueBefore: new Date(NOW + 5), durationFrom: "90s" },
  },
  { action: "cancel", filter: { waiting: "held" } },
  { action: "redeliver", filter: { event: newId("msg"), durationFrom: 1_500 } },
  { action: "cancel", filter: { ids: ["job_1"], createdBefore: new Date(NOW - 5) } },
  { action: "replay", filter: TO_MAIN },
  { action: "replay", filter: { ...TO_MAIN, type: "a" } },
  { action: "replay", what: "missing", filter: { ...TO_MAIN, channel: "c", tag: "t" } },
  { action: "replay", what: "all", filter: { ...TO_MAIN, status: "succeeded", class: ["5xx", "timeout"] } },
  { action: "erase", filter: { tenant: "acme", createdFrom: "1h" } },
];

test("a run shows its filter in the words of a request, which selects the same jobs", async () => {
  for (const request of REQUESTS) {
    const pinned = await pinnedOf(request);
    const { filter, what } = requested(request.action, pinned);
    const again = await pinnedOf({ action: request.action, filter, ...(what && { what }) });
    assert.deepEqual(comparable(again), comparable(pinned), JSON.stringify(request));
    for (const name of Object.keys(request.filter)) assert.ok(name in filter, name);
  }
});

test("it shows what the request left to its defaults, and times as dates", async () => {
  const until = new Date(NOW + 1);
  assert.deepEqual(requested("rerun", await pinnedOf({ action: "rerun", filter: { createdFrom: "1h" } })), {
    filter: {
      status: ["failed", "cancelled"],
      createdFrom: new Date(NOW - 3_600_000),
      ...{ createdBefore: until, finishedBefore: until },
    },
    what: null,
  });
  assert.deepEqual(requested("replay", await pinnedOf({ action: "replay", filter: TO_MAIN })), {
    filter: {
      ...{ tenant: "app_1", endpoint: "ep_1" },
      ...{ createdFrom: new Date(NOW - 86_400_000), createdBefore: until },
    },
    what: "failed",
  });
});

test("how long running jobs have been running is fixed when the run is made", async () => {
  const pinned = await pinnedOf({ action: "cancel", filter: { status: "running", durationFrom: "10m" } });
  assert.ok(pinned.kind === "jobs");
  assert.equal(pinned.jobs.runningSince, NOW - 600_000);
  assert.deepEqual(Object.keys(requested("cancel", pinned).filter).sort(), [
    "createdBefore",
    "durationFrom",
    "status",
  ]);
});
