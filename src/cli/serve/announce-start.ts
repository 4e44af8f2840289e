import type { Log } from "../../observe/log.ts";
import { isPostgres } from "../../open-store.ts";
import { VERSION } from "../../version.ts";
import { shownDatabase } from "../database.ts";
import type { Io } from "../terminal/io.ts";

export interface Started {
  readonly database: string;
  /** How many handlers it can run at once; 0 if it runs no jobs. */
  readonly slots: number;
  /** What was set, without the values. */
  readonly settings: readonly string[];
}

/** Logs what is running and how it was configured, for those who look later. People at a terminal see it differently. */
export function announceStart({ database, slots, settings }: Started, log: Log, io: Io): void {
  if (io.stderr.isTTY === true) return;
  const store = isPostgres(database) ? "postgres" : "sqlite";
  const of = { version: VERSION, node: process.version, store, database: shownDatabase(database) };
  log.info({ ...of, slots, settings }, "started");
}
