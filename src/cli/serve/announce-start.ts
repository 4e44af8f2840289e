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

/** Says in the log what runs now, and what was set, for those who look a day later. People at a terminal are told otherwise. */
export function announceStart({ database, slots, settings }: Started, log: Log, io: Io): void {
  if (io.stderr.isTTY === true) return;
  const store = isPostgres(database) ? "postgres" : "sqlite";
  const of = { version: VERSION, node: process.version, store, database: shownDatabase(database) };
  log.info({ ...of, slots, settings }, "started");
}
