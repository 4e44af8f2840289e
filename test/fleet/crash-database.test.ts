import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "../support/until.ts";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

/** Longer than a lease, which no worker can renew meanwhile. */
const LONG_MS = 35_000;

test("when PostgreSQL is stopped at once and started, requests are refused meanwhile and the fleet goes on", async (t) => {
  const postgres = await PostgresServer.start(t);
  const trial = await Trial.start(t, postgres.trialOptions);
  await postgres.stop("immediate");
  await until("requests are refused", () => Number(trial.load.refused.get(503)) > 50);
  await postgres.start();
  await trial.recovers(performance.now());
  await trial.endsWell();
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});

test("when PostgreSQL was away for longer than leases last, no worker takes the jobs of the others, who live", async (t) => {
  const postgres = await PostgresServer.start(t);
  const env = { POSTHORN_DRAIN_TIMEOUT: "5s" };
  const trial = await Trial.start(t, { ...postgres.trialOptions, env, pauseMs: 300 });
  await postgres.stop("immediate");
  const [leaver] = trial.fleet.workers;
  leaver?.process.kill("SIGTERM");
  const [code] = await Promise.all([leaver?.exit(), pause(LONG_MS)]);
  assert.equal(code, 0, "a worker can be stopped while the database is away");
  await postgres.start();
  await trial.recovers(performance.now());
  await trial.worksOn();
  await trial.endsWell();
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});
