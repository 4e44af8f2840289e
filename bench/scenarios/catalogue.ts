import type { Scenario } from "./scenario.ts";

const BURST = 50_000;
const SLOW_BURST = 6_000;
const A_LONG_TIME_SECONDS = 600;

export const scenarios: readonly Scenario[] = [
  { name: "saturation", what: "64 connections, each sends its next request when it has its answer" },
  ...[100, 500, 1_000].map((rate) => ({
    name: `steady-${rate}`,
    what: `${rate} requests a second at fixed moments, whatever the answers do`,
    load: { rate },
  })),
  {
    name: "burst",
    what: `${BURST} requests as fast as they are answered, then nothing`,
    load: { count: BURST, seconds: A_LONG_TIME_SECONDS },
  },
  ...[4, 64, 256].map((kibibytes) => ({
    name: `payload-${kibibytes}k`,
    what: `saturation with payloads of ${kibibytes} KiB instead of 300 bytes`,
    load: { bytes: kibibytes * 1_024 },
  })),
  {
    name: "targets-10000",
    what: "saturation, spread over 10 000 endpoints instead of one",
    load: { targets: 10_000 },
  },
  {
    name: "slow",
    what: "500 a second to 99 endpoints, and every tenth to one more that takes 2 s to answer; latency is of the 99",
    load: { rate: 500, targets: 99, slowShare: 0.1, slowMs: 2_000 },
  },
  {
    name: "hung",
    what: "500 a second to 99 endpoints, with jobs waiting for one more that takes 30 s to answer: 100 000, or --hung N",
    load: { rate: 500, targets: 99, slowMs: 30_000, warmUpSeconds: 2 },
    filled: "hung",
  },
  {
    name: "backlog",
    what: "saturation of 100 endpoints while jobs for 100 others are due: 1 000 000, or --backlog N",
    load: { targets: 100 },
    filled: "backlog",
  },
  {
    name: "history",
    what: "saturation next to finished jobs: 10 000 000, or --history N",
    filled: "history",
  },
  ...[1, 2, 3, 4].map((workers) => ({
    name: `workers-${workers}`,
    what: `saturation of a server without a worker next to ${workers} worker process${workers === 1 ? "" : "es"}`,
    workers,
  })),
  ...[1, 2, 4].map((workers) => ({
    name: `slow-workers-${workers}`,
    what: `${SLOW_BURST} requests as fast as they are answered, for one endpoint that takes 0.1 s, with ${workers} worker process${workers === 1 ? "" : "es"}`,
    workers,
    load: { count: SLOW_BURST, seconds: A_LONG_TIME_SECONDS, slowShare: 1, slowMs: 100 },
  })),
  {
    name: "snapshot",
    what: "800 a second for ten minutes (--snapshot-seconds N), while another session holds a snapshot of the database open",
    load: { rate: 800 },
    workers: 1,
    besideSnapshot: true,
  },
  { name: "idle", what: "nothing is asked for a minute (--idle-seconds N)", idle: true },
  {
    name: "task",
    what: "20 000 jobs that do nothing, without HTTP (--jobs N): enqueued one by one, 64 at once",
    task: true,
  },
];

/** What `npm run bench` measures unless told otherwise. */
export const HEADLINE = ["saturation", "steady-500"];
