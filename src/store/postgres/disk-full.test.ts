import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreUnavailableError } from "../../core/errors.ts";
import { enqueue, newJob } from "../test-kit/stored-jobs.ts";
import { connectForTest, openForTest, scratchServer } from "./test-kit/scratch.ts";

const server = scratchServer();

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
