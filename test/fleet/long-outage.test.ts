import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

/** Longer than a lease, which no worker can renew meanwhile. */
const OUTAGE_MS = 35_000;
/** Long enough that every worker has jobs under way whose results wait for the database. */
const ANSWERS_AFTER_MS = 1_000;

test("when PostgreSQL was away for longer than leases last, no worker takes the jobs of the others, who live", async (t) => {
  const postgres = await PostgresServer.start(t);
  const trial = await Trial.start(t, {
    ...postgres.trialOptions,
    env: { POSTHORN_DRAIN_TIMEOUT: "5s" },
    pauseMs: 300,
    judge: (delivery) => void setTimeout(() => delivery.answer(200), ANSWERS_AFTER_MS),
  });
  await postgres.stop("immediate");
  await pause(OUTAGE_MS);
  await postgres.start();
  await trial.recovers(performance.now());
  await trial.worksOn(100);
  const { duplicates, lost } = await trial.endsWell();
  assert.deepEqual({ duplicates, lost }, { duplicates: 0, lost: 0 });

  // and one may leave while it is away
  await postgres.stop("immediate");
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});
