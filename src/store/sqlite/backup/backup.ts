import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ConfigurationError, messageOf } from "../../../core/errors.ts";
import { startThread } from "../../../core/process/start-thread.ts";
import { BackupError } from "../../backups.ts";
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

/** What a backup is called until it is whole; the rest is the process and a number. */
const PART = ".part-";
/** A partial file that was not written to for this long belongs to a process that is gone. */
const STALE_MS = 60 * 60_000;

let parts = 0;

/**
 * Copies a database that is in use, as it is at one moment, into a file for its owner alone. The copy is made by a thread with a connection
 * of its own, synced, and checked from end to end before it gets its name: a process that is killed leaves no half backup, only a `.part-…`.
 * Meanwhile the write-ahead log grows, since it cannot be emptied.
 * @throws ConfigurationError when the file cannot be written there. BackupError when it could not be made.
 */
export async function backUp(request: BackupRequest): Promise<Backup> {
  const { from, to, signal, freeBytesOf } = request;
  refuseUnsafeSqlite();
  if (existsSync(to)) throw new ConfigurationError(`${to} exists; name another file, or remove it first`);
  const part = `${to}${PART}${process.pid}-${++parts}`;
  makePrivate(part, to);
  try {
    refuseWithoutRoom(from, dirname(to), freeBytesOf);
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

/** Deletes what processes that were killed have left in a folder. @param isOurs by what the whole backup would have been called. */
export function clearParts(folder: string, isOurs: (name: string) => boolean): void {
  for (const name of readdirSync(folder)) {
    const [whole = "", process] = name.split(PART);
    if (process === undefined || !isOurs(whole)) continue;
    const file = join(folder, name);
    const writtenAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - writtenAt >= STALE_MS) rmSync(file, { force: true });
  }
}

/**
 * Twice the size: the log grows while the copy is made, often on the same disk.
 * @throws BackupError
 */
export function refuseWithoutRoom(from: string, folder = dirname(from), freeBytesOf = freeBytes): void {
  const free = freeBytesOf(folder);
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
