import { existsSync } from "node:fs";
import { ConfigurationError, PosthornError } from "../../core/errors.ts";
import { diagnose, noDatabase } from "../../engine/doctor/diagnosis.ts";
import type { Finding } from "../../engine/doctor/finding.ts";
import { retentionPeriods } from "../../engine/retention/retention-periods.ts";
import { isPostgres } from "../../open-store.ts";
import { boxOf, located, withExistingStore } from "../database.ts";
import type { RetentionSettings } from "../serve/retention-settings.ts";
import type { GlobalOptions } from "../terminal/io.ts";

export interface DoctorOptions
  extends GlobalOptions,
    Omit<RetentionSettings, "retainAudit" | "retainSucceededSize" | "retainFailedSize"> {
  readonly deep: boolean;
  /** Look again this often, in milliseconds, or every minute. */
  readonly watch?: number | true;
  readonly maxTransaction?: number;
}

/**
 * What every check found, or the one finding possible when the database cannot be opened.
 * @throws ConfigurationError for an option that would do nothing.
 */
export async function examine(
  options: DoctorOptions,
  masterKey: string | undefined,
): Promise<readonly Finding[]> {
  refuseWhatDoesNothing(options);
  const { database, deep, maxTransaction } = options;
  const older = await olderSchema(database);
  if (older) return [older];
  const { masterKeyState } = await import("../../webhooks/signing/master-key-state.ts");
  try {
    const { findings } = await withExistingStore(database, (store) =>
      diagnose({
        ...{ store, clock: store.clock, deep, maxTransactionMs: maxTransaction },
        retention: { ...retentionPeriods(options), mostBytes: options.retainSize },
        masterKey: () => masterKeyState(store.secrets, () => boxOf(database, masterKey, true)),
      }),
    );
    return findings;
  } catch (error) {
    if (!(error instanceof PosthornError)) throw error;
    return [noDatabase(error.message)];
  }
}

/** A check takes some milliseconds of the database's time. */
const OFTEN_MS = 100;

function refuseWhatDoesNothing({ database, deep, watch, maxTransaction, retainSize }: DoctorOptions): void {
  if (typeof watch === "number" && watch < OFTEN_MS)
    throw new ConfigurationError(`--watch ${watch}ms is too often; check every ${OFTEN_MS}ms or less often`);
  if (isPostgres(database) && deep)
    throw new ConfigurationError("--deep reads a SQLite file for damage; for PostgreSQL there is amcheck");
  if (isPostgres(database) && retainSize !== undefined)
    throw new ConfigurationError("--retain-size is for SQLite files; see posthorn help serve");
  if (!isPostgres(database) && maxTransaction !== undefined)
    throw new ConfigurationError(
      "--max-transaction is for PostgreSQL; a SQLite file does not show who reads it",
    );
}

/** Opening a SQLite file migrates it to this release's schema, and a diagnosis should leave it as it was. */
async function olderSchema(database: string): Promise<Finding | undefined> {
  if (isPostgres(database) || !existsSync(database)) return undefined;
  const { latestVersion, schemaVersion } = await import("../../store/sqlite/migrate.ts");
  const version = schemaVersion(located(database));
  if (version === undefined || version >= latestVersion()) return undefined;
  const detail = `schema ${version} is older than this release's ${latestVersion()}`;
  const todo = "run posthorn migrate, or start the server, then try again";
  return { check: "schema", level: "bad", title: "Schema", detail, todo };
}
