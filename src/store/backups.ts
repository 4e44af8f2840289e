import { ConfigurationError, PosthornError } from "../core/errors.ts";

/** Copies of the whole database, for somebody to take away. */
export interface Backups {
  /**
   * Whether one could be made now.
   * @throws ConfigurationError where this database is backed up by other means. BackupError when there is no room for it.
   */
  check(): void;
  /**
   * Makes one, and checks it from end to end.
   * @param signal aborted to give it up; nothing is then left of it.
   * @throws ConfigurationError, BackupError
   */
  take(signal: AbortSignal): Promise<TakenBackup>;
}

/** A whole copy, which nobody but its holder can get at. It has to be closed. */
export interface TakenBackup {
  readonly bytes: number;
  /** How many it holds. */
  readonly jobs: number;
  /** Its next bytes, at most so many. */
  read(most: number): Promise<Uint8Array>;
  /** Nothing is left of it then. */
  close(): Promise<void>;
}

/** The database could not be backed up; nothing stands under the backup's name. */
export class BackupError extends PosthornError {
  readonly code = "backup_failed";
}

export function notOfPostgres(): ConfigurationError {
  return new ConfigurationError(
    "this only copies SQLite files; back up a PostgreSQL database with PostgreSQL's own tools: pg_dump --schema=posthorn for a copy, or a base backup and " +
      "archived WAL (point-in-time recovery) to lose nothing. Keep POSTHORN_MASTER_KEY as well, in another place",
  );
}
