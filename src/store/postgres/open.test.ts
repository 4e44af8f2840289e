import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreUnavailableError, StoreUnusableError } from "../../core/errors.ts";
import { enqueue, newJob } from "../test-kit/stored-jobs.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { connectForTest, openForTest, scratchServer } from "./test-kit/scratch.ts";

const server = scratchServer();

test("a database without the schema gets it, from whichever of several that open it at once is first", async (t) => {
  const url = await server.newDatabase();
  const stores = await Promise.all(Array.from({ length: 8 }, () => openForTest(t, url)));
  const [one, other] = stores;
  assert.ok(one && other);
  const job = newJob();
  await enqueue(one, [job]);
  assert.equal((await other.records.get(job.id))?.status, "queued");
});

test("everything is in a schema of its own", async (t) => {
  const url = await server.newDatabase();
  await openForTest(t, url);
  const client = await connectForTest(t, url);
  const { rows } = await client.query(`
    select n.nspname
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    group by 1`);
  assert.deepEqual(rows, [{ nspname: "posthorn" }]);
});

test("an older schema is refused with what to do, and brought up to date when that is asked for", async (t) => {
  const url = await server.newDatabase();
  await (await openPostgresStore({ url })).close();
  const client = await connectForTest(t, url);
  // as a release before the first migration would have left it
  await client.query("drop schema posthorn cascade");
  await client.query("create schema posthorn");
  await client.query(
    "create table posthorn.schema_versions (version integer primary key, works_beside integer not null, applied_at timestamptz)",
  );
  await client.query("insert into posthorn.schema_versions values (0, 0)");
  await assert.rejects(openPostgresStore({ url }), (error) => {
    assert.ok(error instanceof StoreUnusableError);
    assert.match(error.message, /schema 0, .* posthorn migrate/);
    return true;
  });
  const store = await openForTest(t, url, { migrate: true });
  await enqueue(store, [newJob()]);
});

test("a newer schema is accepted when it allows this release, and refused when it does not", async (t) => {
  const url = await server.newDatabase();
  await (await openPostgresStore({ url })).close();
  const client = await connectForTest(t, url);
  await client.query("insert into posthorn.schema_versions (version, works_beside) values (98, 1)");
  await (await openPostgresStore({ url })).close();
  await client.query("insert into posthorn.schema_versions (version, works_beside) values (99, 98)");
  await assert.rejects(openPostgresStore({ url }), (error) => {
    assert.ok(error instanceof StoreUnusableError);
    assert.match(error.message, /newer Posthorn \(schema 99/);
    return true;
  });
});

test("a schema of that name which is not ours is left alone", async (t) => {
  const url = await server.newDatabase();
  const client = await connectForTest(t, url);
  await client.query("create schema posthorn");
  await client.query("create table posthorn.fanfare (note text)");
  await assert.rejects(openPostgresStore({ url }), StoreUnusableError);
  const { rows } = await client.query(
    "select relname from pg_class where relnamespace = 'posthorn'::regnamespace",
  );
  assert.deepEqual(rows, [{ relname: "fanfare" }]);
});

test("what is wrong with the database is reported in a sentence that holds no password", async () => {
  const url = await server.newDatabase();
  const failure = async (change: (url: URL) => void) => {
    const wrong = new URL(url);
    change(wrong);
    return openPostgresStore({ url: wrong.href }).then(
      () => assert.fail("it opened"),
      (error: unknown) => error,
    );
  };
  const password = new URL(url).password;
  const cases: [unknown, new (message: string) => Error, RegExp][] = [
    [
      await failure((wrong) => (wrong.pathname = "/nowhere")),
      StoreUnusableError,
      /there is no database .*nowhere/,
    ],
    [
      await failure((wrong) => (wrong.password = "wrong")),
      StoreUnusableError,
      /refused this user or its password/,
    ],
    [await failure((wrong) => (wrong.port = "1")), StoreUnavailableError, /cannot be reached/],
  ];
  for (const [error, Class, message] of cases) {
    assert.ok(error instanceof Class, String(error));
    assert.match(error.message, message);
    assert.ok(!error.message.includes(password));
  }
});
