import type { WorkerRecord } from "../../worker-record.ts";
import type { Database } from "../driver/database.ts";
import { quickStatement, type Session, statement } from "../driver/statement.ts";

/** Claims come hundreds of times a second; their worker's deadline need not move that often. */
const ANNOUNCE_MS = 1_000;

// the row is looked at first, for an insert that meets a conflict writes even if it changes nothing
const ANNOUNCE = statement(`
  insert into posthorn.workers (id, machine, pid, started_at, deadline, concurrency, slots_held, version, tasks)
  select $1, $2, $3::int, $4::bigint, $5::bigint, $6::int, $7::int, $8, $9
  where not exists (
    select from posthorn.workers
    where id = $1 and deadline >= $5::bigint - ${ANNOUNCE_MS} and tasks = $9 and slots_held = $7::int
  )
  on conflict (id) do update
  set deadline = excluded.deadline, slots_held = excluded.slots_held, tasks = excluded.tasks`);

const EXTEND = quickStatement<{ id: string }>(
  "update posthorn.workers set deadline = $2 where id = $1 returning id",
);

const REMOVE = statement("delete from posthorn.workers where id = $1");

const REMOVE_UNCHANGED = statement<{ id: string }>(
  "delete from posthorn.workers where id = $1 and deadline = $2 returning id",
);

const LIST = statement<Omit<WorkerRecord, "tasks"> & { tasks: string }>(`
  select id, machine, pid, started_at as "startedAt", deadline, concurrency, slots_held as "slotsHeld", version, tasks
  from posthorn.workers
  order by id`);

/** The register of workers. */
export class Workers {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Adds it, or extends its leases; writes only when that makes a difference of some seconds. */
  announce(session: Session, worker: WorkerRecord): Promise<unknown> {
    const { id, machine, pid, startedAt, deadline, concurrency, slotsHeld, version } = worker;
    const tasks = JSON.stringify(worker.tasks);
    return session.run(
      ANNOUNCE,
      ...[id, machine, pid, startedAt, deadline, concurrency, slotsHeld, version, tasks],
    );
  }

  async heartbeat(workerId: string, deadline: number): Promise<boolean> {
    return (await this.#db.run(EXTEND, workerId, deadline)).length === 1;
  }

  remove(session: Session, workerId: string): Promise<unknown> {
    return session.run(REMOVE, workerId);
  }

  /** False when it is gone, or has given a sign of life since it was seen. */
  async removeUnchanged(session: Session, { id, deadline }: WorkerRecord): Promise<boolean> {
    return (await session.run(REMOVE_UNCHANGED, id, deadline)).length === 1;
  }

  async list(): Promise<WorkerRecord[]> {
    return (await this.#db.run(LIST)).map((worker) => ({
      ...worker,
      tasks: JSON.parse(worker.tasks) as string[], // only `announce` writes them
    }));
  }
}
