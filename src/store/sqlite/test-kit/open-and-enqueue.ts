// Opens the database named first, writes as many rows of statistics as named third, and enqueues as many jobs as named second: each in
// its own commit.
import { enqueue, newJob } from "../../test-kit/stored-jobs.ts";
import { openSqliteStore } from "../sqlite-store.ts";

const [file = "", count = "1", statistics = "0"] = process.argv.slice(2);
const store = await openSqliteStore({ file });
const nothing = { accepted: 0, succeeded: 0, failed: 0, cancelled: 0, retried: 0, waits: "", attempts: "" };
for (let n = 0; n < Number(statistics); n++)
  await store.stats.put([{ span: "minute", bucketAt: n, process: "here", task: "any", ...nothing }]);
for (let n = 0; n < Number(count); n++) await enqueue(store, [newJob({ lane: String(process.pid) })]);
await store.close();
