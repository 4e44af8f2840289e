import type { Reach } from "../../core/reach.ts";
import { count, json, name, nullable, oneOf, text, time } from "./tables/column.ts";
import { type KeyPage, Keyset, type Slice } from "./tables/keyset.ts";
import { audited, type Call, type Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/** Bulk runs, with their filters and progress. */
export interface BulkRunShelf {
  get(id: string, reach?: Reach): Promise<BulkRun | undefined>;
  /** By their ids, which is by time. */
  list(reach: Reach, page: BulkRunPage): Promise<Slice<BulkRun>>;
  /** Writes a run and returns it, unless another one that has not ended claims the same `alone`. */
  insertion(run: BulkRun): Call<BulkRun>;
  /** The one that alone is about this, and has not ended. */
  aloneAbout(what: string): Promise<BulkRun | undefined>;
  /** Replaces the fields that people decide, and returns the run, if it still has the state and driver it was read with. */
  moving(run: BulkRun, from: Pick<BulkRun, "state" | "driver">): Call<BulkRun>;
  /** Returns the run if it is unchanged since it was read. This is the guard of a batch, which `recording` completes. */
  advancing(run: BulkRun, now: number): Call<BulkRun>;
  /** Both in one, where what a batch comes to is known beforehand. */
  passing(run: BulkRun, after: BulkRun, now: number, told?: Call<unknown>): Call<BulkRun>;
  /** Writes how far it has come. @param told what is written with it. */
  recording(run: BulkRun, told?: Call<unknown>): Call<BulkRun>;
  /** Adds to how many of its jobs have failed permanently: by the ids of runs. */
  addFailed(counts: ReadonlyMap<string, number>): Promise<BulkRun[]>;
  /** Sets its pace, and gives it back. */
  pacing(id: string, pace: number, now: number): Call<BulkRun>;
  /** Forgets at most `limit` of those that ended before then; how many. */
  prune(endedBefore: number, limit: number): Promise<number>;
}

export const BULK_RUNS = new Table("bulk_runs", ["id"], {
  id: name,
  /** Whose jobs alone it is about, and of tenants of which mode. */
  tenant: nullable(name),
  mode: nullable(oneOf("live", "test")),
  action: oneOf("redeliver", "rerun", "run_now", "cancel", "replay", "erase"),
  /** What it is about, pinned when it was made. */
  filter: json,
  state: oneOf("waiting", "running", "paused", "stopped", "taking_back", "taken_back", "done"),
  /** Why it paused by itself; null if it has not. */
  reason: nullable(text),
  /** The last job or event that was looked at. */
  cursor: nullable(name),
  /** One more with each batch. */
  step: count,
  /** Jobs a second and lane; null for the default. */
  pace: nullable(count),
  matched: count,
  done: count,
  /** How many of the jobs that it queued have failed permanently. */
  failed: count,
  /** How many by reason. */
  skipped: json,
  /** By lane, the first jobs of those whose outcome is not known yet. */
  watched: nullable(json),
  /** How much there is in all, as counted ahead, and how fast it goes; null before it has begun. */
  course: nullable(json),
  /** While this run has not ended, no other run may have the same value. */
  alone: nullable(name),
  /** The id of the job that carries it out. */
  driver: name,
  actor: nullable(text),
  note: nullable(text),
  starts_at: time,
  created_at: time,
  updated_at: time,
  ended_at: nullable(time),
});

export type BulkRun = FieldsOf<typeof BULK_RUNS>;

/** Of the runs that meet every given condition. */
export interface BulkRunPage extends KeyPage {
  readonly state?: BulkRun["state"] | undefined;
  readonly action?: BulkRun["action"] | undefined;
  readonly actor?: string | undefined;
}

const REACHED = "(cast(? as text) is null or tenant = ?) and (cast(? as text) is null or mode = ?)";

const GET = BULK_RUNS.statement(`
  select ${BULK_RUNS.fields}
  from posthorn.bulk_runs
  where id = ? and ${REACHED}`);

// a coalesce with the column itself is true of every run where nothing is asked
const FITS = `
  (cast(? as text) is null or mode = ?)
  and state = coalesce(?, state)
  and action = coalesce(?, action)
  and (cast(? as text) is null or actor = ?)`;
const ALL = new Keyset(BULK_RUNS, "id", "true", FITS);
const OF_TENANT = new Keyset(BULK_RUNS, "id", "tenant = ?", FITS);

const INSERT = BULK_RUNS.statement(
  `
  ${BULK_RUNS.insertion}
  on conflict do nothing
  returning ${BULK_RUNS.fields}`,
  { takes: BULK_RUNS.kinds },
);

const ALONE = BULK_RUNS.statement(`
  select ${BULK_RUNS.fields}
  from posthorn.bulk_runs
  where alone = ?`);

const MOVED = ["state", "reason", "cursor", "watched", "alone", "driver", "updated_at", "ended_at"] as const;

const MOVE = BULK_RUNS.statement(`
  update posthorn.bulk_runs
  set ${MOVED.map((column) => `${column} = ?`).join(", ")}, step = step + 1
  where id = ? and state = ? and driver = ?
    and not exists (select 1 from posthorn.bulk_runs other where other.alone = ? and other.id <> ?)
  returning ${BULK_RUNS.fields}`);

const ADVANCE = BULK_RUNS.statement(`
  update posthorn.bulk_runs
  set step = step + 1, updated_at = ?
  where id = ? and step = ? and driver = ? and state = ?
  returning ${BULK_RUNS.fields}`);

const RECORDED = [
  "state",
  "reason",
  "cursor",
  "matched",
  "done",
  "skipped",
  "watched",
  "course",
  "alone",
  "ended_at",
] as const;

const RECORD = BULK_RUNS.statement(`
  update posthorn.bulk_runs
  set ${RECORDED.map((column) => `${column} = ?`).join(", ")}
  where id = ?
  returning ${BULK_RUNS.fields}`);

const PASS = BULK_RUNS.statement(`
  update posthorn.bulk_runs
  set step = step + 1, updated_at = ?, ${RECORDED.map((column) => `${column} = ?`).join(", ")}
  where id = ? and step = ? and driver = ? and state = ?
  returning ${BULK_RUNS.fields}`);

const SET_PACE = BULK_RUNS.statement(`
  update posthorn.bulk_runs
  set pace = ?, updated_at = ?
  where id = ?
  returning ${BULK_RUNS.fields}`);

const ADD_FAILED = BULK_RUNS.statement(`
  update posthorn.bulk_runs
  set failed = failed + ?
  where id = ?
  returning ${BULK_RUNS.fields}`);

const PRUNE = BULK_RUNS.statement(`
  delete from posthorn.bulk_runs
  where id in (select id from posthorn.bulk_runs where ended_at < ? order by ended_at limit ?)
  returning id`);

export class BulkRuns implements BulkRunShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async get(id: string, reach: Reach = {}): Promise<BulkRun | undefined> {
    const [run] = await this.#session.read(GET.with(id, ...valuesOf(reach)));
    return run;
  }

  list(reach: Reach, { state, action, actor, ...page }: BulkRunPage): Promise<Slice<BulkRun>> {
    const { tenant, mode = null } = reach;
    const asked = [mode, mode, state ?? null, action ?? null, actor ?? null, actor ?? null];
    return tenant === undefined
      ? ALL.page(this.#session, page, [], asked)
      : OF_TENANT.page(this.#session, page, [tenant], asked);
  }

  insertion(run: BulkRun): Call<BulkRun> {
    return INSERT.with(...BULK_RUNS.valuesOf(run));
  }

  async aloneAbout(what: string): Promise<BulkRun | undefined> {
    const [run] = await this.#session.read(ALONE.with(what));
    return run;
  }

  moving(run: BulkRun, from: Pick<BulkRun, "state" | "driver">): Call<BulkRun> {
    const { id, alone } = run;
    return MOVE.with(...BULK_RUNS.valuesOf(run, MOVED), id, from.state, from.driver, alone, id);
  }

  advancing({ id, step, driver, state }: BulkRun, now: number): Call<BulkRun> {
    return ADVANCE.with(now, id, step, driver, state);
  }

  passing(
    { id, step, driver, state }: BulkRun,
    after: BulkRun,
    now: number,
    told?: Call<unknown>,
  ): Call<BulkRun> {
    return audited(PASS.with(now, ...BULK_RUNS.valuesOf(after, RECORDED), id, step, driver, state), told);
  }

  recording(run: BulkRun, told?: Call<unknown>): Call<BulkRun> {
    return audited(RECORD.with(...BULK_RUNS.valuesOf(run, RECORDED), run.id), told);
  }

  async addFailed(counts: ReadonlyMap<string, number>): Promise<BulkRun[]> {
    return (await this.#session.write(...[...counts].map(([id, n]) => ADD_FAILED.with(n, id)))).flat();
  }

  pacing(id: string, pace: number, now: number): Call<BulkRun> {
    return SET_PACE.with(pace, now, id);
  }

  async prune(endedBefore: number, limit: number): Promise<number> {
    const [pruned] = await this.#session.write(PRUNE.with(endedBefore, limit));
    return pruned.length;
  }
}

function valuesOf({ tenant, mode }: Reach) {
  return [tenant ?? null, tenant ?? null, mode ?? null, mode ?? null] as const;
}
