import type { WorkerRecord } from "../../worker-record.ts";
import type { Database, Statement } from "../driver/database.ts";

interface WorkerRow {
  readonly id: string;
  readonly machine: string;
  readonly pid: number;
  readonly started_at: number;
  readonly deadline: number;
  readonly concurrency: number;
  readonly version: string;
  readonly tasks: string;
}

/** Claims come hundreds of times a second; their worker's deadline need not move that often. */
const ANNOUNCE_MS = 1_000;

/** The register of workers. */
export class Workers {
  readonly #announce: Statement;
  readonly #known: Statement<{ deadline: number; tasks: string }>;
  readonly #extend: Statement;
  readonly #remove: Statement;
  readonly #removeUnchanged: Statement;
  readonly #list: Statement<WorkerRow>;

  constructor(db: Database) {
    this.#announce = db.prepare(`
      insert into workers (id, machine, pid, started_at, deadline, concurrency, version, tasks)
      values (?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do update set deadline = excluded.deadline, tasks = excluded.tasks`);
    this.#known = db.prepare("select deadline, tasks from workers where id = ?");
    this.#extend = db.prepare("update workers set deadline = ? where id = ?");
    this.#remove = db.prepare("delete from workers where id = ?");
    this.#removeUnchanged = db.prepare("delete from workers where id = ? and deadline = ?");
    this.#list = db.prepare(
      "select id, machine, pid, started_at, deadline, concurrency, version, tasks from workers order by id",
    );
  }

  /** Adds it, or extends its leases; writes only when that makes a difference of some seconds. */
  announce({ id, machine, pid, startedAt, deadline, concurrency, version, tasks }: WorkerRecord): void {
    const known = this.#known.get(id);
    const handled = JSON.stringify(tasks);
    if (known && known.deadline >= deadline - ANNOUNCE_MS && known.tasks === handled) return;
    this.#announce.run(id, machine, pid, startedAt, deadline, concurrency, version, handled);
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
    return this.#list.all().map(({ started_at: startedAt, tasks, ...row }) => ({
      ...row,
      startedAt,
      tasks: JSON.parse(tasks) as string[], // only `announce` writes them
    }));
  }
}
