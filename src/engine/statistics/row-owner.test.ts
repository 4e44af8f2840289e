import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_MS } from "../../core/duration.ts";
import { Instrument } from "../../observe/instrument.ts";
import { Meters } from "../../observe/metrics/meters.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { AdjustableClock } from "../test-kit/adjustable-clock.ts";
import { quiet } from "../test-kit/turns.ts";
import { EndpointStatistics } from "./endpoint-statistics.ts";
import { Statistics } from "./statistics.ts";

const SECOND = 1_000;

test("what was counted before the clock was set back is still counted, however often it is set back", async (context) => {
  const clock = new AdjustableClock("2026-05-01T12:00:30Z");
  const begun = clock.now() - 30 * SECOND;
  const store = await openSqliteStore({ file: ":memory:" });
  const instrument = new Instrument();
  const meters = new Meters(instrument, () => clock.now());
  const parts = { clock, instrument };
  const keyOf = () => ({ tenant: "app", id: "ep" });
  const all = [
    new Statistics({ ...parts, meters, shelf: store.stats }),
    new EndpointStatistics({ ...parts, shelf: store.endpointStats, keyOf }),
  ];
  for (const each of all) each.start();
  context.after(async () => {
    for (const each of all) await each.stop();
    await store.close();
  });
  const pass = async (seconds: number) => {
    for (let passed = 0; passed < seconds; passed++) {
      clock.advance(SECOND);
      await quiet();
    }
  };
  for (let round = 0; round < 3; round++) {
    instrument["job.succeeded"].publish({
      ...{ jobId: "job_1", task: "webhook.deliver", lane: "ep", attempts: 1, durationMs: 20 },
    });
    await pass(2);
    clock.set(HOUR_MS);
    await pass(2);
    clock.set(-HOUR_MS);
  }
  const succeeded = (rows: readonly { readonly succeeded: number }[]) =>
    rows.reduce((sum, row) => sum + row.succeeded, 0);
  assert.equal(succeeded(await store.endpointStats.since("app", "ep", 0)), 3);
  assert.equal(succeeded(await store.stats.since("minute", begun, "")), 3);
});
