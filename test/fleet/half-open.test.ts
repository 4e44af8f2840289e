import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { HalfOpenProxy } from "../support/half-open-proxy.ts";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

const BROKEN_MS = 8_000;

test("when the network loses every connection without a word, the fleet notices and makes new ones", async (t) => {
  const postgres = await PostgresServer.start(t);
  const proxy = await HalfOpenProxy.start(t, postgres.host);
  const database = postgres.urlOf("postgres", `127.0.0.1:${proxy.port}`);
  const trial = await Trial.start(t, { ...postgres.trialOptions, database, pauseMs: 300 });
  proxy.break();
  await pause(BROKEN_MS);
  proxy.mend();
  await trial.recovers(performance.now());
  await trial.worksOn(100);
  await trial.endsWell();
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});
