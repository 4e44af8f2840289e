import { count, name, nullable, time } from "./tables/column.ts";
import { audited, type Call, type Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/**
 * What workers tell of themselves every few seconds while they have work, and what they are asked. Apart from the register, whose rows
 * every claim looks at. Kept as long as the worker, and not exported.
 */
export interface WorkerReportShelf {
  /** Writes it in place of the last one, and forgets those of workers that are no longer registered. */
  put(report: WorkerTold): Promise<void>;
  list(): Promise<WorkerReport[]>;
  /** Asks a worker that reports to take no more jobs. When it was first asked; undefined for one that does not report. */
  askToDrain(worker: string, now: number, audit?: Call<unknown>): Promise<number | undefined>;
  /** When it was asked; undefined if it was not. */
  drainAskedAt(worker: string): Promise<number | undefined>;
  forget(worker: string): Promise<void>;
}

const WORKER_REPORTS = new Table("worker_reports", ["worker"], {
  /** Its id. */
  worker: name,
  reported_at: time,
  /** How many handlers ran then. */
  running: count,
  /** How many jobs it had claimed since the report before, which was so long ago. */
  claimed: count,
  window_ms: count,
  /** By how much its event loop was late, in 99 of 100 cases; null where that was not measured. */
  loop_delay_ms: nullable(count),
  drain_asked_at: nullable(time),
});

export type WorkerReport = FieldsOf<typeof WORKER_REPORTS>;
export type WorkerTold = Omit<WorkerReport, "drainAskedAt">;

const TOLD = ["reported_at", "running", "claimed", "window_ms", "loop_delay_ms"] as const;

const PUT = WORKER_REPORTS.statement(
  `${WORKER_REPORTS.insertion}
  on conflict (worker) do update
  set ${TOLD.map((column) => `${column} = excluded.${column}`).join(", ")}`,
  { mayBeLost: true },
);

const LEFT = WORKER_REPORTS.statement(
  `
  delete from posthorn.worker_reports
  where reported_at < ? and worker not in (select id from posthorn.workers)`,
  { mayBeLost: true },
);

const LIST = WORKER_REPORTS.statement(`
  select ${WORKER_REPORTS.fields}
  from posthorn.worker_reports
  order by worker`);

const ASK = WORKER_REPORTS.statement(`
  update posthorn.worker_reports
  set drain_asked_at = ?
  where worker = ? and drain_asked_at is null
  returning ${WORKER_REPORTS.fields}`);

const ONE = WORKER_REPORTS.statement(`
  select ${WORKER_REPORTS.fields}
  from posthorn.worker_reports
  where worker = ?`);

const FORGET = WORKER_REPORTS.statement("delete from posthorn.worker_reports where worker = ?", {
  mayBeLost: true,
});

/** Of workers that left the register this long ago; one that was only taken for dead is back by then. */
const KEPT_MS = 3_600_000;

export class WorkerReports implements WorkerReportShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async put(report: WorkerTold): Promise<void> {
    const values = WORKER_REPORTS.valuesOf({ ...report, drainAskedAt: null });
    await this.#session.write(PUT.with(...values), LEFT.with(report.reportedAt - KEPT_MS));
  }

  list(): Promise<WorkerReport[]> {
    return this.#session.read(LIST.with());
  }

  async askToDrain(worker: string, now: number, audit?: Call<unknown>): Promise<number | undefined> {
    const [asked, [found]] = await this.#session.write(
      audited(ASK.with(now, worker), audit),
      ONE.with(worker),
    );
    return asked[0]?.drainAskedAt ?? found?.drainAskedAt ?? undefined;
  }

  async drainAskedAt(worker: string): Promise<number | undefined> {
    const [found] = await this.#session.read(ONE.with(worker));
    return found?.drainAskedAt ?? undefined;
  }

  async forget(worker: string): Promise<void> {
    await this.#session.write(FORGET.with(worker));
  }
}
