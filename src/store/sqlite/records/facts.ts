import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "../../../core/errors.ts";
import { firstIdAt } from "../../../core/id.ts";
import {
  type Due,
  type DueJobs,
  dueOf,
  type FactsRequest,
  type Gauges,
  type Inspection,
  type LaneBacklog,
  type LaneDue,
  MOST_COUNTED,
  MOST_DUE_COUNTED,
  MOST_IN_BACKLOG,
  type SqliteFacts,
  type SqliteFileFacts,
  type StoragePart,
} from "../../facts.ts";
import type { EndedBefore } from "../../retention.ts";
import type { Database, Statement } from "../driver/database.ts";
import { isDamage } from "../driver/sqlite-errors.ts";
import { latestVersion } from "../migrate.ts";
import { isSafeToShare, nodeThatShares } from "../sharing.ts";
import { isDead } from "./walk.ts";

/** How much of the damage is listed. */
const MOST_DAMAGE = 5;
const MOST_FINISHED = 1_000;
const MOST_LANES = 1_000;
/** So many backlogs are counted before other work gets a turn: four milliseconds, where each has more than is counted. */
const LANES_AT_ONCE = 8;

/** Those that ready jobs have, found by one seek after another. */
const PRIORITIES = `
    priorities (priority) as (
      select min(priority) from ready
      union all
      select (select min(priority) from ready where priority > p.priority)
      from priorities p
      where p.priority is not null
    )`;

/** The first job of each lane, found by one seek after another: what stands behind it is not looked at. */
const FIRSTS = `
  with recursive ${PRIORITIES},
    lanes (priority, turn, lane) as (
      select p.priority, t.turn, (select min(lane) from ready where priority = p.priority and turn = t.turn)
      from priorities p
      cross join (select 0 as turn union all select 1) t
      where p.priority is not null
      union all
      select l.priority, l.turn,
        (select min(lane) from ready where priority = l.priority and turn = l.turn and lane > l.lane)
      from lanes l
      where l.lane is not null
      limit ${MOST_LANES}
    ),
    firsts as (
      select (
        select job from ready r
        where r.priority = l.priority and r.turn = l.turn and r.lane = l.lane
        order by due_at, job
        limit 1
      ) as job
      from lanes l
      where lane is not null
    )`;

const OLDEST = `${FIRSTS}
  select j.task, min(r.due_at) as oldestAt, j.id as jobId -- of the row with the minimum
  from firsts f
  cross join ready r on r.job = f.job
  cross join jobs j on j.seq = f.job
  group by j.task
  order by oldestAt`;

/** Those of endpoints are named after their tenants. */
const OLDEST_LANES = `${FIRSTS}
  select r.lane, min(r.due_at) as oldestAt
  from firsts f
  cross join ready r on r.job = f.job
  where r.lane >= 'app_' and r.lane < 'app\`'
  group by r.lane
  order by oldestAt
  limit ?`;

const READY = "ready r where r.priority = p.priority and r.turn = t.turn and r.lane = l.lane";
const HELD = "parked where lane = l.lane and place is null";
const BEHIND = "parked where lane = l.lane and place is not null";
const LATER = "scheduled where lane = l.lane and lane >= 'app_' and lane < 'app`'";

/** Each by its index, and no further than is counted. */
export const BACKLOGS = `
  with recursive ${PRIORITIES},
    turns (turn) as (values (0), (1)),
    lanes (lane) as (select value from json_each(?)),
    running (lane, jobs) as materialized (
      select lane, count(*)
      from (select lane from leases limit ${MOST_COUNTED})
      group by lane
    )
  select l.lane,
    coalesce((select jobs from running where lane = l.lane), 0) as running,
    (
      select count(*)
      from (select 1 from priorities p cross join turns t cross join ${READY} limit ${MOST_IN_BACKLOG})
    ) as due,
    (
      select count(*)
      from (select 1 from ${HELD} union all select 1 from ${BEHIND} limit ${MOST_IN_BACKLOG})
    ) as held,
    (select count(*) from (select 1 from ${LATER} limit ${MOST_IN_BACKLOG})) as scheduled,
    (
      select min(at)
      from (
        select (select due_at from ${READY} order by due_at limit 1) as at
        from priorities p
        cross join turns t
        union all
        select (select run_at from ${HELD} order by run_at limit 1)
      )
    ) as oldestAt
  from lanes l`;

