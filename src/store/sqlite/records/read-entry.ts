import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { Sought } from "../../../core/job-content.ts";
import { Database } from "../driver/database.ts";
import { Contents } from "./contents.ts";
import { LaneJobs } from "./lane-jobs.ts";
import type { Answer, Question, Sifted } from "./read-thread.ts";
import { type Found, ROWS_AT_ONCE, Search } from "./search.ts";

// where a read thread begins

const MOST_ROWS = 10_000;
const MOST_MS = 150;
/** How long the next question may have to wait while contents are looked through. */
const MOST_MS_OF_CONTENTS = 25;

const file = String(workerData);
const db = new Database(new DatabaseSync(file, { readOnly: true }), file);
const search = new Search(db, new LaneJobs(db));
const contents = new Contents(db);

parentPort?.on("message", async ({ id, sought, ...question }: Question) => {
  const look = () => (sought ? lookThrough(question, sought) : lookOn(question));
  const found = await db.read(look).catch(() => undefined);
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

/** Looks through the content of the next jobs, until its time is up. */
function lookThrough({ filter, before, limit }: Omit<Question, "id">, sought: Sought): Sifted {
  const begun = performance.now();
  const next = search.find(filter, { order: "desc", from: before }, limit, ROWS_AT_ONCE);
  const keys: number[] = [];
  const places: number[] = [];
  for (const [at, key] of next.keys.entries()) {
    const lookedAt = at + 1;
    if (contents.hold(key, sought)) {
      keys.push(key);
      places.push(lookedAt);
    }
    if (performance.now() - begun > MOST_MS_OF_CONTENTS) return { keys, end: key, lookedAt, places };
  }
  const end = next.end ?? (next.keys.length === limit ? next.keys.at(-1) : undefined);
  return { keys, end, lookedAt: next.keys.length, places };
}
