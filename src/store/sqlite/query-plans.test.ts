import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, mock, test } from "node:test";
import { newId } from "../../core/id.ts";
import { JOB_STATUSES } from "../../core/job.ts";
import type { JobFilter, RerunFilter } from "../job-records.ts";
import type { Store } from "../store.ts";
import { askShelves } from "../test-kit/shelves/ask-shelves.ts";
import { openSqliteStore } from "./sqlite-store.ts";

/** Their rows are few: as many as there are workers, schedules, keys, jobs running at once, or as a subquery is limited to; of a pragma, one. */
const SMALL =
  /^SCAN (workers|schedules|api_keys|sqlite_master|leases|l|counted|batch|CONSTANT ROW|pragma_\w+ VIRTUAL TABLE INDEX 0:)$/;
/** As many as a subquery of this name is limited to. */
const OF_BATCH = "SCAN batch";
/** A walk in the order of its table or index, from one end, that stops at the limit. */
const ENDS_AT_LIMIT = /order by [\w.]+( desc)? limit (\? \+ 0|1|1 offset \?)$/;

describe("query plans", () => {
  let folder: string;
  let store: Store;
  let connection: DatabaseSync;
  /** The steps of every statement that the store prepares and SQLite can explain, by its text. */
  const plans = new Map<string, string[]>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "posthorn-"));
    const file = join(folder, "posthorn.db");
    const prepare = mock.method(DatabaseSync.prototype, "prepare");
    store = await openSqliteStore({ file });
    await prepareAllLists(store);
    await askShelves(store, newId("app"));
    const texts = prepare.mock.calls.map((call) => call.arguments[0]);
    prepare.mock.restore();
    connection = new DatabaseSync(file);
    for (const text of texts) {
      if (/^\s*(pragma|begin|commit|rollback)/.test(text)) continue;
      const steps = connection.prepare(`explain query plan ${text}`).all();
      plans.set(
        text.replace(/\s+/g, " ").trim(),
        steps.map((step) => String(step.detail)),
      );
    }
  });

  after(async () => {
    connection.close();
    await store.close();
    await rm(folder, { recursive: true });
  });

  const plansOf = (pattern: RegExp): [string, string[]][] => {
    const found = [...plans].filter(([sql]) => pattern.test(sql));
    assert.ok(found.length > 0, `no statement is like ${pattern}`);
    return found;
  };

  const seeksOf = (sql: string): string[] =>
    connection
      .prepare(`explain ${sql}`)
      .all()
      .map((step) => String(step.opcode))
      .filter((opcode) => opcode.startsWith("Seek"));

  test("no statement sorts rows aside", () => {
    for (const [sql, plan] of plans)
      assert.ok(
        plan.every((step, at) => !step.includes("TEMP B-TREE") || plan[at - 1] === OF_BATCH),
        `${sql}\n${plan.join("\n")}`,
      );
  });

  test("no statement goes through a table that grows, but for walks that end at their limit", () => {
    for (const [sql, plan] of plans) {
      const scans = plan.filter((step) => step.startsWith("SCAN") && !SMALL.test(step));
      assert.ok(scans.length === 0 || ENDS_AT_LIMIT.test(sql), `${sql}\n${plan.join("\n")}`);
    }
  });

  test("no limit is a parameter alone, for which each execution would be compiled again", () => {
    for (const [sql] of plans) assert.doesNotMatch(sql, /\blimit \?\d*(?! \+)(?!\d)/, sql);
  });

  test("each step of the walk from lane to lane is one seek, whatever stands between", () => {
    for (const [sql, plan] of plansOf(/^select lane from ready/)) {
      assert.match(plan.join(), /^SEARCH ready USING PRIMARY KEY \(priority=\?[^,]*>\?\)$/, sql);
      // the plan reads the same for a seek to the equal ones that then steps over them, as for (turn, lane) >= (?, ?)
      assert.deepEqual(seeksOf(sql), ["SeekGE"], sql);
    }
  });

  test("a claim finds its jobs by keys alone, in their order", () => {
    for (const [, plan] of plansOf(/from ready r cross join jobs/)) {
      assert.deepEqual(plan, [
        "SEARCH r USING PRIMARY KEY (priority=? AND turn=? AND lane=?)",
        "SEARCH j USING INTEGER PRIMARY KEY (rowid=?)",
      ]);
    }
  });

  test("promotion takes what is due from the front of scheduled", () => {
    for (const [, plan] of plansOf(/^delete from scheduled where \(run_at/)) {
      assert.ok(plan.includes("SEARCH scheduled USING PRIMARY KEY (run_at<?)"));
      assert.ok(plan.includes("SEARCH scheduled USING PRIMARY KEY (run_at=? AND job=?)"));
    }
  });

  test("failed and cancelled jobs are found in the small indexes on them", () => {
    for (const [sql, plan] of plansOf(/from finished .*status = '(failed|cancelled)'/)) {
      assert.match(plan[0] ?? "", /INDEX finished_dead(_by_lane)? \(status=\?/, sql);
    }
  });

  test("pruning walks by keys, and finds what failed in the small index on it", () => {
    for (const [, plan] of plansOf(/^select job from finished where job > \? and job <= \?/))
      assert.deepEqual(plan, ["SEARCH finished USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"]);
    const dead = plansOf(/^select job from finished where status = '(failed|cancelled)' and .* job > /);
    assert.equal(dead.length, 2);
    for (const [, plan] of dead)
      assert.deepEqual(plan, [
        "SEARCH finished USING INDEX finished_dead (status=? AND rowid>? AND rowid<?)",
      ]);
  });

  test("the groups of failures are walked in the index of all of them, or of their tenant", () => {
    for (const [sql, plan] of plansOf(/from failure_groups where (tenant = \? and )?\(last_at/)) {
      const isOfTenant = sql.includes("where tenant = ?");
      const index = isOfTenant ? "failure_groups_by_tenant (tenant=? AND " : "failure_groups_by_last (";
      assert.ok(
        plan[0]?.startsWith(`SEARCH failure_groups USING INDEX ${index}(last_at,fingerprint)`),
        `${sql}\n${plan.join("\n")}`,
      );
    }
  });

  test("an endpoint's hours are found by its key, and those that are old by theirs", () => {
    const [[, since] = []] = plansOf(/from endpoint_stats where tenant = \?/);
    assert.deepEqual(since, ["SEARCH endpoint_stats USING PRIMARY KEY (tenant=? AND endpoint=? AND hour>?)"]);
    const [[, forget] = []] = plansOf(/^delete from endpoint_stats where \(tenant/);
    assert.ok(
      forget?.some((step) => step.includes("endpoint_stats_by_hour (hour<?)")),
      forget?.join("\n"),
    );
  });

  test("lists of a lane's queued and running jobs do not go through all that the lane ever had", () => {
    for (const [sql, plan] of plansOf(/from (ready|scheduled|leases) q .*lane = \?/)) {
      assert.match(plan[0] ?? "", /^(SCAN|SEARCH) q\b/, sql);
    }
  });
});

/** A list for every shape of filter. */
async function prepareAllLists(store: Store): Promise<void> {
  const span = { createdFrom: 1, createdBefore: 2 };
  const shapes: JobFilter[] = [
    {},
    { lane: "l" },
    { trigger: "manual" },
    { tag: "order:7" },
    { tag: "order:7", lane: "l" },
    { dueFrom: 1, durationFromMs: 1 },
    { waiting: "ready" },
    { waiting: "held", trigger: "manual" },
    span,
    { lane: "l", ...span },
    { tasks: ["t"], lane: "l", ...span },
  ];
  for (const shape of shapes) {
    for (const status of [undefined, ...JOB_STATUSES]) {
      const filter = status ? { ...shape, status } : shape;
      await store.records.list(filter, { limit: 1 });
      await store.records.list(filter, { limit: 1, before: "job_z" });
    }
    for (const status of ["failed", "cancelled"] as const) {
      const filter: RerunFilter = { ...shape, task: "t", status, finishedBefore: 1 };
      await store.byHand.rerunMany(filter, 1, 1);
    }
  }
}
