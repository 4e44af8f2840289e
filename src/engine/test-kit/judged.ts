import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MS, MINUTE_MS } from "../../core/duration.ts";
import type { Facts, PostgresFacts, SqliteFacts } from "../../store/facts.ts";
import {
  type DoctorCheck,
  type Examined,
  type ExaminedWorker,
  GIB,
  type Level,
  MIB,
  sentence,
} from "../doctor/finding.ts";

export const NOW = 1_700_000_000_000;

export const COMMON = {
  schema: { version: 3, latest: 3 },
  due: { tasks: [], isAll: true },
  leases: [],
  storage: [],
  unpruned: { succeededAt: null, failedAt: null, expiredAt: null, keyExpiredAt: null },
};

export const FILE = {
  ...{ path: "/data/p.db", mode: 0o600, bytes: 5 * MIB, walBytes: 0, freeDiskBytes: 50 * GIB },
  mostBytes: null,
};

export const SQLITE: SqliteFacts = {
  ...COMMON,
  kind: "sqlite",
  file: FILE,
  sqliteVersion: "3.51.3",
  isSafeToShare: true,
  nodeThatShares: "24.15.0",
  damage: null,
};

export const POSTGRES: PostgresFacts = {
  ...COMMON,
  kind: "postgres",
  version: "18.1",
  aheadMs: 0,
  seesAllSessions: true,
  transactions: [],
  connections: { used: 7, most: 100 },
  partitions: { days: 9, daysMissing: 0 },
  tables: [{ name: "ready", whole: "ready", liveRows: 10, deadRows: 900, bytes: 8_192, vacuumedAt: NOW }],
  settings: {
    autovacuum: "on",
    track_counts: "on",
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    max_connections: "100",
    statement_timeout: "0",
    idle_in_transaction_session_timeout: "60000",
  },
};

export const PERIODS = {
  jobsMs: 30 * DAY_MS,
  succeededMs: 30 * DAY_MS,
  failedMs: 90 * DAY_MS,
  auditMs: 400 * DAY_MS,
};

export const WORKER: ExaminedWorker = {
  ...{ id: "wrk_1", host: "one", pid: 7, tasks: ["mail"], mayLive: true, jobs: 0 },
  ...{ concurrency: 4, slotsHeld: 0 },
};
export const DEAD: ExaminedWorker = { ...WORKER, id: "wrk_2", pid: 8, mayLive: false };

export function examined<F extends Facts>(facts: F, rest: Partial<Examined> = {}): Examined<F> {
  return {
    now: NOW,
    workers: [WORKER],
    schedules: [],
    masterKey: { state: "usable" },
    retention: PERIODS,
    growth: undefined,
    maxTransactionMs: 5 * MINUTE_MS,
    ...rest,
    facts,
  };
}

/** One case after the other: what differs from a database that is well, and what is found. */
export function judges<F extends Facts>(
  name: string,
  check: DoctorCheck<F>,
  well: F,
  cases: readonly [level: Level, facts: Partial<F>, says: RegExp, rest?: Partial<Examined>][],
): void {
  test(`the check of ${name}`, () => {
    assert.equal(check(examined(well)).level, "ok");
    for (const [level, facts, says, rest] of cases) {
      const finding = check(examined({ ...well, ...facts }, rest));
      assert.equal(finding.level, level, sentence(finding));
      assert.match(sentence(finding), says);
    }
  });
}
