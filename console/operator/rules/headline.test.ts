import assert from "node:assert/strict";
import { test } from "node:test";
import type { TaskJobAnswer } from "../../../src/http/schemas/task-job.ts";
import { headline, type Surroundings } from "./headline.ts";

const NOW = Date.parse("2026-01-31T14:05:00.000Z");
const queued: TaskJobAnswer = {
  job_id: "job_1",
  task: "send-receipt",
  status: "queued",
  attempts: 0,
  max_attempts: 10,
  target_url: null,
  created_at: "2026-01-31T14:04:57.000Z",
  started_at: null,
  finished_at: null,
  run_at: "2026-01-31T14:04:57.000Z",
  result: null,
  error: null,
  duration_ms: null,
  tags: [],
  lane: "a",
  key: null,
  group_id: null,
  on_settled: null,
  bulk_id: null,
  trigger: null,
  trace_id: null,
  held_by: null,
  copy_of: null,
  schedule: null,
  scheduled_for: null,
  progress: null,
};
const worker = {
  worker_id: "wrk_1",
  host: "host-2",
  tasks: ["send-receipt"],
  concurrency: 64,
  running: 3,
  draining: false,
};
const standing = {
  worker_id: null,
  leased_at: null,
  times_out_at: null,
  lane_running: 0,
  lane_concurrency: null,
  lane_rate: null,
  before: 0,
  next_place_at: null,
};
const paused = {
  status: "paused",
  status_reason: "maintenance",
  status_actor: null,
  status_changed_at: "2026-01-31T13:00:00.000Z",
} as const;
const open = { breaker: "open", next_probe_at: "2026-01-31T14:05:40.000Z", last_error: null } as const;

test("a waiting job says why it waits, by the first reason that holds", () => {
  const cases: [Partial<TaskJobAnswer>, Partial<Surroundings>, string][] = [
    [
      { run_at: null },
      { endpoint: paused, health: open },
      "Its endpoint has been paused since 13:00:00: maintenance",
    ],
    [
      {},
      { endpoint: { ...paused, status_actor: "ana" } },
      "Its endpoint has been paused since 13:00:00 by ana: maintenance",
    ],
    [{ held_by: "unverified" }, {}, "Its endpoint has not confirmed yet that it wants events"],
    [{ run_at: null }, { health: open }, "Its endpoint's breaker is open; the next probe is in 40 s"],
    [
      { run_at: "2026-01-31T14:05:20.000Z", attempts: 3, error: "HTTP 503" },
      { endpoint: paused, health: open, workers: [] },
      "Waits for 14:05:20, in 20 s, after attempt 3 of 10 failed (HTTP 503)",
    ],
    [{}, { workers: [] }, "No worker is alive: nothing runs jobs now"],
    [
      {},
      { workers: [{ ...worker, tasks: [], draining: true }] },
      "The living workers are stopping: they start no more jobs",
    ],
    [{}, { workers: [{ ...worker, tasks: ["other"] }] }, "No living worker handles send-receipt"],
    [
      { held_by: "behind" },
      { workers: [worker], standing },
      "Waits for its turn: in its ordered lane, the job before it has not ended",
    ],
    [
      {},
      {
        workers: [{ ...worker, running: 64 }],
        standing: { ...standing, lane_running: 32, lane_concurrency: 32, before: 1_000 },
      },
      "Its lane runs 32 of 32; at least 1,000 before it",
    ],
    [
      {},
      {
        workers: [{ ...worker, running: 64 }],
        standing: {
          ...standing,
          ...{ lane_running: 31, lane_concurrency: 32, lane_rate: { limit: 10, per_ms: 1_000 } },
          ...{ before: 7, next_place_at: "2026-01-31T14:05:02.000Z" },
        },
      },
      "Its lane's rate is 10/s: next place in 2.0 s; 7 before it",
    ],
    [{}, { workers: [{ ...worker, running: 64 }], standing }, "Due for 3.0 s, workers are busy (64 of 64)"],
    [{}, { workers: [worker, { ...worker, tasks: ["other"] }] }, "Due for 3.0 s; workers have 64 slots"],
    [
      { status: "running", attempts: 1, started_at: "2026-01-31T14:00:00.000Z" },
      {
        workers: [worker],
        standing: {
          ...standing,
          ...{ worker_id: "wrk_1", leased_at: "2026-01-31T14:04:48.000Z" },
          times_out_at: "2026-01-31T14:05:03.000Z",
        },
      },
      "Runs on host-2 for 12 s, times out in 3.0 s; attempt 1 of 10",
    ],
    [{ status: "cancelled" }, {}, "Cancelled by hand"],
    [
      { status: "failed", attempts: 10, error: "HTTP 500" },
      {},
      "Failed permanently after 10 attempts: HTTP 500",
    ],
  ];
  for (const [job, around, sentence] of cases)
    assert.equal(headline({ ...queued, ...job }, { now: NOW, zone: "UTC", ...around }), sentence);
});
