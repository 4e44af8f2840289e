import { parseTies } from "../../../core/ties.ts";
import type { Held } from "../../../core/transition.ts";
import type { LeasedJob, ProgressReport } from "../../queue.ts";
import type { Database } from "../driver/database.ts";
import { columnOf, type Session, statement, storable } from "../driver/statement.ts";
import { jobIdOf, uuidOf } from "../job-id.ts";

interface LeaseRow {
  readonly job: string;
  readonly task: string;
  readonly lane: string;
  readonly token: number;
  readonly attempts: number;
  readonly failures: number;
  readonly losses: number;
  readonly leased_at: number;
  readonly is_alone: boolean;
  readonly ties: string | null;
  readonly tenant: string | null;
  readonly bulk: string | null;
}

/** A lease as it stands. */
export type Lease = Pick<LeasedJob, "id" | "task" | "lane" | "token" | "ties"> &
  Held &
  Pick<LeaseRow, "tenant" | "bulk">;

const SELECT = `
  select l.job, j.task, l.lane, l.token, l.attempts, l.failures, l.losses, l.leased_at, l.is_alone, j.ties, j.tenant, j.bulk
  from posthorn.leases l
  join posthorn.jobs j on j.id = l.job`;

const OF_JOB = statement<LeaseRow>(`${SELECT} where l.job = $1 for update of l`);

const OF_WORKER = statement<LeaseRow>(`${SELECT} where l.worker = $1 order by l.job for update of l`);

const IDS_OF_WORKER = statement<{ job: string }>("select job from posthorn.leases where worker = $1");

const NOTE_PROGRESS = statement(`
  update posthorn.leases l
  set fraction = p.fraction, note = p.note
  from unnest($1::uuid[], $2::bigint[], $3::float8[], $4::text[]) as p (job, token, fraction, note)
  where l.job = p.job and l.token = p.token`);

const ISOLATE = statement<{ job: string }>(
  "update posthorn.leases set is_alone = $3::boolean where job = $1 and token = $2 returning job",
);

/** Who runs what. A lease is ended only by who can show its token. */
export class Leases {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async ofJob(session: Session, uuid: string): Promise<Lease | undefined> {
    return (await session.run(OF_JOB, uuid)).map((row) => this.#toLease(row))[0];
  }

  async ofWorker(session: Session, workerId: string): Promise<Lease[]> {
    return (await session.run(OF_WORKER, workerId)).map((row) => this.#toLease(row));
  }

  async idsOfWorker(workerId: string): Promise<ReadonlySet<string>> {
    return new Set((await this.#db.run(IDS_OF_WORKER, workerId)).map(({ job }) => jobIdOf(job)));
  }

  async isolate({ id, token }: LeasedJob, isAlone: boolean): Promise<boolean> {
    return (await this.#db.run(ISOLATE, uuidOf(id), token, isAlone)).length === 1;
  }

  noteProgress(session: Session, reports: readonly ProgressReport[]): Promise<unknown> {
    // of several on one lease the last one counts
    const last = [...new Map(reports.map((report) => [report.lease.token, report])).values()];
    return session.run(
      NOTE_PROGRESS,
      columnOf(last, ({ lease }) => uuidOf(lease.id)),
      columnOf(last, ({ lease }) => lease.token),
      columnOf(last, ({ progress }) => progress.fraction),
      columnOf(last, ({ progress }) => storable(progress.note)),
    );
  }

  #toLease(row: LeaseRow): Lease {
    return {
      id: jobIdOf(row.job),
      task: row.task,
      lane: row.lane,
      token: row.token,
      attempts: row.attempts,
      failures: row.failures,
      losses: row.losses,
      leasedAt: row.leased_at,
      isAlone: row.is_alone,
      ties: parseTies(row.ties),
      tenant: row.tenant,
      bulk: row.bulk,
    };
  }
}
