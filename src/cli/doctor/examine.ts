import { existsSync } from "node:fs";
import { ConfigurationError, messageOf, PosthornError } from "../../core/errors.ts";
import type { ExaminedWorker, MasterKeyState } from "../../engine/doctor/finding.ts";
import { type Examined, type Finding, MINUTE } from "../../engine/doctor/finding.ts";
import { mayLive } from "../../engine/fleet/liveness.ts";
import { retentionPeriods } from "../../engine/retention-periods.ts";
import { isPostgres } from "../../open-store.ts";
import type { Store } from "../../store/store.ts";
import { located, signingSecretIn, withExistingStore } from "../database.ts";
import type { GlobalOptions } from "../terminal/io.ts";

export interface DoctorOptions extends GlobalOptions {
  readonly deep: boolean;
  readonly retainJobs: number;
  readonly retainSucceeded?: number;
  readonly retainFailed?: number;
  readonly maxTransaction?: number;
}

const DEFAULT_MAX_TRANSACTION_MS = 5 * MINUTE;

/** The facts that the checks judge, or the one finding possible when the database cannot be opened. */
export async function examine(
  options: DoctorOptions,
  masterKey: string | undefined,
): Promise<Examined | Finding> {
  refuseWhatDoesNothing(options);
  const older = await olderSchema(options.database);
  if (older) return older;
  try {
    return await withExistingStore(options.database, (store) => examined(store, options, masterKey));
  } catch (error) {
    if (!(error instanceof PosthornError)) throw error;
    return { check: "database", level: "bad", says: error.message };
  }
}

function refuseWhatDoesNothing({ database, deep, maxTransaction }: DoctorOptions): void {
  if (isPostgres(database) && deep)
    throw new ConfigurationError("--deep reads a SQLite file for damage; for PostgreSQL there is amcheck");
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
  const says = `schema ${version} is older than this release's ${latestVersion()}; run posthorn migrate, or start the server, then try again`;
  return { check: "schema", level: "bad", says };
}

async function examined(
  store: Store,
  options: DoctorOptions,
  masterKey: string | undefined,
): Promise<Examined> {
  const { database, deep, maxTransaction } = options;
  const now = store.clock.now();
  const retention = retentionPeriods(options);
  const endedBefore = { succeeded: now - retention.succeededMs, failed: now - retention.failedMs };
  const facts = await store.inspection.facts({ now, endedBefore, deep });
  return {
    now,
    facts,
    workers: await examinedWorkers(
      store,
      now,
      new Map(facts.leases.map(({ worker, jobs }) => [worker, jobs])),
    ),
    masterKey: await masterKeyState(store, database, masterKey),
    retention,
    maxTransactionMs: maxTransaction ?? DEFAULT_MAX_TRANSACTION_MS,
  };
}

async function examinedWorkers(
  store: Store,
  now: number,
  held: ReadonlyMap<string, number>,
): Promise<ExaminedWorker[]> {
  return (await store.workers.list()).map((worker) => ({
    id: worker.id,
    host: worker.machine.split(" ")[0] ?? "",
    pid: worker.pid,
    tasks: worker.tasks,
    concurrency: worker.concurrency,
    slotsHeld: worker.slotsHeld,
    mayLive: mayLive(worker, now, store.isShared),
    jobs: held.get(worker.id) ?? 0,
  }));
}

async function masterKeyState(
  store: Store,
  database: string,
  masterKey: string | undefined,
): Promise<MasterKeyState> {
  const { hasServerSecret } = await import("../../webhooks/signing/server-secret.ts");
  if (!(await hasServerSecret(store.secrets))) return { state: "unneeded" };
  try {
    await signingSecretIn(store, database, masterKey);
    return { state: "usable" };
  } catch (error) {
    return { state: "unusable", problem: messageOf(error) };
  }
}
