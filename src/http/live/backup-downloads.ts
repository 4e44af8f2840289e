import type { Clock } from "../../core/clock.ts";
import { ConfigurationError, ConflictError, OverloadedError } from "../../core/errors.ts";
import type { Backups, TakenBackup } from "../../store/backups.ts";
import type { Caller } from "../access/permission.ts";
import { Download } from "./download.ts";

const BYTES_AT_ONCE = 1_048_576;

interface OpenBackup {
  readonly bytes: ReadableStream<Uint8Array>;
  readonly backup: Pick<TakenBackup, "bytes" | "jobs">;
}

/** Backups that are made for somebody who downloads them, one at a time. */
export class BackupDownloads {
  readonly #backups: () => Backups;
  readonly #clock: Clock;
  /** Of the one that is being made or sent. */
  #giveUp: ((why: string) => void) | undefined;
  #isStopped = false;

  constructor(backups: () => Backups, clock: Clock) {
    this.#backups = backups;
    this.#clock = clock;
  }

  /** @throws ConflictError where this database is backed up by other means, OverloadedError, BackupError without room for it. */
  check(): void {
    if (this.#isStopped) throw new OverloadedError("this server is shutting down; try again shortly", 5);
    if (this.#giveUp)
      throw new OverloadedError("another backup is being made or downloaded; try again later", 30);
    try {
      this.#backups().check();
    } catch (error) {
      throw unavailable(error);
    }
  }

  /**
   * Makes one.
   * @param left aborted when nobody waits for it any more.
   * @throws as `check` does.
   */
  async open(caller: Caller, left: AbortSignal): Promise<OpenBackup> {
    this.check();
    const stopping = new AbortController();
    this.#giveUp = () => stopping.abort();
    let backup: TakenBackup;
    try {
      backup = await this.#backups().take(AbortSignal.any([left, stopping.signal]));
    } catch (error) {
      this.#giveUp = undefined;
      throw unavailable(error);
    }
    const download = this.#download(backup, caller);
    this.#giveUp = (why) => download.breakOff(why);
    return { bytes: download.bytes, backup };
  }

  #download(backup: TakenBackup, caller: Caller): Download {
    let sent = 0;
    const next = async () => {
      const bytes = await backup.read(BYTES_AT_ONCE);
      sent += bytes.length;
      return { bytes, isLast: sent >= backup.bytes || bytes.length === 0 };
    };
    const ended = () => {
      const free = () => {
        this.#giveUp = undefined;
      };
      return backup.close().then(free, free); // it was only read
    };
    return new Download({ what: "backup", next, ended }, caller, this.#clock);
  }

  /** Breaks off the one that is under way, and makes no more. */
  stop(): void {
    this.#isStopped = true;
    this.#giveUp?.("the server is shutting down");
  }
}

/** How the database is set up, or its folder, is for the operator to change: asking again does not help. */
function unavailable(error: unknown): unknown {
  return error instanceof ConfigurationError ? new ConflictError("backup_unavailable", error.message) : error;
}
