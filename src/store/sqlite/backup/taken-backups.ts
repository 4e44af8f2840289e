import { rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { ConfigurationError } from "../../../core/errors.ts";
import type { Backups, TakenBackup } from "../../backups.ts";
import { refuseUnsafeSqlite } from "../sharing.ts";
import { type Backup, backUp, clearStale, label, refuseWithoutRoom } from "./backup.ts";

/** Copies of a SQLite file. Each is made next to it, and loses its name before anybody reads it; what a killed process leaves, a later one deletes. */
export class TakenBackups implements Backups {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  check(): void {
    if (this.#file === ":memory:")
      throw new ConfigurationError(
        "this database is in memory, and ends with its process: it has no file to back up",
      );
    refuseUnsafeSqlite();
    refuseWithoutRoom(resolve(this.#file));
  }

  async take(signal: AbortSignal): Promise<TakenBackup> {
    this.check();
    const from = resolve(this.#file);
    const prefix = `${from}.taken-`;
    clearStale(dirname(from), (name) => name.startsWith(basename(prefix)));
    const to = `${prefix}${label()}`;
    try {
      const made = await backUp({ from, to, signal });
      return new OpenCopy(await open(to, "r"), made);
    } finally {
      rmSync(to, { force: true });
    }
  }
}

class OpenCopy implements TakenBackup {
  readonly bytes: number;
  readonly jobs: number;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, { bytes, jobs }: Backup) {
    this.#handle = handle;
    this.bytes = bytes;
    this.jobs = jobs;
  }

  async read(most: number): Promise<Uint8Array> {
    const { buffer, bytesRead } = await this.#handle.read(new Uint8Array(most), 0, most);
    return buffer.subarray(0, bytesRead);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
