import assert from "node:assert/strict";
import { test } from "node:test";
import type { Child } from "../../src/cli/test-kit/child.ts";
import { until } from "../support/until.ts";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

test("a worker that is stopped past its lease loses its jobs to others, and changes nothing when it goes on", async (t) => {
  const postgres = await PostgresServer.start(t);
  const trial = await Trial.start(t, { ...postgres.trialOptions, pauseMs: 500 });
  const [worker] = trial.fleet.workers;
  assert.ok(worker);
  await until("it is stopped with jobs in its hand", () => isStoppedWithJobs(worker, postgres));
  await trial.recovers(performance.now());

  worker.process.kill("SIGCONT");
  await worker.shows("stderr", /declared dead|result dropped: the job was taken from this worker/);
  await trial.worksOn();
  await trial.endsWell();
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});

async function isStoppedWithJobs({ process }: Child, postgres: PostgresServer): Promise<boolean> {
  process.kill("SIGSTOP");
  const [row] = await postgres.query(
    "postgres",
    `select count(*) as held
    from posthorn.leases
    where worker = (select id from posthorn.workers where pid = ${process.pid})`,
  );
  if (Number(row?.held) > 0) return true;
  process.kill("SIGCONT");
  return false;
}
