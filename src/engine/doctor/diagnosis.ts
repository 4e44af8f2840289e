import { PosthornError } from "../../core/errors.ts";
import type { PostgresFacts, SqliteFacts } from "../../store/facts.ts";
import { type Examination, examine } from "./examine.ts";
import { type DoctorCheck, type Examined, type Finding, type Findings, worstOf } from "./finding.ts";
import { fullAt } from "./growth.ts";
import { growth } from "./growth-check.ts";
import { dueWithoutWorker, lateSchedules, oldestDueJob, retention, slots, workers } from "./job-checks.ts";
import { masterKey } from "./master-key-check.ts";
import * as postgres from "./postgres-checks.ts";
import { schema } from "./schema-check.ts";
import * as sqlite from "./sqlite-checks.ts";

const COMMON: readonly DoctorCheck[] = [
  schema,
  oldestDueJob,
  dueWithoutWorker,
  lateSchedules,
  workers,
  slots,
  retention,
  growth,
  masterKey,
];

const SQLITE: readonly DoctorCheck<SqliteFacts>[] = [
  sqlite.fileMode,
  sqlite.walSize,
  sqlite.freeDisk,
  sqlite.unusedSpace,
  sqlite.sqliteVersion,
  sqlite.integrity,
];

const POSTGRES: readonly DoctorCheck<PostgresFacts>[] = [
  postgres.clock,
  postgres.oldestTransaction,
  postgres.deadRows,
  postgres.bloat,
  postgres.partitions,
  postgres.autovacuum,
  postgres.durability,
  postgres.connections,
  postgres.timeouts,
];

/** What is wrong with the database and with what works on it. One that does not answer is a finding, too. */
export async function diagnose(asked: Examination): Promise<Findings> {
  try {
    const examined = await examine(asked);
    const { facts, now, growth: parts } = examined;
    const findings = [...COMMON.map((check) => check(examined)), ...ownChecks(examined)];
    return {
      checkedAt: now,
      worst: worstOf(findings),
      findings,
      storage: facts.storage.map((each) => ({ ...each, bytesADay: parts?.get(each.part) ?? null })),
      fullAt: fullAt(now, facts, parts, asked.retention),
      freeDiskBytes: facts.kind === "sqlite" ? (facts.file?.freeDiskBytes ?? null) : null,
      retention: asked.retention,
    };
  } catch (error) {
    if (!(error instanceof PosthornError)) throw error;
    const { retention: kept, clock } = asked;
    return {
      ...{ checkedAt: clock.now(), worst: "bad", findings: [noDatabase(error.message)] },
      ...{ storage: [], fullAt: null, freeDiskBytes: null, retention: kept },
    };
  }
}

/** The one finding possible when the database cannot be opened or read. */
export function noDatabase(detail: string): Finding {
  return { check: "database", level: "bad", title: "Database", detail, todo: null };
}

/** Every check for this kind of database. */
function ownChecks({ facts, ...rest }: Examined): Finding[] {
  if (facts.kind === "sqlite") return SQLITE.map((check) => check({ ...rest, facts }));
  return POSTGRES.map((check) => check({ ...rest, facts }));
}
