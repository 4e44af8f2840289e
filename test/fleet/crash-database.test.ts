import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

test("when PostgreSQL is stopped immediately and started again, requests are refused in between and the fleet carries on", async (t) => {
  const postgres = await PostgresServer.start(t);
  const trial = await Trial.start(t, postgres.trialOptions);
  await postgres.stop("immediate");
  await until("requests are refused", () => Number(trial.load.refused.get(503)) > 50);
  await postgres.start();
  await trial.recovers(performance.now());
  await trial.endsWell();
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});
