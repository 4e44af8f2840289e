import { columnOf, type Session, statement } from "../driver/statement.ts";
import { jobIdOf, uuidOf } from "../job-id.ts";

/** A key that a live job of a task has. */
export interface LiveKey {
  readonly task: string;
  readonly key: string;
  readonly jobId: string;
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

const FREE = statement(`
  delete from posthorn.live_keys k
  using unnest($1::text[], $2::text[], $3::uuid[]) as ended (task, key, job)
  where k.task = ended.task and k.key = ended.key and k.job = ended.job`);

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

  /** Their jobs have ended. */
  free(session: Session, ended: readonly LiveKey[]): Promise<unknown> {
    return session.run(
      FREE,
      columnOf(ended, ({ task }) => task),
      columnOf(ended, ({ key }) => key),
      columnOf(ended, ({ jobId }) => uuidOf(jobId)),
    );
  }
}

/** The first of each key. */
function distinct(wanted: readonly LiveKey[]): LiveKey[] {
  return [...new Map(wanted.map((each) => [nameOf(each), each] as const).reverse()).values()];
}

function nameOf({ task, key }: { readonly task: string; readonly key: string }): string {
  return JSON.stringify([task, key]);
}
