// Enqueues until the disk is full, then once more, and prints the ids whose commits resolved, and how the others failed.
import { PosthornError } from "../../../core/errors.ts";
import { listJobs } from "../../list-jobs.ts";
import type { NewJob } from "../../queue.ts";
import type { Store } from "../../store.ts";
import { enqueue, newJob } from "../../test-kit/stored-jobs.ts";
import { openSqliteStore } from "../sqlite-store.ts";

const [file = ""] = process.argv.slice(2);
const store = await openSqliteStore({ file });
const committed: string[] = [];
const failures: string[] = [];
while (failures.length < 3) await tryToEnqueue(store, newJob({ payload: "x".repeat(50_000) }));
const isReady = await store.check().then(
  () => true,
  () => false,
);
const readable = (await listJobs(store.records, {}, { limit: 1_000 })).length;
await store.close();
process.stdout.write(JSON.stringify({ committed, failures, isReady, readable }));

async function tryToEnqueue(into: Store, job: NewJob): Promise<void> {
  try {
    await enqueue(into, [job]);
    committed.push(job.id);
  } catch (error) {
    failures.push(error instanceof PosthornError ? error.code : String(error));
  }
}
