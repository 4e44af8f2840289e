import assert from "node:assert/strict";
import { test } from "node:test";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

test("when an API server is killed under load, all that it answered 202 is delivered, and the other goes on", async (t) => {
  const postgres = await PostgresServer.start(t);
  const trial = await Trial.start(t, postgres.trialOptions);
  const [server] = trial.fleet.servers;
  server?.signal("SIGKILL");
  const killedAt = performance.now();
  assert.equal(await server?.ended(), "SIGKILL");
  await trial.recovers(killedAt);
  await trial.worksOn();
  await trial.endsWell();
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});
