import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { overlaid } from "../../store/overlaid-store.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { RecordedLog } from "../test-kit/recorded-log.ts";
import { Membership } from "./membership.ts";

const clock = new ManualClock(Date.now());

/** A worker of this version comes, and goes. */
async function runOne(store: Store, version: string, log = new RecordedLog()): Promise<void> {
  const worker = new Membership(store, clock, log.instrument, { concurrency: 1, version });
  await worker.start();
  await worker.stop();
  clock.advance(1_000);
}

test("the audit says when workers of another version than the last came, and of which it was the first", async (context) => {
  const store = await openSqliteStore({ file: ":memory:" });
  context.after(() => store.close());
  for (const version of ["0.2.0", "0.2.0", "0.3.0", "0.3.0", "0.2.0"]) await runOne(store, version);
  const { rows } = await store.audit.list({ order: "ascending", limit: 9 });
  assert.deepEqual(
    rows.map(({ actor, via, action, target, change }) => [actor, via, action, target, change]),
    [
      [null, "0.2.0"],
      ["0.2.0", "0.3.0"],
      ["0.3.0", "0.2.0"],
    ].map((version) => [
      ...["posthorn", "posthorn", "worker.version", "workers"],
      JSON.stringify({ version }),
    ]),
  );
});

test("a worker starts although the audit cannot be told of its version", async (context) => {
  const store = await openSqliteStore({ file: ":memory:" });
  context.after(() => store.close());
  const log = new RecordedLog();
  const fail = async () => assert.fail("the audit is damaged");
  await runOne(overlaid(store, { audit: { list: fail } }), "0.3.0", log);
  assert.deepEqual(log.lines, ["warn: the audit could not be told which version works here"]);
});
