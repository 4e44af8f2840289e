import type { WorkerRecord } from "../store.ts";
import type { Database, Statement } from "./database.ts";

interface WorkerRow {
  readonly id: string;
  readonly machine: string;
  readonly pid: number;
  readonly started_at: number;
  readonly deadline: number;
}

/** The register of workers. */
export class Workers {
  readonly #announce: Statement;
  readonly #extend: Statement;
  readonly #remove: Statement;
  readonly #list: Statement<WorkerRow>;

  constructor(db: Database) {
    this.#announce = db.prepare(`
      insert into workers (id, machine, pid, started_at, deadline) values (?, ?, ?, ?, ?)
      on conflict (id) do update set deadline = excluded.deadline`);
    this.#extend = db.prepare("update workers set deadline = ? where id = ?");
    this.#remove = db.prepare("delete from workers where id = ?");
    this.#list = db.prepare("select id, machine, pid, started_at, deadline from workers order by id");
  }

  /** Adds it, or extends its leases. */
  announce({ id, machine, pid, startedAt, deadline }: WorkerRecord): void {
    this.#announce.run(id, machine, pid, startedAt, deadline);
  }

  heartbeat(workerId: string, deadline: number): boolean {
    return this.#extend.run(deadline, workerId) === 1;
  }

  /** False when it was not there. */
  remove(workerId: string): boolean {
    return this.#remove.run(workerId) === 1;
  }

  list(): WorkerRecord[] {
    return this.#list.all().map(({ started_at: startedAt, ...row }) => ({ ...row, startedAt }));
  }
}
