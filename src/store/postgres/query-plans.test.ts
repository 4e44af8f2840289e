import assert from "node:assert/strict";
import { after, before, describe, mock, test } from "node:test";
import pg from "pg";
import { newId } from "../../core/id.ts";
import { JOB_STATUSES } from "../../core/job.ts";
import type { JobFilter, RerunFilter } from "../job-records.ts";
import { listJobs } from "../list-jobs.ts";
import type { Store } from "../store.ts";
import { askShelves } from "../test-kit/shelves/ask-shelves.ts";
import { HOUR, NOW, SECOND } from "../test-kit/store-under-test.ts";
import {
  claim,
  commit,
  endedBefore,
  enqueue,
  idAt,
  newJob,
  rerunAll,
  settlement,
  succeed,
} from "../test-kit/stored-jobs.ts";
import { RECORD_KINDS, recordKey } from "../transfer.ts";
import { setUp } from "./driver/connection.ts";
import { RoundTrip } from "./driver/round-trip.ts";
import { ServerClock } from "./driver/server-clock.ts";
import { uuidOf } from "./job-id.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { cutDays, dayName } from "./test-kit/days.ts";
import { scratchServer } from "./test-kit/scratch.ts";

/** Of jobs in each state: far more than any statement may touch. */
const BACKLOG = 30_000;
/** A claim passes 500 lanes at most; a list of one lane's queued jobs steps over those of the hundred others here. */
const MOST_ROWS = 3_000;

/** Of one lane among the others, in the end. */
const CROWD = 3 * BACKLOG;

/** Has thousands of everything. */
const TENANT = newId("app", NOW);

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows"?: number;
  readonly "Actual Loops"?: number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Join Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

describe("query plans, next to a backlog", () => {
  const server = scratchServer();
  let store: Store;
  let client: pg.Client;
  const statements = new Map<string, readonly unknown[]>();

  before(async () => {
    const url = await server.newDatabase();
    store = await openPostgresStore({ url });
    client = new pg.Client({ connectionString: url });
    await client.connect();
    await cutDays(client, -30, -1);
    await client.query("analyze"); // of empty tables
    await seed(client);
    await seedTenant(client);
    await setUp(client, new ServerClock());
    const add = mock.method(RoundTrip.prototype, "add");
    await useAll(store);
    for (const { arguments: given } of add.mock.calls) {
      const [{ text }, values] = given;
      if (!/^(begin|commit|rollback)$/.test(text)) statements.set(text, values);
    }
    add.mock.restore();
  });

  after(async () => {
    await client?.end();
    await store?.close();
  });

  for (const isAnalyzed of [false, true])
    describe(isAnalyzed ? "that it knows, most of it in one lane" : "that it has no statistics of", () => {
      before(async () => {
        if (!isAnalyzed) return;
        await crowd(client);
        await client.query("vacuum analyze");
      });

      test("no statement touches more rows than it has to", async () => {
        assert.ok(statements.size > 30, `only ${statements.size} statements were seen`);
        for (const [text, values] of statements) {
          for (const node of await nodesOf(client, text, values)) {
            const perLoop =
              (node["Actual Rows"] ?? 0) +
              (node["Rows Removed by Filter"] ?? 0) +
              (node["Rows Removed by Join Filter"] ?? 0);
            const rows = perLoop * (node["Actual Loops"] ?? 1);
            assert.ok(
              rows <= MOST_ROWS,
              `${rows} rows in ${node["Node Type"]} ${node["Relation Name"]} of${text}`,
            );
          }
        }
      });

      test("a page of jobs, and a job by its id, are found without a look at the partitions of older ones", async () => {
        // a lane's jobs are looked for in all of them: an index that begins with the lane is not in the order of ids alone
        const texts = [...statements].filter(([text]) => /^\s*with page/.test(text) && !OF_LANE.test(text));
        let found = 0;
        for (const [text, values] of texts) {
          const nodes = await nodesOf(client, text, values);
          const isFull = nodes[0]?.["Actual Rows"] === (text.includes("limit 20") ? 20 : 1);
          if (!isFull) continue; // it had to look everywhere
          found++;
          for (const node of nodes.filter((each) => each["Actual Loops"] !== 0)) {
            const [, day] = /_(\d{8})$/.exec(node["Relation Name"] ?? "") ?? [];
            assert.ok(day === undefined || day >= dayName(-1), `${node["Relation Name"]} in${text}`);
          }
        }
        assert.ok(found > 5, `only ${found} were seen`);
      });

      test("no statement goes through a table that grows", async () => {
        for (const [text, values] of statements) {
          for (const node of await nodesOf(client, text, values)) {
            if (node["Node Type"] !== "Seq Scan") continue;
            assert.doesNotMatch(node["Relation Name"] ?? "", GROWING, text);
          }
        }
      });
    });
});

