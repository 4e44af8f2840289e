import type { WorkerRecord } from "../../worker-record.ts";
import type { Database, Statement } from "../driver/database.ts";

interface WorkerRow {
  readonly id: string;
  readonly machine: string;
  readonly pid: number;
  readonly started_at: number;
  readonly deadline: number;
  readonly concurrency: number;
  readonly slots_held: number;
  readonly version: string;
  readonly tasks: string;
}

/** Claims come hundreds of times a second; their worker's deadline need not move that often. */
const ANNOUNCE_MS = 1_000;

/** The register of workers. */
export class Workers {
  readonly #announce: Statement;
  readonly #known: Statement<{ deadline: number; slots_held: number; tasks: string }>;
  readonly #extend: Statement;
  readonly #remove: Statement;
  readonly #removeUnchanged: Statement;
  readonly #list: Statement<WorkerRow>;

  constructor(db: Database) {
    this.#announce = db.prepare(`
      insert into workers (id, machine, pid, started_at, deadline, concurrency, slots_held, version, tasks)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update
      set deadline = excluded.deadline, slots_held = excluded.slots_held, tasks = excluded.tasks`);
    this.#known = db.prepare("select deadline, slots_held, tasks from workers where id = ?");
    this.#extend = db.prepare("update workers set deadline = ? where id = ?");
    this.#remove = db.prepare("delete from workers where id = ?");
    this.#removeUnchanged = db.prepare("delete from workers where id = ? and deadline = ?");
    this.#list = db.prepare(
      "select id, machine, pid, started_at, deadline, concurrency, slots_held, version, tasks from workers order by id",
    );
  }

  /** Adds it, or extends its leases; writes only when that makes a difference of some seconds. */
  announce(worker: WorkerRecord): void {
    const { id, machine, pid, startedAt, deadline, concurrency, slotsHeld, version } = worker;
    const known = this.#known.get(id);
    const tasks = JSON.stringify(worker.tasks);
    const isSame = known?.tasks === tasks && known.slots_held === slotsHeld;
    if (isSame && known.deadline >= deadline - ANNOUNCE_MS) return;
    this.#announce.run(id, machine, pid, startedAt, deadline, concurrency, slotsHeld, version, tasks);
  }

  heartbeat(workerId: string, deadline: number): boolean {
    return this.#extend.run(deadline, workerId) === 1;
  }

  remove(workerId: string): void {
    this.#remove.run(workerId);
  }

  /** False when it is gone, or has given a sign of life since it was seen. */
  removeUnchanged({ id, deadline }: WorkerRecord): boolean {
    return this.#removeUnchanged.run(id, deadline) === 1;
  }

  list(): WorkerRecord[] {
    return this.#list.all().map(({ started_at: startedAt, slots_held: slotsHeld, tasks, ...row }) => ({
      ...row,
      startedAt,
      slotsHeld,
      tasks: JSON.parse(tasks) as string[], // only `announce` writes them
    }));
  }
}
