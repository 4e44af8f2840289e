// Opens the database named first and enqueues as many jobs as named second, each in its own commit.
import { enqueue, newJob } from "../../test-kit/stored-jobs.ts";
import { openSqliteStore } from "../sqlite-store.ts";

const [file = "", count = "1"] = process.argv.slice(2);
const store = await openSqliteStore({ file });
for (let n = 0; n < Number(count); n++) await enqueue(store, [newJob({ lane: String(process.pid) })]);
await store.close();
