import assert from "node:assert/strict";
import { test } from "node:test";
import { endLease, stopWithJobs } from "./holding.ts";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

test("a worker that is stopped past its lease loses its jobs to others, and changes nothing when it goes on", async (t) => {
  const postgres = await PostgresServer.start(t);
  const trial = await Trial.start(t, postgres.trialOptions);
  const [worker] = trial.fleet.workers;
  assert.ok(worker);
  await stopWithJobs(worker, trial);
  await endLease(worker, trial);
  await trial.recovers(performance.now());

  worker.process.kill("SIGCONT");
  await worker.shows("stderr", /result dropped: the job was taken from this worker/);
  await trial.worksOn(50);
  const { lost } = await trial.endsWell();
  assert.ok(lost > 0);
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});
