import assert from "node:assert/strict";
import { jobIdOf } from "../../src/store/postgres/job-id.ts";
import type { Receiver } from "../support/receiver.ts";
import type { Load } from "./load.ts";

/** Asks the database behind the product's back. */
export type Query = (text: string) => Promise<readonly Record<string, unknown>[]>;

const LIVE = `
  select
    (select count(*) from posthorn.ready) + (select count(*) from posthorn.scheduled)
      + (select count(*) from posthorn.leases) + (select count(*) from posthorn.parked) as live`;

const OTHERS = `
  select id
  from posthorn.jobs
  where id not in (
    select job
    from posthorn.finished
    where status = 'succeeded'
  )`;

const OUTCOMES = `
  select j.id, coalesce(f.status, 'live') as status, f.attempts,
    array(select a.outcome from posthorn.attempts a where a.job = j.id order by a.n) as outcomes
  from posthorn.jobs j
  left join posthorn.finished f on f.job = j.id`;

/** Whether anything is queued or running. */
export async function isQuiet(query: Query): Promise<boolean> {
  const [row] = await query(LIVE);
  return Number(row?.live) === 0;
}

/** Which of these jobs are there and have not succeeded. */
export async function unfinished(query: Query, ids: readonly string[]): Promise<string[]> {
  const others = new Set((await query(OTHERS)).map(({ id }) => jobIdOf(String(id))));
  return ids.filter((id) => others.has(id));
}

export interface Balance {
  readonly accepted: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly lost: number;
}

/**
 * The books at the end: all that was accepted has come as it was sent, and succeeded; so has what was asked for by clients that
 * never got an answer, if it is there. What came more often than once did so in attempts that were lost.
 */
export async function balance(query: Query, load: Load, receiver: Receiver): Promise<Balance> {
  const rows = await query(OUTCOMES);
  const counts = receiver.counts();
  const came = new Map(receiver.ledger.map(({ id, text }) => [id, text]));
  const wrong: string[] = [];
  let [duplicates, lost] = [0, 0];
  for (const row of rows) {
    const id = jobIdOf(String(row.id));
    const outcomes = Array.isArray(row.outcomes) ? row.outcomes.map(String) : [];
    const losses = outcomes.filter((outcome) => outcome === "lost").length;
    const failures = outcomes.length - losses;
    const count = counts.get(id) ?? 0;
    lost += losses;
    duplicates += Math.max(0, count - 1 - failures);
    // a delivery that was refused came once for its attempt, one that was lost came or did not
    const isExplained = count >= 1 + failures && count <= 1 + failures + losses;
    if (row.status !== "succeeded" || !isExplained) {
      wrong.push(`${id} is ${row.status} and came ${count} times, after ${outcomes.join(", ") || "nothing"}`);
    }
  }
  assert.deepEqual(wrong, []);
  const known = new Set(rows.map((row) => jobIdOf(String(row.id))));
  const missing = [...load.accepted].filter(([id, payload]) => !known.has(id) || came.get(id) !== payload);
  assert.deepEqual(missing, []);
  assert.deepEqual(load.wrongAnswers, []);
  return { accepted: load.accepted.size, delivered: came.size, duplicates, lost };
}
