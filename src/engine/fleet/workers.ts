import type { By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { ConflictError, NotFoundError } from "../../core/errors.ts";
import { textOf } from "../../core/options.ts";
import type { WorkerTold } from "../../store/shelves/worker-reports.ts";
import type { Store } from "../../store/store.ts";
import type { Audit } from "../audit/audit.ts";
import { type PublicWorker, publicWorker } from "../public-worker.ts";

export interface WorkersParts {
  readonly store: Pick<Store, "workers" | "workerReports">;
  readonly clock: Clock;
  readonly audit: Audit;
  /** What the worker of this process tells of itself, which it does not always write down. */
  readonly own?: () => WorkerTold | undefined;
}

/** The processes that run jobs, for those who look after them. */
export class Workers {
  readonly #parts: WorkersParts;

  constructor(parts: WorkersParts) {
    this.#parts = parts;
  }

  async list(): Promise<PublicWorker[]> {
    const { store, clock, own } = this.#parts;
    const workers = await store.workers.list();
    const reports = new Map((await store.workerReports.list()).map((report) => [report.worker, report]));
    const mine = own?.();
    const now = clock.now();
    return workers.map((worker) => {
      const report = reports.get(worker.id);
      const told = mine?.worker === worker.id ? mine : report;
      return publicWorker(worker, told && { drainAskedAt: report?.drainAskedAt ?? null, ...told }, now);
    });
  }

  /**
   * Asks a worker, of whatever process, to take no more jobs. It does so within five seconds, and finishes those that it runs.
   * @throws NotFoundError when no such worker is registered; ConflictError `worker_cannot_drain` when it runs a release that takes no such
   * request.
   */
  async drain(id: string, by?: By): Promise<PublicWorker> {
    const { store, clock, audit } = this.#parts;
    const worker = (await store.workers.list()).find((each) => each.id === textOf(id, ["id"]));
    if (!worker) throw new NotFoundError("worker", id);
    const act = audit.act(by, { action: "worker.drain", target: worker.id });
    const now = clock.now();
    const askedAt = await store.workerReports.askToDrain(worker.id, now, act.row);
    if (askedAt === undefined)
      throw new ConflictError(
        "worker_cannot_drain",
        `the worker ${worker.id} (version ${worker.version}) does not take this request: stop its process instead`,
      );
    if (askedAt === now) act.done();
    const found = (await this.list()).find((each) => each.id === worker.id);
    if (!found) throw new NotFoundError("worker", id); // it has just left
    return found;
  }
}
