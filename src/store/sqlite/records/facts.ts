import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "../../../core/errors.ts";
import { firstIdAt } from "../../../core/id.ts";
import type { DueJobs, FactsRequest, Inspection, SqliteFacts, SqliteFileFacts } from "../../facts.ts";
import type { EndedBefore } from "../../retention.ts";
import type { Database, Statement } from "../driver/database.ts";
import { isDamage } from "../driver/sqlite-errors.ts";
import { latestVersion } from "../migrate.ts";
import { isSafeToShare } from "../sharing.ts";
import { isDead } from "./walk.ts";

/** More of the damage is not worth a person's time. */
const MOST_DAMAGE = 5;
const MOST_FINISHED = 1_000;

/** What a person who looks after the file should know. Its statements run rarely, and are prepared for the occasion. */
export class FactFinder implements Inspection {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  facts(request: FactsRequest): Promise<SqliteFacts> {
    return this.#db.read(() => this.#facts(request));
  }

  #facts({ now, endedBefore, deep }: FactsRequest): SqliteFacts {
    const sqliteVersion = process.versions.sqlite ?? "unknown";
    return {
      kind: "sqlite",
      schema: { version: this.#one<number>("pragma user_version") ?? 0, latest: latestVersion() },
      due: this.#due(now),
      leases: this.#db
        .prepare<{ worker: string; jobs: number }>(
          "select worker, count(*) as jobs from leases group by worker order by worker",
        )
        .all()
        .map((row) => ({ ...row })),
      unpruned: this.#unpruned(now, endedBefore),
      file: this.#file(),
      sqliteVersion,
      isSafeToShare: isSafeToShare(sqliteVersion),
      damage: deep ? this.#damage() : null,
    };
  }

  #due(now: number): DueJobs[] {
    const due: Statement<DueJobs> = this.#db.prepare(`
      select j.task, count(*) as jobs, min(q.due_at) as oldestAt
      from (
        select job, due_at from ready
        union all
        select job, run_at from scheduled where run_at <= ?
      ) q
      cross join jobs j on j.seq = q.job
      group by j.task
      order by oldestAt`);
    return due.all(now).map((row) => ({ ...row }));
  }

  #unpruned(now: number, { succeeded, failed }: EndedBefore): SqliteFacts["unpruned"] {
    // bounded as pruning is: by the jobs that were created before the bound, of which few should be left
    const oldest = (status: string, before: number) =>
      this.#one<number | null>(
        `select min(finished_at)
        from (
          select finished_at from finished
          where ${status} and finished_at < ? and expires_at is null
            and job <= coalesce((select seq from jobs where id < ? order by id desc limit 1), 0)
          order by job
          limit ${MOST_FINISHED}
        )`,
        before,
        firstIdAt("job", before),
      ) ?? null;
    const dead = [
      oldest(isDead("status", "failed"), failed),
      oldest(isDead("status", "cancelled"), failed),
    ].filter((ms) => ms !== null);
    const expired = this.#one<number | null>(
      "select min(expires_at) from finished where expires_at is not null and expires_at <= ?",
      now,
    );
    const key = this.#one<number | null>(
      "select min(expires_at) from idempotency_keys where expires_at <= ?",
      now,
    );
    return {
      succeededAt: oldest("status = 'succeeded'", succeeded),
      failedAt: dead.length === 0 ? null : Math.min(...dead),
      expiredAt: expired ?? null,
      keyExpiredAt: key ?? null,
    };
  }

  #file(): SqliteFileFacts | null {
    const path = this.#db.file;
    if (path === ":memory:") return null;
    const { mode, size } = statSync(path);
    const { bavail, bsize } = statfsSync(dirname(path));
    const wal = statSync(`${path}-wal`, { throwIfNoEntry: false });
    return { path, mode: mode & 0o777, bytes: size, walBytes: wal?.size ?? 0, freeDiskBytes: bavail * bsize };
  }

  #damage(): string[] {
    try {
      const found = this.#db.prepare<{ quick_check: string }>(`pragma quick_check(${MOST_DAMAGE})`).all();
      return found.map((row) => row.quick_check).filter((line) => line !== "ok");
    } catch (error) {
      if (!isDamage(error)) throw error;
      return [messageOf(error)]; // so broken that the check itself cannot go on
    }
  }

  /** The first column of the only row. */
  #one<Value>(sql: string, ...values: (number | string)[]): Value | undefined {
    const row = this.#db.prepare<Record<string, Value>>(sql).get(...values);
    return row && Object.values(row)[0];
  }
}
