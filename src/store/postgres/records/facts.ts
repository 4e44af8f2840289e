import { firstIdAt } from "../../../core/id.ts";
import type { JobStatus } from "../../../core/job.ts";
import type {
  DueJobs,
  FactsRequest,
  Gauges,
  Inspection,
  LaneBacklog,
  LaneDue,
  OpenTransaction,
  PostgresFacts,
  PostgresSetting,
  StoragePart,
  TableFacts,
} from "../../facts.ts";
import { dueOf, MOST_COUNTED, MOST_DUE_COUNTED, MOST_IN_BACKLOG, POSTGRES_SETTINGS } from "../../facts.ts";
import type { Database } from "../driver/database.ts";
import { arrayOf, statement } from "../driver/statement.ts";
import { jobIdOf, uuidOf } from "../job-id.ts";
import { LATEST_VERSION } from "../migrate.ts";
import { partitionFacts } from "../partitions/partitions.ts";
import { deletableUntil } from "../partitions/whole-partitions.ts";

const SERVER = statement<{
  now: number;
  version: string;
  schema: number;
  sees_all: boolean;
  used: number;
}>(`
  select
    (extract(epoch from clock_timestamp()) * 1000)::float8 as now,
    current_setting('server_version') as version,
    (select max(version) from posthorn.schema_versions) as schema,
    pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees_all,
    (select count(*) from pg_stat_activity where backend_type = 'client backend') as used`);

const DUE = statement<DueJobs>(`
  select j.task, count(*) as jobs, min(q.due_at) as "oldestAt"
  from (
    (select job, due_at from posthorn.ready limit ${MOST_DUE_COUNTED})
    union all
    (select job, run_at from posthorn.scheduled where run_at <= $1::bigint order by run_at limit ${MOST_DUE_COUNTED})
  ) q
  join posthorn.jobs j on j.id = q.job
  group by j.task`);

/** The first job of each lane, found by one seek after another: what stands behind it is not looked at. */
const FIRSTS = `
  with recursive firsts as (
    (
      select priority, turn, lane, due_at, job
      from posthorn.ready
      order by priority, turn, lane, due_at
      limit 1
    )
    union all
    select n.*
    from firsts f
    cross join lateral (
      select r.priority, r.turn, r.lane, r.due_at, r.job
      from posthorn.ready r
      where (r.priority, r.turn, r.lane) > (f.priority, f.turn, f.lane)
      order by r.priority, r.turn, r.lane, r.due_at
      limit 1
    ) n
  )`;

const OLDEST = statement<Omit<Gauges["due"][number], "jobId"> & { readonly job: string }>(`${FIRSTS}
  select o.*
  from (
    select distinct on (j.task) j.task, f.due_at as "oldestAt", f.job
    from (select * from firsts limit 1000) f
    join posthorn.jobs j on j.id = f.job
    order by j.task, f.due_at
  ) o
  order by o."oldestAt"`);

/** Those of endpoints are named after their tenants. */
const OLDEST_LANES = statement<LaneDue>(`${FIRSTS}
  select f.lane, min(f.due_at) as "oldestAt"
  from (select * from firsts limit 1000) f
  where f.lane collate "C" >= 'app_' and f.lane collate "C" < 'app\`'
  group by f.lane
  order by "oldestAt"
  limit $1`);

/** Of one kind in a lane, no more than are counted. */
function someOf(column: string, from: string): string {
  return `(select ${column} as at from posthorn.${from} order by ${column} limit ${MOST_IN_BACKLOG})`;
}

