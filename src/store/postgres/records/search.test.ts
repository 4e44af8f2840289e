import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { JOB_STATUSES } from "../../../core/job.ts";
import { MOST_COUNTED, MOST_IN_BACKLOG } from "../../facts.ts";
import type { Store } from "../../store.ts";
import { FIRST_AT, longSearchClaims, MANY, MANY_ENTRIES, RARE } from "../../test-kit/records/long-search.ts";
import { NOW } from "../../test-kit/store-under-test.ts";
import { idAt } from "../../test-kit/stored-jobs.ts";
import { uuidOf } from "../job-id.ts";
import { openPostgresStore } from "../postgres-store.ts";
import { scratchServer } from "../test-kit/scratch.ts";
import { BACKLOGS } from "./facts.ts";

describe("a search through 200 000 jobs in PostgreSQL", () => {
  const server = scratchServer();
  let store: Store;
  let url: string;

  before(async () => {
    url = await server.newDatabase();
    store = await openPostgresStore({ url });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await fill(client);
    await client.end();
  });

  after(() => store?.close());

  longSearchClaims(() => store);

  test("the backlogs of lanes are counted without a look at those of others, and no further than is told", async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const lanes = Array.from({ length: 20 }, (_, n) => `lane ${n * JOB_STATUSES.length}`);
    await client.query(`
      begin;
      insert into posthorn.parked (job, lane, run_at, reason, parked_at, priority, attempts, failures, losses)
        select job, lane, due_at, 'paused', due_at, 0, 0, 0, 0 from posthorn.ready;
      insert into posthorn.scheduled (run_at, job, priority, lane, attempts, failures, losses)
        select due_at, job, 0, 'app_' || lane, 0, 0, 0 from posthorn.ready`);
    const given = [...lanes.slice(0, 2), ...lanes.slice(0, 2).map((lane) => `app_${lane}`)];
    const { rows } = await client.query(`explain (analyze, format json) ${BACKLOGS.text}`, [given]);
    await client.end();
    const scans = scansIn(rows[0]["QUERY PLAN"][0].Plan);
    assert.deepEqual([...new Set(scans.map(({ table }) => table))].sort(), [
      "leases",
      "parked",
      "ready",
      "scheduled",
    ]);
    for (const { table, looked } of scans) {
      const most = table === "leases" ? MOST_COUNTED : given.length * MOST_IN_BACKLOG;
      assert.ok(looked <= most, `${looked} rows of ${table}`);
    }
  });
});

interface Plan {
  readonly Plans?: readonly Plan[];
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
}

/** Every scan of a table: how many rows it looked at. */
function scansIn(plan: Plan): { readonly table: string; readonly looked: number }[] {
  const table = plan["Relation Name"];
  const looked = (plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0)) * plan["Actual Loops"];
  return [...(table === undefined ? [] : [{ table, looked }]), ...(plan.Plans ?? []).flatMap(scansIn)];
}

/** Straight into the tables. */
async function fill(client: pg.Client): Promise<void> {
  const each = JOB_STATUSES.length;
  const ids = Array.from({ length: MANY }, (_, n) => uuidOf(idAt(FIRST_AT + n)));
  await client.query(
    `create temp table made as
       select id, n - 1 as n, (n - 1) % ${each} as at,
         case when n <= ${each} then '${RARE.task}' else 'mail.send' end as task,
         case when n <= ${each} then '${RARE.lane}' else 'lane ' || (n % 100) end as lane
       from unnest($1::uuid[]) with ordinality as m (id, n)`,
    [ids],
  );
  await client.query(`
    insert into posthorn.jobs (id, task, lane, priority, max_attempts, created_at, options, payload, tags)
      select id, task, lane, 0, 3, ${FIRST_AT} + n, '{}', 'null',
        case when task = '${RARE.task}' then '["old","${RARE.tag}"]' when n % 2 = 0 then '["old"]' end from made;
    insert into posthorn.job_tags (job, tag)
      select id, 'old' from made where task = '${RARE.task}' or n % 2 = 0
      union all
      select id, '${RARE.tag}' from made where task = '${RARE.task}';
    insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses)
      select 0, 0, lane, ${NOW}, id, 0, 0, 0 from made where at = 0;
    insert into posthorn.leases (job, token, worker, priority, lane, attempts, failures, losses, started_at, leased_at)
      select id, n, 'wrk_x', 0, lane, 1, 0, 0, ${NOW}, ${NOW} from made where at = 1;
    insert into posthorn.finished (job, status, lane, attempts, finished_at, fingerprint)
      select id, case at when 2 then 'succeeded' when 3 then 'failed' else 'cancelled' end,
        case when at > 2 then lane end, 1, ${NOW}, case when at = 3 then 'alike' end
      from made where at > 1;
    insert into posthorn.audit (id, at, actor, via, action, target, change)
      select 'adt_' || lpad(n::text, 26, '0'), ${NOW}, 'ops', 'api', case n when 0 then '${RARE.action}' else 'often' end, 'x', '{}'
      from made where n < ${MANY_ENTRIES};
    analyze`);
}
