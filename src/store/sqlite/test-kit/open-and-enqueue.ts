// Opens the database named first and commits as often as is named third what a power cut may take back: a row of statistics, and a job that
// would be made again. Then enqueues as many jobs as are named second, each in its own commit.
import { NOW } from "../../test-kit/store-under-test.ts";
import { enqueue, newJob } from "../../test-kit/stored-jobs.ts";
import { openSqliteStore } from "../sqlite-store.ts";

const [file = "", count = "1", unsynced = "0"] = process.argv.slice(2);
const lane = String(process.pid);
const store = await openSqliteStore({ file });
const nothing = { accepted: 0, succeeded: 0, failed: 0, cancelled: 0, retried: 0, waits: "", attempts: "" };
for (let n = 0; n < Number(unsynced); n++) {
  await store.stats.put([{ span: "minute", bucketAt: n, process: "here", task: "any", ...nothing }]);
  const submissions = [{ jobs: [newJob({ lane })], mayBeLost: true }];
  await store.queue.commit({ now: NOW, enqueues: [], submissions, settlements: [], claim: undefined });
}
for (let n = 0; n < Number(count); n++) await enqueue(store, [newJob({ lane })]);
await store.close();