/** What a person who looks after the file should know. Its statements run rarely, and are prepared for the occasion. */
export class FactFinder implements Inspection {
  readonly #db: Database;

  readonly #mostBytes: number | null;

  /** @param mostBytes what the file may hold. */
  constructor(db: Database, mostBytes: number | undefined) {
    this.#db = db;
    this.#mostBytes = mostBytes ?? null;
  }

  facts(request: FactsRequest): Promise<SqliteFacts> {
    return this.#db.read(() => this.#facts(request));
  }

  gauges(): Promise<Gauges> {
    return this.#db.read(() => {
      const count = (from: string) =>
        this.#one<number>(`select count(*) from (select 1 from ${from} limit ${MOST_COUNTED})`) ?? 0;
      return {
        jobs: {
          ready: count("ready"),
          scheduled: count("scheduled"),
          running: count("leases"),
          parked: count("parked"),
          failed: count("finished where status = 'failed'"),
        },
        due: this.#firsts(),
      };
    });
  }

  oldestLanes(limit: number): Promise<LaneDue[]> {
    return this.#db.read(() => {
      const lanes: Statement<LaneDue> = this.#db.prepare(OLDEST_LANES);
      return lanes.all(limit).map((row) => ({ ...row }));
    });
  }

  async backlogs(lanes: readonly string[]): Promise<LaneBacklog[]> {
    const backlogs: Statement<LaneBacklog> = this.#db.prepare(BACKLOGS);
    const found: LaneBacklog[] = [];
    for (let from = 0; from < lanes.length; from += LANES_AT_ONCE) {
      if (from > 0) await nextTurn();
      const some = JSON.stringify(lanes.slice(from, from + LANES_AT_ONCE));
      found.push(...(await this.#db.read(() => backlogs.all(some))).map((row) => ({ ...row })));
    }
    return found;
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
      storage: this.#storage(),
      sqliteVersion,
      isSafeToShare: isSafeToShare(sqliteVersion),
      nodeThatShares: nodeThatShares(),
      damage: deep ? this.#damage() : null,
    };
  }

  #due(now: number): Due {
    const due: Statement<DueJobs> = this.#db.prepare(`
      select j.task, count(*) as jobs, min(q.due_at) as oldestAt
      from (
        select job, due_at from (select job, due_at from ready limit ${MOST_DUE_COUNTED})
        union all
        select job, run_at
        from (select job, run_at from scheduled where run_at <= ? order by run_at limit ${MOST_DUE_COUNTED})
      ) q
      cross join jobs j on j.seq = q.job
      group by j.task`);
    return dueOf(
      due.all(now).map((row) => ({ ...row })),
      this.#firsts(),
    );
  }

  #firsts(): Gauges["due"] {
    const firsts: Statement<Gauges["due"][number]> = this.#db.prepare(OLDEST);
    return firsts.all().map((row) => ({ ...row }));
  }

  #unpruned(now: number, { succeeded, failed }: EndedBefore): SqliteFacts["unpruned"] {
    // bounded like pruning: only jobs created before the bound are read, of which few should be left
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
    const freeDiskBytes = bavail * bsize;
    const walBytes = wal?.size ?? 0;
    return { path, mode: mode & 0o777, bytes: size, walBytes, freeDiskBytes, mostBytes: this.#mostBytes };
  }

  /** How much of the file each table takes can only be found by reading all of it. */
  #storage(): StoragePart[] {
    const pageBytes = this.#one<number>("pragma page_size") ?? 0;
    const free = this.#one<number>("pragma freelist_count") ?? 0;
    const pages = this.#one<number>("pragma page_count") ?? 0;
    return [
      { part: "data", bytes: (pages - free) * pageBytes },
      { part: "free", bytes: free * pageBytes },
      { part: "wal", bytes: this.#file()?.walBytes ?? 0 },
    ];
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
