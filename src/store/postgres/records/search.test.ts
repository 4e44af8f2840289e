import { after, before, describe } from "node:test";
import pg from "pg";
import { JOB_STATUSES } from "../../../core/job.ts";
import type { Store } from "../../store.ts";
import { FIRST_AT, longSearchClaims, MANY, RARE } from "../../test-kit/records/long-search.ts";
import { NOW } from "../../test-kit/store-under-test.ts";
import { idAt } from "../../test-kit/stored-jobs.ts";
import { uuidOf } from "../job-id.ts";
import { openPostgresStore } from "../postgres-store.ts";
import { scratchServer } from "../test-kit/scratch.ts";

describe("a search through 200 000 jobs in PostgreSQL", () => {
  const server = scratchServer();
  let store: Store;

  before(async () => {
    const url = await server.newDatabase();
    store = await openPostgresStore({ url });
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await fill(client);
    await client.end();
  });

  after(() => store?.close());

  longSearchClaims(() => store);
});

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
    insert into posthorn.jobs (id, task, lane, priority, max_attempts, created_at, options, payload)
      select id, task, lane, 0, 3, ${FIRST_AT} + n, '{}', 'null' from made;
    insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses)
      select 0, 0, lane, ${NOW}, id, 0, 0, 0 from made where at = 0;
    insert into posthorn.leases (job, token, worker, priority, lane, attempts, failures, losses, started_at, leased_at)
      select id, n, 'wrk_x', 0, lane, 1, 0, 0, ${NOW}, ${NOW} from made where at = 1;
    insert into posthorn.finished (job, status, lane, attempts, finished_at)
      select id, case at when 2 then 'succeeded' when 3 then 'failed' else 'cancelled' end,
        case when at > 2 then lane end, 1, ${NOW}
      from made where at > 1;
    analyze`);
}
