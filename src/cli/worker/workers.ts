import { BY_COMMAND_LINE } from "../../core/actor.ts";
import { Audit } from "../../engine/audit/audit.ts";
import { Workers } from "../../engine/fleet/workers.ts";
import { workerView } from "../../http/answer/fleet-view.ts";
import type { WorkerAnswer } from "../../http/schemas/fleet.ts";
import type { Store } from "../../store/store.ts";
import { withExistingStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { printTable, shownTime } from "../terminal/table.ts";

/** Prints the registered workers. */
export async function listWorkers(options: GlobalOptions, io: Io): Promise<void> {
  const workers = await withExistingStore(options.database, (store) => workersOf(store).list());
  const views = workers.map(workerView);
  if (options.json) {
    printJson(io.stdout, { data: views });
    return;
  }
  const rows = views.map((worker) => [
    worker.worker_id,
    worker.host,
    String(worker.pid),
    worker.running === null ? "" : String(worker.running),
    String(worker.concurrency),
    String(worker.slots_held),
    stateOf(worker),
    worker.version,
    shownTime(Date.parse(worker.started_at)),
    shownTime(Date.parse(worker.seen_at)),
  ]);
  printTable(
    io.stdout,
    ["WORKER", "HOST", "PID", "RUNNING", "CONCURRENCY", "HELD", "STATE", "VERSION", "STARTED", "LAST SEEN"],
    rows,
  );
}

/** Asks a worker to take no more jobs. */
export async function drainWorker(id: string, options: GlobalOptions, io: Io): Promise<void> {
  const worker = await withExistingStore(options.database, (store) =>
    workersOf(store).drain(id, { actor: BY_COMMAND_LINE }),
  );
  if (options.json) printJson(io.stdout, workerView(worker));
  else
    io.stdout.write(
      `${worker.id} was asked to drain: within five seconds it claims no more jobs, and finishes those that it runs\n`,
    );
}

function workersOf(store: Store): Workers {
  const { clock } = store;
  return new Workers({ store, clock, audit: new Audit({ shelf: store.audit, clock }) });
}

function stateOf({ draining, drain_asked_at }: WorkerAnswer): string {
  if (draining) return "draining";
  return drain_asked_at ? "asked to drain" : "running";
}