/** Each by its index, and no further than is counted. */
export const BACKLOGS = statement<LaneBacklog>(`
  with recursive
    priorities (priority) as (
      (select priority from posthorn.ready order by priority limit 1)
      union all
      select (select r.priority from posthorn.ready r where r.priority > p.priority order by r.priority limit 1)
      from priorities p
      where p.priority is not null
    ),
    running as materialized (
      select lane, count(*)::int as jobs
      from (select lane from posthorn.leases limit ${MOST_COUNTED}) taken
      group by lane
    )
  select l.lane, coalesce((select jobs from running g where g.lane = l.lane), 0) as running,
    least(r.due, ${MOST_IN_BACKLOG})::int as due,
    least(h.held, ${MOST_IN_BACKLOG})::int as held, s.scheduled::int as scheduled, least(r."oldestAt", h."oldestAt") as "oldestAt"
  from (select lane collate "C" as lane from unnest($1::text[]) as given (lane)) l
  cross join lateral (
    select count(*) as due, min(at) as "oldestAt"
    from priorities p
    cross join (values (0), (1)) t (turn)
    cross join lateral ${someOf("due_at", "ready where priority = p.priority and turn = t.turn and lane = l.lane")} first
  ) r
  cross join lateral (
    select count(*) as held, min(at) as "oldestAt"
    from (
      ${someOf("run_at", "parked where lane = l.lane and place is null")}
      union all
      (select null from posthorn.parked where lane = l.lane and place is not null limit ${MOST_IN_BACKLOG})
    ) kept
  ) h
  cross join lateral (
    select count(*) as scheduled
    from (
      select 1
      from posthorn.scheduled
      where lane = l.lane and lane >= 'app_' and lane < 'app\`'
      limit ${MOST_IN_BACKLOG}
    ) kept
  ) s`);

const COUNTS = statement<Gauges["jobs"]>(`
  select ${counted("ready", "ready")}, ${counted("scheduled", "scheduled")}, ${counted("running", "leases")},
    ${counted("parked", "parked")}, ${counted("failed", "finished where status = 'failed'")}`);

function counted(name: string, from: string): string {
  return `(select count(*)::int from (select 1 from posthorn.${from} limit ${MOST_COUNTED}) as counted) as ${name}`;
}

const LEASES = statement<{ worker: string; jobs: number }>(
  "select worker, count(*) as jobs from posthorn.leases group by worker order by worker",
);

// bounded like pruning: only jobs created before the bound are read, of which few should be left
const UNPRUNED = statement<PostgresFacts["unpruned"]>(`
  select
    ${oldest("succeeded", "$1", "$2")} as "succeededAt",
    least(${oldest("failed", "$3", "$4")}, ${oldest("cancelled", "$3", "$4")}) as "failedAt",
    (
      select min(expires_at) from posthorn.finished where expires_at is not null and expires_at <= $5::bigint
    ) as "expiredAt",
    (select min(expires_at) from posthorn.idempotency_keys where expires_at <= $5::bigint) as "keyExpiredAt"`);

function oldest(status: JobStatus, bound: string, before: string): string {
  return `
    (
      select min(finished_at)
      from (
        select finished_at
        from posthorn.finished
        where status = '${status}' and job < ${bound}::uuid and finished_at < ${before}::bigint and expires_at is null
        order by job
        limit 1000
      ) as old
    )`;
}

const TRANSACTIONS = statement<OpenTransaction>(`
  select *
  from (
    select pid, application_name as name, state like 'idle%' as "isIdle",
      (extract(epoch from clock_timestamp() - xact_start) * 1000)::float8 as "ageMs"
    from pg_stat_activity
    where backend_type = 'client backend' and datname = current_database() and xact_start is not null
      and pid <> pg_backend_pid()
    union all
    select null, gid, true, (extract(epoch from clock_timestamp() - prepared) * 1000)::float8
    from pg_prepared_xacts
    where database = current_database()
  ) as open
  order by "ageMs" desc
  limit 5`);

const TABLES = statement<TableFacts>(`
  select s.relname as name, coalesce(w.relname, s.relname) as whole, n_live_tup as "liveRows", n_dead_tup as "deadRows", pg_total_relation_size(relid) as bytes,
    (extract(epoch from greatest(last_vacuum, last_autovacuum)) * 1000)::float8 as "vacuumedAt"
  from pg_stat_user_tables s
  left join pg_inherits i on i.inhrelid = s.relid
  left join pg_class w on w.oid = i.inhparent
  where schemaname = $1
  order by s.relname`);

