import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { PrismaPg } from "@prisma/adapter-pg";
import { drizzle } from "drizzle-orm/node-postgres";
import { drizzle as drizzleOnPostgresJs } from "drizzle-orm/postgres-js";
import { CamelCasePlugin, Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import postgres from "postgres";
import { TransactionError } from "../../../core/errors.ts";
import { HOUR, NOW } from "../../test-kit/store-under-test.ts";
import { enqueueWithin, newJob } from "../../test-kit/stored-jobs.ts";
import { PrismaClient } from "../test-kit/prisma-client.ts";
import { openForTest, scratchServer } from "../test-kit/scratch.ts";

const server = scratchServer();

/** Runs `work` in a transaction, as each library does it. */
type Within = (work: (transaction: unknown) => Promise<void>) => Promise<unknown>;

interface Library {
  readonly within: Within;
  /** What is not a transaction, because it may run each statement on another connection. */
  readonly plain: unknown;
}

function poolFor(t: TestContext, url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url });
  t.after(() => pool.end());
  return pool;
}

function sqlFor(t: TestContext, url: string) {
  const sql = postgres(url);
  t.after(() => sql.end());
  return sql;
}

const LIBRARIES: Readonly<Record<string, (t: TestContext, url: string) => Library>> = {
  "Drizzle on node-postgres": (t, url) => {
    const db = drizzle(poolFor(t, url));
    return { within: (work) => db.transaction(work), plain: db };
  },
  "Drizzle on postgres.js": (t, url) => {
    const db = drizzleOnPostgresJs(sqlFor(t, url));
    return { within: (work) => db.transaction(work), plain: db };
  },
  Kysely: (t, url) => {
    const dialect = new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) });
    const db = new Kysely({ dialect, plugins: [new CamelCasePlugin()] });
    t.after(() => db.destroy());
    return { within: (work) => db.transaction().execute(work), plain: db };
  },
  Prisma: (t, url) => {
    const db = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
    t.after(() => db.$disconnect());
    return { within: (work) => db.$transaction(work), plain: db };
  },
  "postgres.js": (t, url) => {
    const sql = sqlFor(t, url);
    return { within: (work) => sql.begin(work), plain: sql };
  },
};

for (const [name, open] of Object.entries(LIBRARIES)) {
  test(`${name}: a job shares the fate of the transaction it was enqueued in`, async (t) => {
    const url = await server.newDatabase();
    const store = await openForTest(t, url);
    const { within, plain } = open(t, url);
    const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + HOUR };
    const kept = newJob({ payload: '{"a":"\\"{},\\\\"}', ties: { key: "live" } });
    await within(async (transaction) => {
      const enqueued = await enqueueWithin(store, transaction, [{ job: kept, idempotency }], NOW);
      assert.deepEqual(enqueued, [{ kind: "created", jobId: kept.id }]);
    });
    assert.equal((await store.records.get(kept.id))?.status, "queued");
    const undone = newJob();
    const failing = within(async (transaction) => {
      const repeated = [
        { job: newJob({ ties: { key: "live" } }) },
        { job: newJob(), idempotency },
        { job: undone },
      ];
      const enqueued = await enqueueWithin(store, transaction, repeated, NOW);
      assert.deepEqual(
        enqueued.map(({ kind }) => kind),
        ["existing", "replayed", "created"],
      );
      throw new Error("the order was not paid");
    });
    await assert.rejects(failing, /not paid/);
    assert.equal(await store.records.get(undone.id), undefined);
    await assert.rejects(enqueueWithin(store, plain, [{ job: newJob() }], NOW), TransactionError);
  });
}
