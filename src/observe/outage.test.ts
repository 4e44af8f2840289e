import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ManualClock } from "../core/clock.ts";
import { StoreUnavailableError } from "../core/errors.ts";
import { Instrument } from "./instrument.ts";
import { Outage } from "./outage.ts";

const GONE = new StoreUnavailableError("connect ECONNREFUSED");

function setUp() {
  const clock = new ManualClock();
  const instrument = new Instrument();
  const said: string[] = [];
  const database = { isAway: true, checks: 0 };
  const outage = new Outage(instrument, clock, async () => {
    database.checks++;
    if (database.isAway) throw GONE;
  });
  outage.start();
  instrument["database.lost"].subscribe(({ error }) => said.push(`lost: ${error === GONE}`));
  instrument["database.away"].subscribe(({ forMs }) => said.push(`away for ${forMs}`));
  instrument["database.back"].subscribe(({ forMs }) => said.push(`back after ${forMs}`));
  return {
    ...{ outage, database, said },
    fail: (error: unknown = GONE) => instrument["step.failed"].publish({ step: "commit", error }),
    async pass(seconds: number, each = () => {}): Promise<void> {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1_000);
        await nextTurn();
        each();
      }
    },
  };
}

test("an outage is logged when it starts, once a minute while it lasts, and when it is over", async () => {
  const { database, said, fail, pass } = setUp();
  for (let n = 0; n < 100; n++) fail();
  assert.deepEqual(said.splice(0), ["lost: true"]);
  await pass(119, fail);
  assert.deepEqual(said.splice(0), ["away for 60000"]);
  await pass(1, fail);
  assert.deepEqual(said.splice(0), ["away for 120000"]);
  database.isAway = false;
  await pass(2);
  assert.deepEqual(said.splice(0), ["back after 122000"]);
  await pass(100);
  assert.deepEqual(said, []);
  fail();
  assert.deepEqual(said, ["lost: true"], "the next one is another");
});

test("a database that answers, but takes nothing, is still away", async () => {
  const { database, said, fail, pass } = setUp();
  fail();
  database.isAway = false;
  await pass(30, fail);
  assert.deepEqual(said, ["lost: true"]);
});

test("what failed for another reason is not an outage, and while there is no outage nothing is asked", async () => {
  const { database, said, fail, pass } = setUp();
  fail(new Error("no such table"));
  await pass(10);
  assert.deepEqual([said, database.checks], [[], 0]);
});

test("once stopped, it asks and logs nothing more", async () => {
  const { outage, database, said, fail, pass } = setUp();
  fail();
  outage.stop();
  fail();
  await pass(100);
  assert.deepEqual([said, database.checks], [["lost: true"], 0]);
});
