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
  lane: "a",
  key: null,
  group_id: null,
  bulk_id: null,
  trigger: null,
  trace_id: null,
  held_by: null,
  scheduled_for: null,
  progress: null,
};
const worker = { tasks: ["send-receipt"], concurrency: 64, draining: false };
const paused = {
  status: "paused",
  status_reason: "maintenance",
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
    [{ run_at: null }, { health: open }, "Its endpoint's breaker is open; the next probe is in 40 s"],
    [
      { run_at: "2026-01-31T14:05:20.000Z", attempts: 3, error: "HTTP 503" },
      {},
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
      { run_at: null },
      { workers: [worker] },
      "Waits for its turn: the job before it in its lane has not ended",
    ],
    [{}, { workers: [worker, { ...worker, tasks: ["other"] }] }, "Due for 3.0 s; workers have 64 slots"],
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
