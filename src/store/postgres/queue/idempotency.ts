import type { Enqueue, Enqueued, IdempotencyClaim } from "../../queue.ts";
import { columnOf, type Session, statement } from "../driver/statement.ts";
import { jobIdOf, uuidOf } from "../job-id.ts";

// An expired key is taken over. A key that another transaction is just using is waited for; in the order of the keys, so that
// no two wait for each other.
const USE = statement<{ scope: string; key: string }>(`
  insert into posthorn.idempotency_keys as k (scope, key, fingerprint, job, expires_at)
  select scope, key, fingerprint, job, expires_at
  from unnest($1::text::text[], $2::text::text[], $3::text::text[], $4::text::uuid[], $5::text::bigint[])
    as used (scope, key, fingerprint, job, expires_at)
  order by scope collate "C", key collate "C"
  on conflict (scope, key) do update
  set fingerprint = excluded.fingerprint, job = excluded.job, expires_at = excluded.expires_at
  where k.expires_at <= $6::text::bigint
  returning scope, key`);

// a statement of its own: only what begins after the wait sees what was waited for
const FIND = statement<{ scope: string; key: string; fingerprint: string; job: string }>(`
  select k.scope, k.key, k.fingerprint, k.job::text as job
  from unnest($1::text::text[], $2::text::text[]) as used (scope, key)
  join posthorn.idempotency_keys k on k.scope = used.scope and k.key = used.key`);

const REDIRECT = statement(`
  update posthorn.idempotency_keys k
  set job = r.job
  from unnest($1::text::text[], $2::text::text[], $3::text::uuid[]) as r (scope, key, job)
  where k.scope = r.scope and k.key = r.key`);

export type KeyedEnqueue = Enqueue & { readonly idempotency: IdempotencyClaim };

/** Idempotency keys: a second request with one is answered with the first one's job. */
export class IdempotencyKeys {
  /** The answers to those enqueues whose key was used before, in this batch or earlier; the keys of the others are theirs now. */
  async use(
    session: Session,
    enqueues: readonly KeyedEnqueue[],
    now: number,
  ): Promise<ReadonlyMap<Enqueue, Enqueued>> {
    const firsts = new Map(enqueues.map((each) => [nameOf(each.idempotency), each] as const).reverse());
    const distinct = [...firsts.values()];
    const scopes = columnOf(distinct, ({ idempotency }) => idempotency.scope);
    const keys = columnOf(distinct, ({ idempotency }) => idempotency.key);
    const using = session.run(
      USE,
      scopes,
      keys,
      columnOf(distinct, ({ idempotency }) => idempotency.fingerprint),
      columnOf(distinct, ({ job }) => uuidOf(job.id)),
      columnOf(distinct, ({ idempotency }) => idempotency.expiresAt),
      String(now),
    );
    const [used, found] = await Promise.all([using, session.run(FIND, scopes, keys)]);
    const fresh = new Set(used.map(nameOf));
    const holders = new Map(found.map((row) => [nameOf(row), row]));
    const answers = new Map<Enqueue, Enqueued>();
    for (const each of enqueues) {
      const name = nameOf(each.idempotency);
      if (fresh.has(name) && firsts.get(name) === each) continue;
      const holder = holders.get(name);
      if (!holder) throw new Error("an idempotency key was used and is not there");
      const kind = holder.fingerprint === each.idempotency.fingerprint ? "replayed" : "mismatch";
      answers.set(each, { kind, jobId: jobIdOf(holder.job) });
    }
    return answers;
  }

  /** From now on these keys answer with another job than the one that was to be made with them. */
  async redirect(session: Session, answers: ReadonlyMap<KeyedEnqueue, Enqueued>): Promise<void> {
    if (answers.size === 0) return;
    const entries = [...answers];
    await session.run(
      REDIRECT,
      columnOf(entries, ([{ idempotency }]) => idempotency.scope),
      columnOf(entries, ([{ idempotency }]) => idempotency.key),
      columnOf(entries, ([, { jobId }]) => uuidOf(jobId)),
    );
  }
}

function nameOf({ scope, key }: { readonly scope: string; readonly key: string }): string {
  return JSON.stringify([scope, key]);
}