const OF_LANE = /lane_key|q\.lane = /;
const GROWING =
  /^((jobs|finished|attempts)(_\w+)?|ready|scheduled|parked|idempotency_keys|live_keys|groups|registry_scopes|tenants|endpoints|endpoint_h\w+|event\w+|fanouts|bulk_runs|audit)$/;

/** The nodes of a statement's plan, run and undone. */
async function nodesOf(client: pg.Client, text: string, values: readonly unknown[]): Promise<PlanNode[]> {
  const explained = async (how: string) => {
    await client.query("begin");
    try {
      const { rows } = await client.query(`explain (${how}format json) ${text}`, [...values]);
      return rows[0]?.["QUERY PLAN"][0].Plan as PlanNode; // that is how EXPLAIN answers
    } finally {
      await client.query("rollback");
    }
  };
  // what was inserted once cannot be inserted again: then the plan alone has to do
  const plan = await explained("analyze, ").catch(() => explained(""));
  const nodes: PlanNode[] = [];
  const walk = (node: PlanNode) => {
    nodes.push(node);
    node.Plans?.forEach(walk);
  };
  walk(plan);
  return nodes;
}

/** Straight into the tables: 30 000 jobs each due in a hundred lanes, sleeping, succeeded and failed. */
async function seed(client: pg.Client): Promise<void> {
  const ids = Array.from({ length: 4 * BACKLOG }, (_, n) => uuidOf(idAt(NOW - 4 * BACKLOG + n)));
  await client.query(
    `insert into posthorn.jobs (id, task, lane, priority, max_attempts, created_at, options, payload, tags)
     select id, 'mail.send', 'lane ' || (n % 100), 0, 3, ${NOW} - 4 * ${BACKLOG} + n, '{}', 'null', '["order:' || n || '"]'
     from unnest($1::uuid[]) with ordinality as j (id, n)`,
    [ids],
  );
  await client.query(
    `insert into posthorn.job_tags (job, tag)
     select id, 'order:' || n from unnest($1::uuid[]) with ordinality as j (id, n)`,
    [ids],
  );
  const part = (at: number) => [ids.slice(at * BACKLOG, (at + 1) * BACKLOG)];
  await client.query(
    `insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses)
     select 0, n % 2, 'lane ' || (n % 100), ${NOW}, id, n % 2, 0, 0 from unnest($1::uuid[]) with ordinality as j (id, n)`,
    part(3),
  );
  await client.query(
    `insert into posthorn.scheduled (run_at, job, priority, lane, attempts, failures, losses)
     select ${NOW} + n, id, 0, 'lane ' || (n % 100), 0, 0, 0 from unnest($1::uuid[]) with ordinality as j (id, n)`,
    part(2),
  );
  for (const at of [0, 1]) {
    await client.query(
      `insert into posthorn.finished (job, status, lane, attempts, started_at, finished_at, began_at, duration_ms)
       select id, case n % 2 when 0 then 'failed' else 'succeeded' end, 'lane ' || (n % 100), 1, ${NOW} - 1000, ${NOW}, ${NOW} - 1000, 5
       from unnest($1::uuid[]) with ordinality as j (id, n)`,
      part(at),
    );
    await client.query(
      `insert into posthorn.attempts (job, n, outcome, started_at, duration_ms)
       select id, 1, 'failed', 1, 1 from unnest($1::uuid[]) as j (id)`,
      part(at),
    );
  }
  await client.query(
    `insert into posthorn.idempotency_keys (scope, key, fingerprint, job, expires_at)
     select 's', 'k' || n, 'f', id, ${NOW} + n from unnest($1::uuid[]) with ordinality as j (id, n)`,
    part(0),
  );
  await client.query(
    `insert into posthorn.live_keys (task, key, job) select 'mail.send', 'k' || n, id from unnest($1::uuid[]) with ordinality as j (id, n)`,
    part(3),
  );
}

