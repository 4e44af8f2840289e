import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, extname, join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import { type Finding, span } from "../../engine/doctor/finding.ts";
import type { Part } from "../../engine/part.ts";
import { Rhythm } from "../../engine/rhythm.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { Log } from "../../observe/log.ts";
import { type BackupRequest, backUp, clearStale, wholeOf } from "../../store/sqlite/backup/backup.ts";

export interface RegularBackupsOptions {
  /** The SQLite file. */
  readonly database: string;
  readonly everyMs: number;
  /** How many are kept: the newest. */
  readonly keep: number;
  /** Made when it does not exist. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly instrument: Instrument;
  readonly diskOf?: BackupRequest["diskOf"];
}

const LOOK_MS = 60_000;
/** A copy that has just failed would most often fail again. */
const AGAIN_MS = 15 * 60_000;

/**
 * Backs up a SQLite file whenever the newest backup in the folder is old enough, and deletes the oldest. A backup's age is read from its
 * name, so that restarts cause neither extra nor missing ones.
 */
export class RegularBackups implements Part {
  readonly #options: RegularBackupsOptions;
  readonly #rhythm: Rhythm;
  readonly #stopping = new AbortController();
  #notBefore = 0;
  /** When the newest backup was made; undefined before the first look, and as long as no backup exists. */
  #newest: number | undefined;
  /** Why the last backup failed; null if it did not. */
  #problem: string | null = null;

  constructor(options: RegularBackupsOptions) {
    this.#options = options;
    this.#rhythm = new Rhythm(options.clock, options.instrument, LOOK_MS, () => this.#look());
  }

  start(): void {
    mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 });
    this.#rhythm.start();
  }

  /** Gives up the one that is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rhythm.stop();
  }

  /** Warns when the last backup failed; bad once the newest is two periods old, or if no backup exists. */
  finding(): Finding {
    const { everyMs, clock, folder } = this.#options;
    const age = this.#newest === undefined ? undefined : clock.now() - this.#newest;
    const newest = age === undefined ? "no backup exists yet" : `the newest is ${span(age)} old`;
    const about = { check: "backups", title: "Backups" };
    if (this.#problem === null) return { ...about, level: "ok", detail: newest, todo: null };
    return {
      ...about,
      level: age === undefined || age >= 2 * everyMs ? "bad" : "warn",
      detail: `the last one failed (${this.#problem}); ${newest}`,
      todo: `make sure that ${folder} is writable and has enough free space`,
    };
  }

  async #look(): Promise<void> {
    const { everyMs, clock, log } = this.#options;
    const now = clock.now();
    if (now < this.#notBefore) return;
    try {
      this.#newest = this.#backups(now).findLast(({ at }) => at <= now)?.at;
      if (this.#newest === undefined || now - this.#newest >= everyMs) await this.#backUp(now);
      this.#problem = null;
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#problem = messageOf(error);
      this.#notBefore = now + Math.min(AGAIN_MS, everyMs);
      log.error(
        { err: error, reason: messageOf(error) },
        "the database could not be backed up; trying again later",
      );
    }
  }

  async #backUp(now: number): Promise<void> {
    const { database, folder, keep, log, diskOf } = this.#options;
    clearStale(folder, (name) => this.#momentIn(wholeOf(name) ?? "") !== undefined);
    const file = join(folder, this.#nameOf(now));
    const begunAt = performance.now();
    const request = { from: database, to: file, signal: this.#stopping.signal };
    const made = await backUp({ ...request, ...(diskOf && { diskOf }) });
    log.info({ file, ...made, tookMs: Math.round(performance.now() - begunAt) }, "the database is backed up");
    for (const { name } of this.#backups(now).slice(0, -keep)) rmSync(join(folder, name));
    this.#newest = now;
  }

  /** Oldest first, preceded by those that a clock that was ahead has named. */
  #backups(now: number): { readonly name: string; readonly at: number }[] {
    return readdirSync(this.#options.folder)
      .flatMap((name) => {
        const at = this.#momentIn(name);
        return at === undefined ? [] : [{ name, at }];
      })
      .sort((a, b) => Number(a.at <= now) - Number(b.at <= now) || a.at - b.at);
  }

  /** `posthorn-2026-01-31T06-00-00Z.db`: valid on every system, and sorted by time. */
  #nameOf(at: number): string {
    const moment = new Date(at).toISOString().slice(0, 19).replaceAll(":", "-");
    return `${this.#stem}-${moment}Z${extname(this.#options.database)}`;
  }

  /** Undefined for any other file. */
  #momentIn(name: string): number | undefined {
    const [, date, time] = /-(\d{4}-\d\d-\d\d)T(\d\d-\d\d-\d\d)Z(?:\..*)?$/.exec(name) ?? [];
    const at = Date.parse(`${date}T${time?.replaceAll("-", ":")}Z`);
    return Number.isNaN(at) || this.#nameOf(at) !== name ? undefined : at;
  }

  get #stem(): string {
    const { database } = this.#options;
    return basename(database, extname(database));
  }
}
