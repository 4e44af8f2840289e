import assert from "node:assert/strict";
import { test } from "node:test";
import { Statement } from "../../shelves/tables/session.ts";
import { commit, newJob } from "../../test-kit/stored-jobs.ts";
import { openForTest, scratchServer } from "../test-kit/scratch.ts";

const server = scratchServer();

/** Lets something be made only by a transaction that need not be synced. */
const IS_UNSYNCED = new Statement("select 1 as held where current_setting('synchronous_commit') = 'off'", {
  gives: new Map(),
});

test("only a commit of nothing but what a power cut may take back is not synced for its own sake", async (t) => {
  const store = await openForTest(t, await server.newDatabase());
  const guarded = (mayBeLost: boolean) => ({ jobs: [newJob()], guard: IS_UNSYNCED.with(), mayBeLost });
  const kindsOf = async (...submissions: ReturnType<typeof guarded>[]) =>
    (await commit(store, { submissions })).submitted.map(({ kind }) => kind);
  assert.deepEqual(await kindsOf(guarded(true), guarded(true)), ["created", "created"]);
  assert.deepEqual(await kindsOf(guarded(false)), ["refused"]);
  assert.deepEqual(await kindsOf(guarded(true), guarded(false)), ["refused", "refused"]);
  const among = await commit(store, { submissions: [guarded(true)], enqueues: [{ job: newJob() }] });
  assert.deepEqual(
    among.submitted.map(({ kind }) => kind),
    ["refused"],
  );
});