const SETTINGS = statement<{ name: PostgresSetting; value: string }>(
  "select name, reset_val as value from pg_settings where name = any ($1::text[])",
);

/** What a person who looks after the database should know. */
export class FactFinder implements Inspection {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async gauges(): Promise<Gauges> {
    const [jobs] = await this.#db.run(COUNTS);
    if (!jobs) throw new Error("a select without a from gave no row");
    const oldest = await this.#db.run(OLDEST);
    return { jobs, due: oldest.map(({ job, ...same }) => ({ ...same, jobId: jobIdOf(job) })) };
  }

  oldestLanes(limit: number): Promise<LaneDue[]> {
    return this.#db.run(OLDEST_LANES, limit);
  }

  backlogs(lanes: readonly string[]): Promise<LaneBacklog[]> {
    return this.#db.run(BACKLOGS, arrayOf(lanes));
  }

  async facts({ now, endedBefore }: FactsRequest): Promise<PostgresFacts> {
    // one after the other, on one connection, so that a check causes no load
    const sentAt = Date.now();
    const [server] = await this.#db.run(SERVER);
    const receivedAt = Date.now();
    const layout = await partitionFacts(this.#db);
    // jobs that are kept until their whole day can be dropped are not late
    const { succeeded, failed } = endedBefore;
    const made = (before: number) => uuidOf(firstIdAt("job", deletableUntil(layout, before)));
    const [unpruned] = await this.#db.run(UNPRUNED, made(succeeded), succeeded, made(failed), failed, now);
    const settings = await this.#db.run(SETTINGS, arrayOf(POSTGRES_SETTINGS));
    const given = new Map(settings.map(({ name, value }) => [name, value]));
    const setting = (name: PostgresSetting) => given.get(name) ?? "";
    const tables = await this.#db.run(TABLES, this.#db.schema);
    return {
      kind: "postgres",
      version: server?.version ?? "",
      schema: { version: server?.schema ?? 0, latest: LATEST_VERSION },
      aheadMs: aheadOf(server?.now ?? sentAt, sentAt, receivedAt),
      due: dueOf(await this.#db.run(DUE, now), await this.#db.run(OLDEST)),
      leases: await this.#db.run(LEASES),
      unpruned: {
        succeededAt: unpruned?.succeededAt ?? null,
        failedAt: unpruned?.failedAt ?? null,
        expiredAt: unpruned?.expiredAt ?? null,
        keyExpiredAt: unpruned?.keyExpiredAt ?? null,
      },
      seesAllSessions: server?.sees_all ?? false,
      transactions: await this.#db.run(TRANSACTIONS),
      connections: { used: server?.used ?? 0, most: Number(setting("max_connections")) },
      tables,
      storage: wholes(tables),
      partitions: { days: layout.partitions.length, daysMissing: layout.daysMissing },
      settings: Object.fromEntries(POSTGRES_SETTINGS.map((name) => [name, setting(name)])) as Record<
        PostgresSetting,
        string
      >, // all of them
    };
  }
}

/** Of tables that are cut into partitions, all of them together. */
function wholes(tables: readonly TableFacts[]): StoragePart[] {
  const sums = new Map<string, number>();
  for (const { whole, bytes } of tables) sums.set(whole, (sums.get(whole) ?? 0) + bytes);
  return [...sums].map(([part, bytes]) => ({ part, bytes })).sort((a, b) => b.bytes - a.bytes);
}

/** Within the time that the question took, the clocks cannot be told apart. */
function aheadOf(serverNow: number, sentAt: number, receivedAt: number): number {
  if (serverNow < sentAt) return Math.round(serverNow - sentAt);
  return serverNow > receivedAt ? Math.round(serverNow - receivedAt) : 0;
}
