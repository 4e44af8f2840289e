import assert from "node:assert/strict";
import { test } from "node:test";
import { stopWithJobs } from "./holding.ts";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

test("when a worker is killed under load, the others deliver what it held", async (t) => {
  const postgres = await PostgresServer.start(t);
  const trial = await Trial.start(t, postgres.trialOptions);
  const [worker] = trial.fleet.workers;
  assert.ok(worker);
  await stopWithJobs(worker, trial);
  worker.process.kill("SIGKILL");
  const killedAt = performance.now();
  assert.equal(await worker.exit(), "SIGKILL");
  await trial.recovers(killedAt);
  await trial.worksOn();
  const { lost } = await trial.endsWell();
  assert.ok(lost > 0);
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});
