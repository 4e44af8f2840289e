import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ConfigurationError } from "../../core/errors.ts";
import { bytes } from "../../engine/doctor/finding.ts";
import { isPostgres, keyFileOf } from "../../open-store.ts";
import { notOfPostgres } from "../../store/backups.ts";
import type { Backup } from "../../store/sqlite/backup/backup.ts";
import { refuseMissing } from "../database.ts";
import { type GlobalOptions, type Io, printJson, written } from "../terminal/io.ts";
import { shownSpan } from "../terminal/table.ts";

export type BackupOptions = GlobalOptions;

const BYTES_AT_ONCE = 1_048_576;

/**
 * Copies a SQLite file that is in use, and says what the copy holds.
 * @param file a path, or `-`.
 * @throws ConfigurationError, BackupError when there is no backup.
 */
export async function backup(file: string, options: BackupOptions, io: Io): Promise<void> {
  const { database } = options;
  refusePostgres(database);
  refuseMissing(database);
  const from = resolve(database);
  const isPiped = file === "-";
  if (isPiped && io.stdout.isTTY)
    throw new ConfigurationError(
      "standard output is a terminal; name a file, or redirect it: posthorn backup - > FILE",
    );
  const to = isPiped ? file : resolve(file);
  const begunAt = performance.now();
  const made = isPiped ? await pipe(from, io) : await copy(from, to, io);
  const tookMs = Math.round(performance.now() - begunAt);
  const output = isPiped ? io.stderr : io.stdout;
  const masterKey = io.env.POSTHORN_MASTER_KEY ? null : `${keyFileOf(from).database}.key`;
  if (options.json) {
    printJson(output, {
      database: from,
      file: to,
      ...made,
      took_ms: tookMs,
      master_key: masterKey,
    });
    return;
  }
  const took = shownSpan(Math.ceil(tookMs / 1_000) * 1_000);
  output.write(
    `${from} is backed up${isPiped ? "" : ` to ${to}`}: ${made.jobs} jobs, ${bytes(made.bytes)}, in ${took}; checked from end to end\n` +
      `${aboutKey(masterKey)}\n`,
  );
}

function aboutKey(file: string | null): string {
  if (file !== null && !existsSync(file))
    return `No secret is stored yet; once there are some, ${file} decrypts them: keep it as well, in another place.`;
  return `The master key is not in it, and nothing else opens the secrets: keep ${file ?? "POSTHORN_MASTER_KEY"} as well, in another place.`;
}

/** @throws ConfigurationError for PostgreSQL, which has better means. */
export function refusePostgres(database: string): void {
  if (isPostgres(database)) throw notOfPostgres();
}

async function copy(from: string, to: string, io: Io): Promise<Backup> {
  const { backUp } = await import("../../store/sqlite/backup/backup.ts");
  return backUp({ from, to, signal: io.stopSignal() });
}

/** However it ends, nothing is left of the copy next to the database. */
async function pipe(from: string, io: Io): Promise<Backup> {
  const { TakenBackups } = await import("../../store/sqlite/backup/taken-backups.ts");
  const taken = await new TakenBackups(from).take(io.stopSignal());
  try {
    for (;;) {
      const chunk = await taken.read(BYTES_AT_ONCE);
      if (chunk.length === 0) return { jobs: taken.jobs, bytes: taken.bytes };
      await written(io.stdout, chunk);
    }
  } finally {
    await taken.close();
  }
}
