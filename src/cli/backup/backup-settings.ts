import { resolve } from "node:path";
import { ConfigurationError } from "../../core/errors.ts";
import { doctorOf } from "../../engine/doctor/doctor.ts";
import { instrumentOf } from "../../observe/instrument.ts";
import type { Log } from "../../observe/log.ts";
import type { Posthorn } from "../../posthorn.ts";
import { refuseUnsafeSqlite } from "../../store/sqlite/sharing.ts";
import { Setting } from "../terminal/setting.ts";
import { duration, wholeNumber } from "../terminal/values.ts";
import { refusePostgres } from "./backup.ts";
import type { RegularBackups } from "./regular-backups.ts";

const KEEP = 28;
const OFTEN_MS = 60_000;

export interface BackupSettings {
  readonly database: string;
  readonly backupEvery?: number;
  readonly backupTo?: string;
  readonly backupKeep?: number;
}

export function backupSettings(): Setting[] {
  return [
    new Setting(
      "--backup-every <duration>",
      "POSTHORN_BACKUP_EVERY",
      "back the database up this often, such as 6h (default: never)",
    ).takes(duration),
    new Setting(
      "--backup-to <folder>",
      "POSTHORN_BACKUP_TO",
      "the folder for backups, best on another disk (required with --backup-every)",
    ),
    new Setting(
      "--backup-keep <number>",
      "POSTHORN_BACKUP_KEEP",
      `how many backups to keep, the newest ones (default: ${KEEP})`,
    ).takes(wholeNumber(1, 100_000)),
  ];
}

/** @throws ConfigurationError when one of the settings would do nothing. */
export function refuseBackups({ database, backupEvery, backupTo, backupKeep }: BackupSettings): void {
  if (backupEvery === undefined) {
    if (backupTo === undefined && backupKeep === undefined) return;
    throw new ConfigurationError(
      `${backupTo === undefined ? "--backup-keep" : "--backup-to"} does nothing without --backup-every; say how often, such as --backup-every 6h`,
    );
  }
  refusePostgres(database);
  refuseUnsafeSqlite();
  if (backupTo === undefined)
    throw new ConfigurationError("--backup-every needs --backup-to: the folder for the backups");
  if (backupEvery < OFTEN_MS)
    throw new ConfigurationError("--backup-every is too often; a backup can be made once a minute at most");
}

/** Undefined where none are asked for. */
export async function backupsOf(
  { backupEvery, backupTo, backupKeep = KEEP }: BackupSettings,
  database: string,
  posthorn: Posthorn,
  log: Log,
): Promise<RegularBackups | undefined> {
  if (backupEvery === undefined || backupTo === undefined) return undefined;
  const { RegularBackups } = await import("./regular-backups.ts");
  const backups = new RegularBackups({
    ...{ database, everyMs: backupEvery, keep: backupKeep, folder: resolve(backupTo) },
    ...{ clock: posthorn.clock, log, instrument: instrumentOf(posthorn) },
  });
  doctorOf(posthorn).add(() => backups.finding());
  return backups;
}