/** A tenant with far more than a page of everything that it can have, among others. */
async function seedTenant(client: pg.Client): Promise<void> {
  await client.query(
    `insert into posthorn.tenants (id, name, metadata, mode, made_by, created_at, updated_at, deleted_at)
     select 'app_' || n, '', '{}', 'live', 'api', 1, 1, case n % 3 when 0 then 1 end from generate_series(1, ${BACKLOG}) n`,
  );
  await client.query(
    `insert into posthorn.registry_scopes (scope, version) select id, -row_number() over () from posthorn.tenants`,
  );
  await client.query(
    `insert into posthorn.endpoints (id, tenant, url, description, metadata, secrets, header_style, signature, sends_event_type,
       status, status_at, revision, created_at, updated_at)
     select 'ep_' || n, case when n % 2 = 0 then $1 else 'app_' || n end, '', '', '{}', '', 'both', 'hmac', true, 'active', 1, 1, 1, 1
     from generate_series(1, ${BACKLOG}) n`,
    [TENANT],
  );
  await client.query(
    `insert into posthorn.endpoint_health (endpoint, tenant, version, breaker, failures, failing_since, probe_at, probes, updated_at)
     select id, tenant, 1, 'open', 1, 1, 1, 1, 1 from posthorn.endpoints`,
  );
  await client.query(
    `insert into posthorn.endpoint_history (endpoint, revision, tenant, at, change)
     select id, 1, tenant, 1, '{}' from posthorn.endpoints`,
  );
  await client.query(
    `insert into posthorn.event_types (name, description, enforce, is_archived, is_deprecated, created_at, updated_at)
     select 'type.' || n, '', 'off', false, false, 1, 1 from generate_series(1, ${BACKLOG}) n`,
  );
  const ids = Array.from({ length: BACKLOG }, (_, n) => uuidOf(idAt(NOW - BACKLOG + n)));
  await client.query(
    `insert into posthorn.events (id, tenant, type, content_type, jobs, created_at, payload)
     select id, $2, 'often', 'text/plain', 0, 1, '' from unnest($1::uuid[]) as e (id)`,
    [ids, TENANT],
  );
  await client.query(
    `insert into posthorn.event_keys (tenant, event_id, event, fingerprint, created_at)
     select tenant, 'e.' || row_number() over (), id, '', 1 from posthorn.events`,
  );
  await client.query(
    `insert into posthorn.fanouts (event, tenant, endpoints, cursor, created_at) select id, tenant, '[]', 0, 1 from posthorn.events`,
  );
  await client.query(
    `insert into posthorn.bulk_runs (id, tenant, action, filter, state, step, matched, done, failed, skipped, driver, actor,
       starts_at, created_at, updated_at, ended_at)
     select 'qtask_' || lpad(n::text, 26, '0'), case when n % 10 = 0 then $1 end, 'cancel', '{}', 'done', 0, 0, 0, 0, '{}', 'x', 'ops',
       1, 1, 1, ${NOW} + n
     from generate_series(1, ${BACKLOG}) n`,
    [TENANT],
  );
  await client.query(
    `insert into posthorn.audit (id, at, actor, via, action, target, tenant, change)
     select 'adt_' || lpad(n::text, 26, '0'), 1, 'ops', 'api', 'often', $1, $1, '{}' from generate_series(1, ${BACKLOG}) n`,
    [TENANT],
  );
}

/** An endpoint that does not answer has most of what is ready. */
async function crowd(client: pg.Client): Promise<void> {
  const ids = Array.from({ length: CROWD }, (_, n) => uuidOf(idAt(NOW - 8 * BACKLOG + n)));
  await client.query(
    `insert into posthorn.jobs (id, task, lane, priority, max_attempts, created_at, options, payload)
     select id, 'mail.send', 'lane crowded', 0, 3, ${NOW}, '{}', 'null' from unnest($1::uuid[]) as j (id)`,
    [ids],
  );
  await client.query(
    `insert into posthorn.ready (priority, turn, lane, due_at, job, attempts, failures, losses)
     select 0, 0, 'lane crowded', ${NOW}, id, 0, 0, 0 from unnest($1::uuid[]) as j (id)`,
    [ids],
  );
}

