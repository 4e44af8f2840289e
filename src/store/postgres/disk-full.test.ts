import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../test/support/until.ts";
import { StoreUnavailableError } from "../../core/errors.ts";
import { enqueue, newJob } from "../test-kit/stored-jobs.ts";
import { connectForTest, openForTest, scratchServer } from "./test-kit/scratch.ts";

const server = scratchServer();

test("a server that has become read-only is not ready until it takes writes again", async (context) => {
  const url = await server.newDatabase();
  const store = await openForTest(context, url);
  const administrator = await connectForTest(context, url);
  const { pathname } = new URL(url);
  const reconnect = () =>
    administrator.query(`
      select pg_terminate_backend(pid)
      from pg_stat_activity
      where application_name = 'posthorn' and datname = current_database()`);
  const takesNone = (error: unknown) =>
    error instanceof StoreUnavailableError && /takes no writes/.test(error.message);
  await administrator.query(`alter database ${pathname.slice(1)} set default_transaction_read_only = on`);
  await reconnect();
  await assert.rejects(
    until("its connections are new ones", async () => {
      await enqueue(store, [newJob()]);
      return false;
    }),
    takesNone,
  );
  await assert.rejects(store.check(), takesNone);
  await administrator.query("begin; set transaction read write");
  await administrator.query(
    `alter database ${pathname.slice(1)} reset default_transaction_read_only; commit`,
  );
  await reconnect();
  await until("it is ready", () =>
    store.check().then(
      () => true,
      () => false,
    ),
  );
  await enqueue(store, [newJob()]);
});

test("once a job found no room on the server's disk the store is not ready, until as much fits again", async (context) => {
  const url = await server.newDatabase();
  const store = await openForTest(context, url);
  const administrator = await connectForTest(context, url);
  // what PostgreSQL says then, as nobody can fill the disk of a test
  await administrator.query(`
    create function is_full() returns trigger language plpgsql as $$
      begin
        raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
      end
    $$;
    create trigger is_full before insert on posthorn.jobs execute function is_full();
    create trigger is_full before insert on posthorn.idempotency_keys execute function is_full()`);
  await store.check();
  await assert.rejects(enqueue(store, [newJob()]), StoreUnavailableError);
  await assert.rejects(
    store.check(),
    (error) => error instanceof StoreUnavailableError && /No space/.test(error.message),
  );
  await administrator.query(
    "drop trigger is_full on posthorn.jobs; drop trigger is_full on posthorn.idempotency_keys",
  );
  await store.check();
  const { rows } = await administrator.query("select count(*)::int as n from posthorn.idempotency_keys");
  assert.deepEqual(rows, [{ n: 0 }]);
});
