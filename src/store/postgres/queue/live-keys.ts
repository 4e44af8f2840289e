import { parseAgain, stringifyAgain } from "../../again.ts";
import type { NewJob } from "../../queue.ts";
import { columnOf, type Session, statement } from "../driver/statement.ts";
import { jobIdOf, uuidOf } from "../job-id.ts";

/** A key that a live job of a task has, or is to have. */
export interface LiveKey {
  readonly task: string;
  readonly key: string;
  readonly jobId: string;
}

/** A job and the key that it is to have. */
export interface WantedKey extends LiveKey {
  readonly job: NewJob;
}

// in the order of the keys, so that no two transactions wait for each other
const KEEP = statement<{ task: string; key: string }>(`
  insert into posthorn.live_keys (task, key, job)
  select task, key, job
  from unnest($1::text::text[], $2::text::text[], $3::text::uuid[]) as wanted (task, key, job)
  order by task collate "C", key collate "C"
  on conflict (task, key) do nothing
  returning task, key`);

const FIND = statement<{ task: string; key: string; job: string }>(`
  select k.task, k.key, k.job::text as job
  from unnest($1::text::text[], $2::text::text[]) as wanted (task, key)
  join posthorn.live_keys k on k.task = wanted.task and k.key = wanted.key`);

// From jobs that run: to those that only queued ones stand in for, or one more is kept. A row is locked first, so that a job that
// ends meanwhile ends either before, and frees its key, or after, and finds what was kept with it.
const PASS_RUNNING = statement(`
  with wanted as materialized (
    select *
    from unnest($1::text::text[], $2::text::text[], $3::text::uuid[], $4::text::uuid[], $5::text::text[])
      as w (task, key, holder, job, again)
  ),
  locked as materialized (
    select k.task, k.key
    from posthorn.live_keys k
    join wanted w on w.task = k.task and w.key = k.key and w.holder = k.job
    order by k.task collate "C", k.key collate "C"
    for update of k
  )
  update posthorn.live_keys k
  set
    job = case when w.again is null then w.job else k.job end,
    again = coalesce(w.again, k.again)
  from wanted w
  join locked l on l.task = w.task and l.key = w.key
  where k.task = w.task and k.key = w.key and k.job = w.holder
    and exists (select from posthorn.leases s where s.job = w.holder)`);

// Claims and promotions step over what is locked. What is being claimed is waited for: it has gone from here by then.
const HOLD = statement(`
  with wanted as materialized (
    select job from unnest($1::text::uuid[]) as w (job) order by job
  ),
  in_ready as (select from wanted cross join lateral (select from posthorn.ready where job = wanted.job for update) r),
  in_scheduled as (select from wanted cross join lateral (select from posthorn.scheduled where job = wanted.job for update) s),
  in_parked as (select from wanted cross join lateral (select from posthorn.parked where job = wanted.job for update) p)
  select
    (select count(*) from in_ready) + (select count(*) from in_scheduled) + (select count(*) from in_parked) as held`);

const FREE = statement<{ again: string | null }>(`
  with locked as materialized (
    select k.task, k.key
    from unnest($1::text[], $2::text[], $3::uuid[]) as ended (task, key, job)
    join posthorn.live_keys k on k.task = ended.task and k.key = ended.key and k.job = ended.job
    where exists (select from posthorn.finished f where f.job = ended.job)
    order by k.task collate "C", k.key collate "C"
    for update of k
  )
  delete from posthorn.live_keys k
  using locked l
  where k.task = l.task and k.key = l.key
  returning k.again`);

/** The keys of live jobs: of each task, one live job has a key. */
export class LiveKeys {
  /** The jobs that have the keys now: those that wanted them, or those that were first. In the order of `wanted`. */
  async keep(session: Session, wanted: readonly LiveKey[]): Promise<string[]> {
    const holders = new Map<string, string>();
    let open = distinct(wanted);
    while (open.length > 0) {
      const tasks = columnOf(open, ({ task }) => task);
      const keys = columnOf(open, ({ key }) => key);
      const keeping = session.run(
        KEEP,
        tasks,
        keys,
        columnOf(open, ({ jobId }) => uuidOf(jobId)),
      );
      const [, found] = await Promise.all([keeping, session.run(FIND, tasks, keys)]);
      for (const row of found) holders.set(nameOf(row), jobIdOf(row.job));
      open = open.filter((each) => !holders.has(nameOf(each))); // its holder has just ended
    }
    return wanted.map((each) => holders.get(nameOf(each)) ?? each.jobId);
  }

  /**
   * As `keep`, for new jobs: some of them are made alongside a running one, or kept to be made after it, as their `unique` says.
   * @param commitsLater a queued job that stands in for a new one must not start before the transaction is over, because it would not see
   * what the new one is for.
   */
  async keepFor(session: Session, wanted: readonly WantedKey[], commitsLater = false): Promise<string[]> {
    const held = new Set<string>();
    const passed = new Set<string>();
    for (;;) {
      const holders = await this.keep(session, wanted);
      if (commitsLater) await this.#hold(session, wanted, holders, held);
      const passing = wanted.flatMap((each, at) => {
        const holder = holders[at] ?? each.jobId;
        const isOther = each.job.ties?.unique !== undefined && holder !== each.jobId && !passed.has(holder);
        return isOther ? [{ ...each, holder }] : [];
      });
      if (passing.length === 0) return holders;
      const open = latest(passing);
      await session.run(
        PASS_RUNNING,
        columnOf(open, ({ task }) => task),
        columnOf(open, ({ key }) => key),
        columnOf(open, ({ holder }) => uuidOf(holder)),
        columnOf(open, ({ jobId }) => uuidOf(jobId)),
        columnOf(open, ({ job }) => (job.ties?.unique === "again" ? stringifyAgain(job) : null)),
      );
      // looked at again: some have the keys of running jobs now, and some, of jobs that have ended meanwhile
      for (const { holder, jobId } of open) passed.add(holder).add(jobId);
    }
  }

  async #hold(
    session: Session,
    wanted: readonly WantedKey[],
    holders: readonly string[],
    held: Set<string>,
  ): Promise<void> {
    const own = new Set(wanted.map(({ jobId }) => jobId));
    const others = [...new Set(holders)].filter((id) => !own.has(id) && !held.has(id));
    if (others.length === 0) return;
    await session.run(HOLD, columnOf(others, uuidOf));
    for (const id of others) held.add(id);
  }

  /** Of those whose jobs have ended. The jobs that have to be made now. */
  async free(session: Session, ended: readonly LiveKey[], now: number): Promise<NewJob[]> {
    const freed = await session.run(
      FREE,
      columnOf(ended, ({ task }) => task),
      columnOf(ended, ({ key }) => key),
      columnOf(ended, ({ jobId }) => uuidOf(jobId)),
    );
    const again = freed.flatMap((row) => (row.again === null ? [] : [parseAgain(row.again, now)]));
    if (again.length > 0)
      await this.keep(
        session,
        again.map(({ id, task, ties }) => ({ task, key: ties?.key ?? "", jobId: id })),
      );
    return again;
  }
}

/** The last of each key. */
function latest<Key extends LiveKey>(keys: readonly Key[]): Key[] {
  return [...new Map(keys.map((each) => [nameOf(each), each] as const)).values()];
}

/** The first of each key. */
function distinct(wanted: readonly LiveKey[]): LiveKey[] {
  return [...new Map(wanted.map((each) => [nameOf(each), each] as const).reverse()).values()];
}

function nameOf({ task, key }: { readonly task: string; readonly key: string }): string {
  return JSON.stringify([task, key]);
}
