import { publicWorker } from "../../engine/public-worker.ts";
import { workerView } from "../../http/answer/fleet-view.ts";
import { withExistingStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { printTable, shownTime } from "../terminal/table.ts";

/** Prints the registered workers. */
export async function listWorkers(options: GlobalOptions, io: Io): Promise<void> {
  const workers = await withExistingStore(options.database, (store) => store.workers.list());
  const views = workers.map((worker) => workerView(publicWorker(worker)));
  if (options.json) {
    printJson(io.stdout, { data: views });
    return;
  }
  const rows = views.map((worker) => [
    worker.worker_id,
    worker.host,
    String(worker.pid),
    String(worker.concurrency),
    String(worker.slots_held),
    worker.draining ? "draining" : "running",
    worker.version,
    shownTime(Date.parse(worker.started_at)),
    shownTime(Date.parse(worker.seen_at)),
  ]);
  printTable(
    io.stdout,
    ["WORKER", "HOST", "PID", "CONCURRENCY", "HELD", "STATE", "VERSION", "STARTED", "LAST SEEN"],
    rows,
  );
}
