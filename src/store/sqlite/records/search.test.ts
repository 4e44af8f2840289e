import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { JOB_STATUSES } from "../../../core/job.ts";
import type { Store } from "../../store.ts";
import { FIRST_AT, longSearchClaims, MANY, MANY_ENTRIES, RARE } from "../../test-kit/records/long-search.ts";
import { NOW } from "../../test-kit/store-under-test.ts";
import { idAt } from "../../test-kit/stored-jobs.ts";
import { openDatabase } from "../open.ts";
import { openSqliteStore } from "../sqlite-store.ts";
import { BACKLOGS } from "./facts.ts";
import { LaneJobs } from "./lane-jobs.ts";
import { Records } from "./records.ts";

describe("a search through 200 000 jobs in SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-"));
  const file = join(folder, "posthorn.db");
  let store: Store;

  before(async () => {
    store = await openSqliteStore({ file });
    fill(file);
    while (await store.retention.maintain());
  });

  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  longSearchClaims(() => store);

  test("where no thread may read alongside, a page looks at a thousand jobs", async () => {
    const db = await openDatabase({ file });
    const records = new Records(db, new LaneJobs(db));
    const { jobs, searchedTo } = await records.list({ tasks: [RARE.task] }, { limit: 50 });
    db.close();
    assert.deepEqual([jobs, searchedTo?.createdAt], [[], NOW - 1_000]);
  });

  test("the backlogs of lanes are counted by indexes alone, without a look at those of others", () => {
    const connection = new DatabaseSync(file);
    const steps = connection
      .prepare(`explain query plan ${BACKLOGS}`)
      .all("[]")
      .map(({ detail }) => String(detail));
    connection.close();
    const looks = steps.filter((step) => /^(?:SCAN|SEARCH) (?:r|ready|parked|scheduled)\b/.test(step));
    assert.deepEqual([...new Set(looks)].sort(), [
      "SEARCH parked USING COVERING INDEX parked_behind (lane=? AND place>?)",
      "SEARCH parked USING INDEX parked_held (lane=?)",
      "SEARCH r USING PRIMARY KEY (priority=? AND turn=? AND lane=?)",
      "SEARCH ready USING PRIMARY KEY",
      "SEARCH ready USING PRIMARY KEY (priority>?)",
      "SEARCH scheduled USING COVERING INDEX scheduled_by_lane (lane=?)",
    ]);
  });
});

/** Straight into the tables. */
function fill(path: string): void {
  const connection = new DatabaseSync(path);
  const each = JOB_STATUSES.length;
  connection.function("id_at", (n) => idAt(FIRST_AT + Number(n)));
  connection.exec(`
    begin;
    create temp table n as
      with recursive n (n) as (select 0 union all select n + 1 from n where n < ${MANY - 1})
      select n, n % ${each} as at, iif(n < ${each}, '${RARE.task}', 'mail.send') as task,
        iif(n < ${each}, '${RARE.lane}', 'lane ' || (n % 100)) as lane
      from n;
    insert into jobs (seq, id, task, lane, priority, options, payload, max_attempts, created_at, tags)
      select n + 1, id_at(n), task, lane, 0, '{}', 'null', 3, ${FIRST_AT} + n,
        iif(task = '${RARE.task}', '["old","${RARE.tag}"]', iif(n % 2 = 0, '["old"]', null)) from n;
    insert into ready (priority, turn, lane, due_at, job, attempts, failures, losses)
      select 0, 0, lane, ${NOW}, n + 1, 0, 0, 0 from n where at = 0;
    insert into leases (job, token, worker, priority, lane, attempts, failures, losses, started_at, leased_at)
      select n + 1, n, 'wrk_x', 0, lane, 1, 0, 0, ${NOW}, ${NOW} from n where at = 1;
    insert into finished (job, status, lane, attempts, finished_at, fingerprint)
      select n + 1, case at when 2 then 'succeeded' when 3 then 'failed' else 'cancelled' end, iif(at = 2, null, lane), 1, ${NOW},
        iif(at = 3, 'alike', null)
      from n where at > 1;
    insert into audit (id, at, actor, via, action, target, change)
      select printf('adt_%026d', n), ${NOW}, 'ops', 'api', iif(n = 0, '${RARE.action}', 'often'), 'x', '{}' from n where n < ${MANY_ENTRIES};
    commit`);
  connection.close();
}
