import { parseTies } from "../../../core/ties.ts";
import type { ProgressReport } from "../../queue.ts";
import type { Database } from "../driver/database.ts";
import { columnOf, type Session, statement, storable } from "../driver/statement.ts";
import { jobIdOf, uuidOf } from "../job-id.ts";
import type { Held } from "./settle.ts";

interface LeaseRow {
  readonly job: string;
  readonly task: string;
  readonly token: number;
  readonly attempts: number;
  readonly failures: number;
  readonly losses: number;
  readonly leased_at: number;
  readonly ties: string | null;
}

/** A lease as it stands. */
export interface Lease extends Held {
  readonly attempts: number;
  readonly failures: number;
  readonly losses: number;
  readonly leasedAt: number;
}

const SELECT = `
  select l.job, j.task, l.token, l.attempts, l.failures, l.losses, l.leased_at, j.ties
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

const GIVE_BACK = `
  insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses, started_at)
  select priority, (attempts > 1)::int, lane, $1::bigint, job, attempts - 1, failures, losses,
    case when attempts > 1 then started_at end
  from ended`;

const RELEASE = statement(`
  with ended as (
    delete from posthorn.leases l
    using unnest($2::uuid[], $3::bigint[]) as given (job, token)
    where l.job = given.job and l.token = given.token
    returning l.*
  )
  ${GIVE_BACK}`);

const RELEASE_ALL = statement(`
  with ended as (delete from posthorn.leases where worker = $2 and token between $3::bigint and $4::bigint returning *)
  ${GIVE_BACK}`);

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

  /** Not begun, so no attempt counts. */
  giveBack(session: Session, leases: readonly Pick<Lease, "id" | "token">[], now: number): Promise<unknown> {
    return session.run(
      RELEASE,
      now,
      columnOf(leases, ({ id }) => uuidOf(id)),
      columnOf(leases, ({ token }) => token),
    );
  }

  /** The same with all that a worker holds, or those of its leases with tokens from one to another. */
  giveBackAll(
    session: Session,
    workerId: string,
    now: number,
    first = 0,
    last = Number.MAX_SAFE_INTEGER,
  ): Promise<unknown> {
    return session.run(RELEASE_ALL, now, workerId, first, last);
  }

  #toLease(row: LeaseRow): Lease {
    return {
      id: jobIdOf(row.job),
      task: row.task,
      token: row.token,
      attempts: row.attempts,
      failures: row.failures,
      losses: row.losses,
      leasedAt: row.leased_at,
      ties: parseTies(row.ties),
    };
  }
}
