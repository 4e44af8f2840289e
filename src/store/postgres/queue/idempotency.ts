import type { IdempotencyClaim } from "../../queue.ts";
import { columnOf, type Session, statement } from "../driver/statement.ts";
import { jobIdOf, uuidOf } from "../job-id.ts";

// An expired key is taken over. A key that another transaction is just using is waited for; in the order of the keys, so that
// no two wait for each other.
const USE = statement<{ scope: string; key: string }>(`
  insert into posthorn.idempotency_keys as k (scope, key, fingerprint, job, answer, expires_at)
  select scope, key, fingerprint, job, answer, expires_at
  from unnest(
    $1::text::text[], $2::text::text[], $3::text::text[], $4::text::uuid[], $5::text::text[], $6::text::bigint[]
  ) as used (scope, key, fingerprint, job, answer, expires_at)
  order by scope collate "C", key collate "C"
  on conflict (scope, key) do update
  set
    fingerprint = excluded.fingerprint,
    job = excluded.job,
    answer = excluded.answer,
    expires_at = excluded.expires_at
  where k.expires_at <= $7::text::bigint
  returning scope, key`);

// a statement of its own: only what begins after the wait sees what was waited for
const FIND = statement<{
  scope: string;
  key: string;
  fingerprint: string;
  job: string | null;
  answer: string | null;
}>(`
  select k.scope, k.key, k.fingerprint, k.job::text as job, k.answer
  from unnest($1::text::text[], $2::text::text[]) as used (scope, key)
  join posthorn.idempotency_keys k on k.scope = used.scope and k.key = used.key`);

const REDIRECT = statement(`
  update posthorn.idempotency_keys k
  set job = r.job, answer = r.answer
  from unnest($1::text::text[], $2::text::text[], $3::text::uuid[], $4::text::text[]) as r (scope, key, job, answer)
  where k.scope = r.scope and k.key = r.key`);

const FORGET = statement(`
  delete from posthorn.idempotency_keys k
  using unnest($1::text::text[], $2::text::text[]) as used (scope, key)
  where k.scope = used.scope and k.key = used.key`);

/** A use of a key, and the answer to later uses of it: the job that is made, or the answer to a submission. */
export interface KeyUse {
  readonly claim: IdempotencyClaim;
  readonly job: string | null;
  readonly answer: string | null;
}

/** What the first request with a key was answered. */
export interface FirstAnswer {
  readonly kind: "replayed" | "mismatch";
  readonly job: string | null;
  readonly answer: string | null;
}

/** Idempotency keys: a second request with one is answered with what the first one made. */
export class IdempotencyKeys {
  /** In the order of `uses`, the answers to those whose key was used before, in this batch or earlier; undefined for the others. */
  async use(session: Session, uses: readonly KeyUse[], now: number): Promise<(FirstAnswer | undefined)[]> {
    const firsts = new Map(uses.map((each) => [nameOf(each.claim), each] as const).reverse());
    const distinct = [...firsts.values()];
    const scopes = columnOf(distinct, ({ claim }) => claim.scope);
    const keys = columnOf(distinct, ({ claim }) => claim.key);
    const using = session.run(
      USE,
      scopes,
      keys,
      columnOf(distinct, ({ claim }) => claim.fingerprint),
      columnOf(distinct, ({ job }) => job && uuidOf(job)),
      columnOf(distinct, ({ answer }) => answer),
      columnOf(distinct, ({ claim }) => claim.expiresAt),
      String(now),
    );
    const [used, found] = await Promise.all([using, session.run(FIND, scopes, keys)]);
    const fresh = new Set(used.map(nameOf));
    const holders = new Map(found.map((row) => [nameOf(row), row]));
    return uses.map((each) => {
      const name = nameOf(each.claim);
      if (fresh.has(name) && firsts.get(name) === each) return undefined;
      const holder = holders.get(name);
      if (!holder) throw new Error("an idempotency key was used and is not there");
      const { fingerprint, job, answer } = holder;
      const kind = fingerprint === each.claim.fingerprint ? "replayed" : "mismatch";
      return { kind, job: job && jobIdOf(job), answer };
    });
  }

  /** What these keys were used for in this transaction is not made after all. */
  async forget(session: Session, claims: readonly IdempotencyClaim[]): Promise<void> {
    await session.run(
      FORGET,
      columnOf(claims, ({ scope }) => scope),
      columnOf(claims, ({ key }) => key),
    );
  }

  /** From now on these keys answer otherwise than it seemed when they were used. */
  async redirect(session: Session, uses: readonly KeyUse[]): Promise<void> {
    if (uses.length === 0) return;
    await session.run(
      REDIRECT,
      columnOf(uses, ({ claim }) => claim.scope),
      columnOf(uses, ({ claim }) => claim.key),
      columnOf(uses, ({ job }) => job && uuidOf(job)),
      columnOf(uses, ({ answer }) => answer),
    );
  }
}

function nameOf({ scope, key }: { readonly scope: string; readonly key: string }): string {
  return JSON.stringify([scope, key]);
}
