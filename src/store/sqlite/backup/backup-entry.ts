import { closeSync, fsyncSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreUnusableError } from "../../../core/errors.ts";
import { explainCopying } from "../driver/sqlite-errors.ts";
import { refuseForeign } from "../migrate.ts";
import type { Copied } from "./backup.ts";

// where the process that copies begins: nothing but its end stops `vacuum into` and `integrity_check`

const LOCK_PATIENCE_MS = 5_000;

const [from = "", to = ""] = process.argv.slice(2); // nothing else starts it

process.on("SIGINT", () => {}); // Ctrl-C goes to it, too, but the process that started it decides

process.send?.(copied(), undefined, undefined, (error) => {
  if (error) removeCopy(); // nobody waits for it any longer
});

function copied(): Copied {
  try {
    const newest = copy();
    sync();
    const { jobs, hasNewest } = examine(newest);
    if (newest !== undefined && !hasNewest && isStillThere(newest))
      throw new StoreUnusableError(`the copy lacks the newest job that ${from} held when it was begun`);
    return { jobs, bytes: statSync(to).size };
  } catch (error) {
    return { failed: explainCopying(error, from, dirname(to)).message };
  }
}

function removeCopy(): void {
  for (const file of [to, `${to}-journal`]) rmSync(file, { force: true });
}

/** The newest job that was there before: it has to be in the copy, too. */
function copy(): number | undefined {
  const source = new DatabaseSync(from, { readOnly: true, timeout: LOCK_PATIENCE_MS });
  try {
    refuseForeign(source, from);
    const newest = source.prepare("select max(seq) as seq from jobs").get()?.seq;
    source.prepare("vacuum into ?").run(to);
    return newest === null ? undefined : Number(newest);
  } finally {
    source.close();
  }
}

function sync(): void {
  const file = openSync(to, "r+");
  fsyncSync(file);
  closeSync(file);
}

function examine(newest: number | undefined): { readonly jobs: number; readonly hasNewest: boolean } {
  const copy = new DatabaseSync(to, { readOnly: true });
  try {
    const damage = copy.prepare("pragma integrity_check(1)").get()?.integrity_check;
    if (damage !== "ok") throw new StoreUnusableError(`the copy of ${from} is damaged: ${damage}`);
    const jobs = Number(copy.prepare("select count(*) as jobs from jobs").get()?.jobs);
    return { jobs, hasNewest: has(copy, newest) };
  } finally {
    copy.close();
  }
}

/** It may have been deleted before its turn to be copied came. */
function isStillThere(seq: number): boolean {
  const source = new DatabaseSync(from, { readOnly: true, timeout: LOCK_PATIENCE_MS });
  try {
    return has(source, seq);
  } finally {
    source.close();
  }
}

function has(database: DatabaseSync, seq: number | undefined): boolean {
  return seq !== undefined && database.prepare("select 1 from jobs where seq = ?").get(seq) !== undefined;
}
