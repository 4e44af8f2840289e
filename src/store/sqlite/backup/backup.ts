import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { ConfigurationError, messageOf, PosthornError } from "../../../core/errors.ts";
import { startThread } from "../../../core/process/start-thread.ts";
import { refuseUnsafeSqlite } from "../sharing.ts";

export interface BackupRequest {
  /** The database. */
  readonly from: string;
  /** A file that does not exist yet. */
  readonly to: string;
  /** Aborted to give it up; nothing is then left of it. */
  readonly signal?: AbortSignal;
  /** How much room a folder's disk has. Default: as the system says. */
  readonly freeBytesOf?: (folder: string) => number;
}

export interface Backup {
  readonly bytes: number;
  /** How many it holds. */
  readonly jobs: number;
}

export interface CopyRequest {
  readonly from: string;
  readonly to: string;
}

/** What the thread answers. */
export type Copied = Backup | { readonly failed: string };

/** The database could not be backed up; nothing stands under the backup's name. */
export class BackupError extends PosthornError {
  readonly code = "backup_failed";
}

/** What a backup is called until it is whole; the rest is the process and a number. */
export const PART = ".part-";

let parts = 0;

/**
 * Copies a database that is in use, as it is at one moment, into a file for its owner alone. The copy is made by a thread with a connection
 * of its own, synced, and checked from end to end before it gets its name: a process that is killed leaves no half backup, only a `.part-…`.
 * Meanwhile the write-ahead log grows, since it cannot be emptied.
 * @throws ConfigurationError when the file cannot be written there. BackupError when it could not be made.
 */
export async function backUp(request: BackupRequest): Promise<Backup> {
  const { from, to, signal, freeBytesOf = freeBytes } = request;
  refuseUnsafeSqlite();
  if (existsSync(to)) throw new ConfigurationError(`${to} exists; name another file, or remove it first`);
  const part = `${to}${PART}${process.pid}-${++parts}`;
  makePrivate(part, to);
  try {
    refuseWithoutRoom(from, dirname(to), freeBytesOf(dirname(to)));
    const copied = await inThread({ from, to: part }, signal);
    if ("failed" in copied) throw new BackupError(copied.failed);
    renameSync(part, to);
    syncFolder(dirname(to));
    return copied;
  } finally {
    rmSync(part, { force: true });
    rmSync(`${part}-journal`, { force: true });
  }
}

/** SQLite copies into an empty file that is there, and leaves its mode as it is. */
function makePrivate(part: string, to: string): void {
  try {
    closeSync(openSync(part, "wx", 0o600));
  } catch (cause) {
    throw new ConfigurationError(
      `the backup ${to} cannot be written (${messageOf(cause)}); its folder must exist and be writable for this user`,
      { cause },
    );
  }
}

/** Twice: the log grows while the copy is made, often on the same disk. */
function refuseWithoutRoom(from: string, folder: string, free: number): void {
  const size = statSync(from).size + (statSync(`${from}-wal`, { throwIfNoEntry: false })?.size ?? 0);
  if (free >= 2 * size) return;
  throw new BackupError(
    `${folder} has ${free} bytes free, and a backup of ${from} may take ${2 * size}: twice its size, since its log grows meanwhile; free some space, or name another disk`,
  );
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

async function inThread(request: CopyRequest, signal: AbortSignal | undefined): Promise<Copied> {
  const { promise, resolve, reject } = Promise.withResolvers<Copied>();
  const thread = startThread(new URL("./backup-entry.ts", import.meta.url), request);
  const giveUp = () => reject(new BackupError("the backup was given up, because the process stops"));
  thread
    .once("message", resolve)
    .once("error", (error) => reject(new BackupError(messageOf(error), { cause: error })))
    .once("exit", () => reject(new BackupError("the thread that makes the backup has ended")));
  signal?.addEventListener("abort", giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", giveUp);
    await thread.terminate();
  }
}

/** Or a crash of the machine could take the name back. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return; // a folder cannot be opened there
  const opened = openSync(folder, "r");
  fsyncSync(opened);
  closeSync(opened);
}
