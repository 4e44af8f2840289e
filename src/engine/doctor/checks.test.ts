import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import type { DueJobs } from "../../store/facts.ts";
import { COMMON, DEAD, FILE, judges, NOW, POSTGRES, SQLITE, WORKER } from "../test-kit/judged.ts";
import { GIB, MIB, span } from "./finding.ts";
import { dueWithoutWorker, lateSchedules, oldestDueJob, retention, slots, workers } from "./job-checks.ts";
import { masterKey } from "./master-key-check.ts";
import * as postgres from "./postgres-checks.ts";
import { schema } from "./schema-check.ts";
import * as sqlite from "./sqlite-checks.ts";

const due = (task: string, waitedMs: number, jobs = 1) => ({ task, jobs, oldestAt: NOW - waitedMs });
const all = (...tasks: DueJobs[]) => ({ due: { tasks, isAll: true } });
const unpruned = COMMON.unpruned;

judges("the schema", schema, SQLITE, [
  ["bad", { schema: { version: 2, latest: 3 } }, /schema 2 is older .* 3; run posthorn migrate/],
  ["warn", { schema: { version: 4, latest: 3 } }, /is a newer release's, .* finish the upgrade/],
]);

judges("the oldest due job", oldestDueJob, SQLITE, [
  ["ok", all(due("mail", 59_000)), /^1 job is due, the oldest \(of mail\) for 59s$/],
  ["warn", all(due("mail", MINUTE_MS), due("report", 0, 5)), /^6 jobs are due, .* for 1m; run more workers/],
  ["bad", all(due("mail", 26.5 * HOUR_MS)), /for 1d2h; /],
  [
    "ok",
    { due: { tasks: [due("mail", 0, 1_000)], isAll: false } },
    /^at least 1000 jobs are due, the oldest/,
  ],
]);

judges("jobs due without a worker", dueWithoutWorker, SQLITE, [
  ["ok", all(due("mail", HOUR_MS)), /no job waits/],
  ["ok", all(due("report", 29_000)), /no job waits/],
  [
    "bad",
    all(due("mail", HOUR_MS), due("report", HOUR_MS, 4)),
    /no living worker handles report \(4 jobs\); start/,
  ],
  [
    "warn",
    all(due("mail", HOUR_MS, 2)),
    /^2 jobs are due, and the only living workers are stopping; start another/,
    { workers: [{ ...WORKER, tasks: [] }] },
  ],
  [
    "bad",
    all(due("mail", HOUR_MS, 2)),
    /^2 jobs are due and no worker lives; start one/,
    { workers: [DEAD] },
  ],
  ["bad", all(due("mail", 30_000)), /^1 job is due and no worker lives/, { workers: [] }],
]);

const schedule = (name: string, lateMs: number) => ({ name, paused: false, nextAt: NOW - lateMs });

judges("the schedules", lateSchedules, SQLITE, [
  [
    "ok",
    {},
    /each ran when it was due/,
    { schedules: [schedule("a", 59_000), { ...schedule("b", DAY_MS), paused: true }] },
  ],
  ["ok", {}, /each ran when it was due/, { schedules: [{ ...schedule("once", 0), nextAt: null }] }],
  ["warn", {}, /^1 schedule is late: a \(by 1m\); every worker/, { schedules: [schedule("a", MINUTE_MS)] }],
  [
    "bad",
    {},
    /^7 schedules are late: s6 \(by 7h\), .*, s2 \(by 3h\), and 2 more; /,
    { schedules: [0, 1, 2, 3, 4, 5, 6].map((n) => schedule(`s${n}`, (n + 1) * HOUR_MS)) },
  ],
]);

judges("the workers", workers, SQLITE, [
  ["ok", {}, /no living worker is registered/, { workers: [] }],
  [
    "warn",
    {},
    /1 worker died \(process 8 on one\) and held 3 jobs; the living/,
    { workers: [WORKER, { ...DEAD, jobs: 3 }] },
  ],
  ["ok", {}, /^2 workers registered, 1 of them stopping/, { workers: [WORKER, { ...WORKER, tasks: [] }] }],
  ["bad", {}, /held 3 jobs; no worker is left .* start one/, { workers: [{ ...DEAD, jobs: 3 }] }],
  ["warn", {}, /held 0 jobs; the next worker clears this up/, { workers: [DEAD] }],
]);

judges("the slots", slots, SQLITE, [
  ["ok", {}, /no handler has outlived/],
  ["ok", {}, /no handler has outlived/, { workers: [{ ...DEAD, slotsHeld: 3 }] }],
  [
    "warn",
    {},
    /handlers that do not end hold slots of process 7 on one \(3 of 4\); its log names them/,
    { workers: [{ ...WORKER, slotsHeld: 3 }] },
  ],
  ["bad", {}, /\(4 of 4\)/, { workers: [{ ...WORKER, slotsHeld: 4 }] }],
]);

judges("the retention", retention, SQLITE, [
  ["ok", { unpruned: { ...unpruned, succeededAt: NOW - 30 * DAY_MS - 59 * MINUTE_MS } }, /nothing is kept/],
  ["ok", { unpruned: { ...unpruned, failedAt: NOW - 90 * DAY_MS } }, /succeeded: 30d, .* cancelled: 90d/],
  [
    "ok",
    {},
    /\(jobs: 7d\)/,
    { retention: { jobsMs: DAY_MS, succeededMs: 7 * DAY_MS, failedMs: 7 * DAY_MS, auditMs: DAY_MS } },
  ],
  [
    "bad",
    { unpruned: { ...unpruned, failedAt: NOW - 91 * DAY_MS } },
    /has stayed 1d longer; .*--retain-failed/,
  ],
  [
    "warn",
    { unpruned: { ...unpruned, succeededAt: NOW - 30 * DAY_MS - HOUR_MS } },
    /has stayed 1h longer; .*--retain-jobs/,
  ],
  ["warn", { unpruned: { ...unpruned, expiredAt: NOW - 2 * HOUR_MS } }, /has stayed 2h longer/],
  ["bad", { unpruned: { ...unpruned, keyExpiredAt: NOW - DAY_MS } }, /has stayed 1d longer/],
]);

judges("the master key", masterKey, SQLITE, [
  ["ok", {}, /no secret/, { masterKey: { state: "unneeded" } }],
  [
    "bad",
    {},
    /^the key file is missing$/,
    { masterKey: { state: "unusable", problem: "the key file is missing" } },
  ],
]);

judges("the file's mode", sqlite.fileMode, SQLITE, [
  ["ok", { file: null }, /no file mode/],
  ["ok", { file: { ...FILE, mode: 0o400 } }, /^400: only its owner can read it/],
  ["bad", { file: { ...FILE, mode: 0o640 } }, /\(mode 640\).*chmod 600 \/data\/p\.db\*$/],
]);

judges("the size of the WAL", sqlite.walSize, SQLITE, [
  ["ok", { file: { ...FILE, walBytes: 64 * MIB } }, /^64\.0 MiB$/],
  ["warn", { file: { ...FILE, walBytes: 256 * MIB } }, /grown to 256 MiB: .* keeps a read transaction open/],
  ["bad", { file: { ...FILE, walBytes: 4 * GIB } }, /grown to 4\.0 GiB/],
]);

judges("the free disk", sqlite.freeDisk, SQLITE, [
  ["ok", { file: null }, /in memory/],
  [
    "warn",
    { file: { ...FILE, freeDiskBytes: 2 * GIB } },
    /^2\.0 GiB free .* 5\.0 MiB; once the disk is full/,
  ],
  ["bad", { file: { ...FILE, freeDiskBytes: 0 } }, /^0 B free/],
]);

const space = (data: number, free: number) => ({
  storage: [
    { part: "data", bytes: data },
    { part: "free", bytes: free },
  ],
});

judges("unused space", sqlite.unusedSpace, SQLITE, [
  ["ok", space(3 * MIB, 900 * MIB), /^900 MiB of the file's 903 MiB are free for new jobs$/],
  ["ok", space(9 * GIB, 8 * GIB), /are free for new jobs$/],
  [
    "warn",
    space(GIB, 2 * GIB),
    /^2\.0 GiB of the file's 3\.0 GiB .*; a running server or worker gives it back/,
  ],
]);

judges("the version of SQLite", sqlite.sqliteVersion, SQLITE, [
  ["warn", { isSafeToShare: false, sqliteVersion: "3.50.4" }, /^3\.50\.4 could damage .* Node 24/],
]);

judges("the integrity", sqlite.integrity, SQLITE, [
  ["ok", { damage: [] }, /intact/],
  [
    "bad",
    { damage: ["row 3 missing from index"] },
    /is damaged \(row 3 missing from index\); stop every process/,
  ],
]);

judges("the clock", postgres.clock, POSTGRES, [
  ["ok", { aheadMs: -1_999 }, /agrees/],
  ["warn", { aheadMs: 2_000 }, /is 2s behind the database's/],
  ["bad", { aheadMs: -4 * MINUTE_MS }, /is 4m ahead of the database's; synchronise both with NTP/],
]);

const session = { pid: 42, name: "psql", isIdle: true, ageMs: 6 * MINUTE_MS };

judges("the oldest transaction", postgres.oldestTransaction, POSTGRES, [
  ["ok", { transactions: [{ ...session, ageMs: 4 * MINUTE_MS }] }, /^open for 4m$/],
  ["warn", { seesAllSessions: false }, /^none is open; sessions of other users .* grant pg_read_all_stats/],
  [
    "warn",
    { transactions: [session] },
    /^session 42 \(psql\) has been idle in a transaction for 6m.*pg_terminate_backend\(42\)$/,
  ],
  ["ok", { transactions: [session] }, /./, { maxTransactionMs: HOUR_MS }],
  [
    "bad",
    { transactions: [{ ...session, isIdle: false, name: "", ageMs: HOUR_MS }] },
    /^session 42 has been in a transaction for 1h/,
  ],
  [
    "bad",
    { transactions: [{ ...session, pid: null, name: "two", ageMs: DAY_MS }] },
    /rollback prepared 'two'$/,
  ],
]);

const table = {
  name: "ready",
  whole: "ready",
  liveRows: 10,
  deadRows: 50_000,
  bytes: 9 * MIB,
  vacuumedAt: null,
};

judges("dead rows", postgres.deadRows, POSTGRES, [
  ["ok", { tables: [{ ...table, liveRows: 60_000 }] }, /keeps up/],
  ["ok", { tables: [{ ...table, name: "jobs" }] }, /keeps up/],
  [
    "warn",
    { tables: [table] },
    /^posthorn\.ready has 50000 dead rows and 10 live ones, in 9\.0 MiB \(never vacuumed\); .*vacuum posthorn\.ready$/,
  ],
  [
    "bad",
    { tables: [table, { ...table, name: "leases", deadRows: 1_000_000, vacuumedAt: NOW }] },
    /^posthorn\.leases .*last vacuumed at 2023-11-14T/,
  ],
  ["warn", { tables: [{ ...table, name: "jobs", deadRows: 500_000 }] }, /^posthorn\.jobs/],
]);

judges("bloat", postgres.bloat, POSTGRES, [
  ["ok", { tables: [{ ...table, bytes: 2 * GIB, liveRows: 2_000_000 }] }, /no larger than they need/],
  ["ok", { tables: [{ ...table, name: "jobs", bytes: 200 * GIB }] }, /no larger than they need/],
  [
    "warn",
    { tables: [{ ...table, bytes: 2 * GIB }] },
    /posthorn\.ready \(2\.0 GiB for 10 rows\) .*vacuum full posthorn\.ready$/,
  ],
]);

const { settings } = POSTGRES;

judges("partitions", postgres.partitions, POSTGRES, [
  ["ok", {}, /^9 partitions/],
  ["warn", { partitions: { days: 3, daysMissing: 2 } }, /^2 days from today on have no partition yet/],
]);

judges("autovacuum", postgres.autovacuum, POSTGRES, [
  ["bad", { settings: { ...settings, autovacuum: "off" } }, /^autovacuum is off, .* set autovacuum = on$/],
  [
    "bad",
    { settings: { ...settings, autovacuum: "off", track_counts: "off" } },
    /^autovacuum and track_counts are off/,
  ],
]);

judges("durability", postgres.durability, POSTGRES, [
  ["bad", { settings: { ...settings, fsync: "off" } }, /^fsync off: .* set fsync = on$/],
  ["bad", { settings: { ...settings, full_page_writes: "off" } }, /^full_page_writes off/],
  ["warn", { settings: { ...settings, synchronous_commit: "off" } }, /in your own transactions may be lost/],
  ["ok", { settings: { ...settings, synchronous_commit: "remote_apply" } }, /on disk/],
]);

judges("connections", postgres.connections, POSTGRES, [
  ["warn", { connections: { used: 80, most: 100 } }, /^80 of 100 connections are used; raise/],
  ["bad", { connections: { used: 95, most: 100 } }, /pooler/],
  ["warn", { connections: { used: 2, most: 10 } }, /^max_connections is 10, /],
]);

judges("timeouts", postgres.timeouts, POSTGRES, [
  [
    "warn",
    { settings: { ...settings, statement_timeout: "200" } },
    /^statement_timeout is 200 ms: .* allow it a few seconds$/,
  ],
  ["ok", { settings: { ...settings, statement_timeout: "30000" } }, /none is harmful/],
  ["ok", { settings: { ...settings, idle_in_transaction_session_timeout: "0" } }, /= 5min would keep/],
]);

test("spans of time are given in their two largest units", () => {
  const cases: [number, string][] = [
    [999, "less than a second"],
    [59_999, "59s"],
    [61_500, "1m1s"],
    [2 * HOUR_MS + 3 * MINUTE_MS + 4_000, "2h3m"],
    [DAY_MS, "1d"],
  ];
  for (const [ms, text] of cases) assert.equal(span(ms), text);
});
