import { randomBytes } from "node:crypto";
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
  utimesSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ConfigurationError, messageOf } from "../../../core/errors.ts";
import { startProcess } from "../../../core/process/start-process.ts";
import { BackupError } from "../../backups.ts";
import { refuseUnsafeSqlite } from "../sharing.ts";

export interface BackupRequest {
  /** The database. */
  readonly from: string;
  /** A file that does not exist yet. */
  readonly to: string;
  /** Aborted to give it up; nothing is then left of it. */
  readonly signal?: AbortSignal;
  /** The disk that a folder is on. Default: as the system says. */
  readonly diskOf?: (folder: string) => Disk;
}

export interface Disk {
  readonly id: number;
  readonly freeBytes: number;
}

export interface Backup {
  readonly bytes: number;
  /** How many it holds. */
  readonly jobs: number;
}

/** What the process that copies answers. */
export type Copied = Backup | { readonly failed: string };

/** What a backup is called until it is whole; the rest is a label. */
const PART = ".part-";
/** A temporary file that was not touched for this long belongs to a process that is gone. */
const STALE_MS = 60 * 60_000;
const TOUCH_MS = STALE_MS / 4;

/**
 * Copies a database that is in use, as it is at one moment, into a file for its owner alone. The copy is made by a
 * process of its own, which can be stopped at any time, synced, and checked from end to end before it gets its name: a process that is killed
 * leaves no half backup, at most a `.part-…`. Meanwhile the write-ahead log grows, since it cannot be emptied.
 * @throws ConfigurationError when the file cannot be written there. BackupError when it could not be made.
 */
export async function backUp(request: BackupRequest): Promise<Backup> {
  const { from, to, signal, diskOf } = request;
  refuseUnsafeSqlite();
  if (existsSync(to)) throw new ConfigurationError(`${to} exists; name another file, or remove it first`);
  const part = `${to}${PART}${label()}`;
  makePrivate(part, to);
  const touching = setInterval(() => touch(part), TOUCH_MS); // checking a large copy takes hours, and writes nothing
  try {
    refuseWithoutRoom(from, dirname(to), diskOf);
    const copied = await inProcess(from, part, signal);
    if ("failed" in copied) throw new BackupError(copied.failed);
    renameSync(part, to);
    syncFolder(dirname(to));
    return copied;
  } finally {
    clearInterval(touching);
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

function touch(part: string): void {
  const now = new Date();
  try {
    utimesSync(part, now, now);
  } catch {} // somebody deleted it: the process that copies says so
}

/** Tells a temporary file from every other: in a container, a process often has the id of the one that was killed. */
export function label(): string {
  return randomBytes(6).toString("hex");
}

/** Deletes what processes that were killed have left in a folder. @param isTemporary by its name. */
export function clearStale(folder: string, isTemporary: (name: string) => boolean): void {
  for (const name of readdirSync(folder).filter(isTemporary)) {
    const file = join(folder, name);
    const writtenAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - writtenAt >= STALE_MS) rmSync(file, { force: true });
  }
}

/** What the whole backup would have been called that this is a part of; undefined for what is no part. */
export function wholeOf(name: string): string | undefined {
  const [whole, rest] = name.split(PART);
  return rest === undefined ? undefined : whole;
}

/**
 * For the copy, and for the database's log, which grows while it is made: often on the same disk.
 * @throws BackupError
 */
export function refuseWithoutRoom(from: string, folder = dirname(from), diskOf = diskOfSystem): void {
  const size = statSync(from).size + (statSync(`${from}-wal`, { throwIfNoEntry: false })?.size ?? 0);
  const isOneDisk = diskOf(folder).id === diskOf(dirname(from)).id;
  for (const [place, needed, what] of isOneDisk
    ? [[folder, 2 * size, "twice its size, since its log grows meanwhile"] as const]
    : [
        [folder, size, "its size"] as const,
        [dirname(from), size, "its size, since its log grows meanwhile"] as const,
      ]) {
    const { freeBytes } = diskOf(place);
    if (freeBytes >= needed) continue;
    throw new BackupError(
      `${place} has ${freeBytes} bytes free, and a backup of ${from} may take ${needed} there: ${what}; free some space${place === folder ? ", or name another disk" : ""}`,
    );
  }
}

function diskOfSystem(folder: string): Disk {
  const { bavail, bsize } = statfsSync(folder);
  return { id: statSync(folder).dev, freeBytes: bavail * bsize };
}

async function inProcess(from: string, to: string, signal: AbortSignal | undefined): Promise<Copied> {
  const { promise, resolve, reject } = Promise.withResolvers<Copied>();
  const giveUp = () => reject(new BackupError("the backup was given up, because the process stops"));
  signal?.addEventListener("abort", giveUp, { once: true });
  if (signal?.aborted) giveUp();
  const copying = startProcess(new URL("./backup-entry.ts", import.meta.url), [from, to]);
  const ended = new Promise<void>((end) => copying.once("close", end).once("error", () => end()));
  copying
    .once("message", (copied) => resolve(copied as Copied)) // what it sends
    .once("error", (cause) => reject(new BackupError(messageOf(cause), { cause })))
    .once("close", (code, killedBy) =>
      reject(new BackupError(`the process that copies ${from} has ended (${killedBy ?? `code ${code}`})`)),
    );
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", giveUp);
    copying.kill("SIGKILL"); // nothing is left for it to do, and whatever it loaded must not keep it
    await ended;
  }
}

/** Or a crash of the machine could take the name back. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return; // a folder cannot be opened there
  const opened = openSync(folder, "r");
  fsyncSync(opened);
  closeSync(opened);
}