/** Everything that a store is asked, with lists for every shape of filter. */
async function useAll(store: Store): Promise<void> {
  const room = { byDefault: 8, except: new Map([["lane 3", 0]]) };
  const leases = await claim(store, { limit: 256, room });
  const ties = { key: "mine", groupId: "grp_x", retainMs: 1 };
  const onSettled = { task: "after", lane: "after", priority: 0, options: "{}", maxAttempts: 1 };
  const idempotency = { scope: "s", key: "k5", fingerprint: "f", expiresAt: NOW + HOUR };
  const tied = newJob({ ties, lane: "lane 7" });
  await commit(store, {
    enqueues: [{ job: newJob(), idempotency }, { job: newJob({ runAt: NOW + HOUR }) }],
    submissions: [
      { jobs: [tied], groups: [{ id: "grp_x", onSettled }], idempotency: { ...idempotency, key: "k6" } },
    ],
    settlements: leases
      .slice(0, 64)
      .map((lease, n) =>
        settlement(lease, n % 2 ? { status: "queued", runAt: NOW } : { status: "succeeded", result: null }),
      ),
    progress: leases.slice(70, 80).map((lease) => ({ lease, progress: { fraction: 0.5, note: null } })),
  });
  await store.byHand.cancel(tied.id, NOW);
  await store.byHand.rerun(tied.id, NOW);
  await store.workers.release(leases.slice(100, 120), NOW);
  await store.parking.park("lane 5", "breaker", 500, NOW);
  await store.parking.unpark("lane 5", 500, NOW);
  await store.parking.expire(NOW, 50, NOW);
  const lane = `app_${"a".repeat(26)}/ep_x`;
  const line = Array.from({ length: 40 }, () => newJob({ lane, ties: { ordered: true } }));
  await enqueue(store, line);
  const [head] = await claim(store, { room: { byDefault: 0, except: new Map([[lane, 9]]) } });
  if (head) await succeed(store, head, NOW);
  await store.parking.unpark(lane, 2, NOW, "behind");
  await store.byHand.cancelLane(lane, "it was deleted", 500, NOW);
  await askShelves(store, TENANT);
  const events = Array.from({ length: 10 }, () => newId("msg", NOW));
  await store.bulkJobs.delivering("lane 3", events, NOW - 2 * 24 * HOUR);
  await store.retention.pruneEvents(NOW, null, 50);
  await store.queue.promote(NOW + SECOND, 500);
  await store.queue.nextDue();
  await store.queue.changedElsewhere();
  await store.workers.leasesOf("wrk_one");
  await store.workers.heartbeat("wrk_one", NOW + HOUR);
  await store.workers.list();
  await store.groups.get("grp_x");
  for (const kind of RECORD_KINDS) {
    const [first] = await store.transfer.page(kind, null, 100);
    if (!first) continue;
    const page = await store.transfer.page(kind, recordKey(kind, first), 100);
    await store.transfer.add(kind, page, NOW);
  }
  const span = { createdFrom: NOW - 4 * BACKLOG, createdBefore: NOW };
  const shapes: JobFilter[] = [
    {},
    { lane: "lane 1" },
    { trigger: "manual" },
    { tag: "order:7" },
    { tag: "order:7", lane: "lane 7" },
    span,
    { tasks: ["mail.send"], lane: "lane 99", ...span },
  ];
  for (const shape of shapes) {
    for (const status of [undefined, ...JOB_STATUSES]) {
      const filter = status ? { ...shape, status } : shape;
      const [first] = (await listJobs(store.records, filter, { limit: 20 })).reverse();
      if (!first) continue;
      await listJobs(store.records, filter, { limit: 20, before: first.id });
      await store.records.get(first.id);
      await store.records.attempts(first.id, { limit: 10 });
    }
  }
  for (const filter of [
    { dueFrom: NOW },
    { waiting: "ready" },
    { dueBefore: NOW + 1 },
    { status: "succeeded", durationFromMs: 5 },
  ] as const)
    assert.equal((await listJobs(store.records, filter, { limit: 20 })).length, 20);
  const filter: RerunFilter = {
    task: "mail.send",
    status: "failed",
    finishedBefore: NOW + HOUR,
    lane: "lane 1",
  };
  await rerunAll(store, filter, 400);
  await store.retention.pruneJobs(endedBefore(NOW + HOUR), null, 50);
  await store.retention.pruneJobs({ succeeded: NOW + HOUR, failed: 0 }, null, 50);
  await store.retention.weigh(null, 250);
  for (const status of ["failed", "cancelled"] as const)
    await store.retention.pruneDead(status, NOW + HOUR, null, 50);
  await store.retention.pruneExpired(NOW + HOUR, 50);
  await store.retention.pruneGroups(NOW + HOUR, 50);
  await store.retention.pruneIdempotencyKeys(NOW + HOUR, 50);
  await store.workers.retire("wrk_one", NOW);
  await enqueue(store, [newJob()]);
}
