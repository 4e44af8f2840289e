import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

const TIMES = 10;
const TERMINATE = `
  select pg_terminate_backend(pid)
  from pg_stat_activity
  where application_name = 'posthorn'`;

test("when every connection is terminated each second for a while, nothing is lost", async (t) => {
  const postgres = await PostgresServer.start(t);
  const trial = await Trial.start(t, postgres.trialOptions);
  for (let times = 0; times < TIMES; times++) {
    await postgres.query("postgres", TERMINATE);
    await pause(1_000);
  }
  await postgres.query("postgres", TERMINATE);
  await trial.recovers(performance.now());
  await trial.endsWell();
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});
