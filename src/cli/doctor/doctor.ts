import { PosthornError } from "../../core/errors.ts";
import { counted, type DoctorCheck, type Examined, type Finding } from "../../engine/doctor/finding.ts";
import { dueWithoutWorker, oldestDueJob, retention, slots, workers } from "../../engine/doctor/job-checks.ts";
import { masterKey } from "../../engine/doctor/master-key-check.ts";
import * as postgres from "../../engine/doctor/postgres-checks.ts";
import { schema } from "../../engine/doctor/schema-check.ts";
import * as sqlite from "../../engine/doctor/sqlite-checks.ts";
import type { PostgresFacts, SqliteFacts } from "../../store/facts.ts";
import { shownDatabase } from "../database.ts";
import { type Io, type Output, printJson } from "../terminal/io.ts";
import { printableLine } from "../terminal/printable.ts";
import { type DoctorOptions, examine } from "./examine.ts";

/** Something is wrong with the database or with the processes that work on it; each finding says what, and what to do. */
class UnwellError extends PosthornError {
  readonly code = "unwell";

  constructor(bad: number) {
    super(`${counted(bad, "check")} found something wrong`);
  }
}

const COMMON: readonly DoctorCheck[] = [
  schema,
  oldestDueJob,
  dueWithoutWorker,
  workers,
  slots,
  retention,
  masterKey,
];

const SQLITE: readonly DoctorCheck<SqliteFacts>[] = [
  sqlite.fileMode,
  sqlite.walSize,
  sqlite.freeDisk,
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

/**
 * Reports the state of the database and of the processes that work on it.
 * @throws UnwellError when something is bad, after reporting it.
 */
export async function doctor(options: DoctorOptions, io: Io): Promise<void> {
  const found = await examine(options, io.env.POSTHORN_MASTER_KEY);
  const findings = "check" in found ? [found] : checked(found);
  const database = shownDatabase(options.database);
  const bad = findings.filter(({ level }) => level === "bad").length;
  if (options.json) printJson(io.stdout, { database, healthy: bad === 0, findings });
  else print(io.stdout, findings);
  if (bad > 0) throw new UnwellError(bad);
}

/** One line each, however long: a truncated sentence helps nobody. */
function print(output: Output, findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { level, check, says } of findings)
    output.write(`${level.padEnd(4)}  ${check.padEnd(width)}  ${printableLine(says)}\n`);
}

/** Every check for this kind of database. */
export function checked(examined: Examined): Finding[] {
  return [...COMMON.map((check) => check(examined)), ...ownChecks(examined)];
}

function ownChecks({ facts, ...rest }: Examined): Finding[] {
  if (facts.kind === "sqlite") return SQLITE.map((check) => check({ ...rest, facts }));
  return POSTGRES.map((check) => check({ ...rest, facts }));
}
