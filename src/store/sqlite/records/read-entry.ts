import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { Database } from "../driver/database.ts";
import { LaneJobs } from "./lane-jobs.ts";
import type { Answer, Question } from "./read-thread.ts";
import { type Found, ROWS_AT_ONCE, Search } from "./search.ts";

// where a read thread begins

const MOST_ROWS = 10_000;
const MOST_MS = 150;

const file = String(workerData);
const db = new Database(new DatabaseSync(file, { readOnly: true }), file);
const search = new Search(db, new LaneJobs(db));

parentPort?.on("message", async ({ id, filter, before, limit }: Question) => {
  const found = await db.read(() => lookOn({ filter, before, limit })).catch(() => undefined);
  parentPort?.postMessage({ id, found } satisfies Answer);
});

/** Searches in steps, until there are enough, or its time is up. */
function lookOn({ filter, before, limit }: Omit<Question, "id">): Found {
  const begun = performance.now();
  const keys: number[] = [];
  let end: number | undefined = before;
  for (let rows = 0; rows < MOST_ROWS && performance.now() - begun < MOST_MS; rows += ROWS_AT_ONCE) {
    const found: Found = search.find(filter, { order: "desc", from: end }, limit - keys.length, ROWS_AT_ONCE);
    keys.push(...found.keys);
    end = found.end;
    if (end === undefined) break;
  }
  return { keys, end };
}
