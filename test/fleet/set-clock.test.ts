import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delivery } from "../support/receiver.ts";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

const HOUR_MS = 3_600_000;
const PRELOAD = `--import=${new URL("set-clock.ts", import.meta.url)}`;
/** What receivers tolerate (Standard Webhooks). */
const TOLERATED_S = 300;
/** The first retry comes after 5 s, 20 % more or less; the rest is for a busy machine. */
const RETRIED_MS = [3_900, 180_000] as const;

test("workers whose clocks are set hours off keep to the database's: leases, retries and signatures are in time", async (t) => {
  const refusedAt = new Map<string, number>();
  const retriedAfter: number[] = [];
  const timestamps: number[] = [];
  const judge = (delivery: Delivery) => {
    timestamps.push(Math.abs(Number(delivery.headers["webhook-timestamp"]) - Date.now() / 1_000));
    const before = refusedAt.get(delivery.id);
    if (before !== undefined) retriedAfter.push(performance.now() - before);
    const isRefused = before === undefined && JSON.parse(delivery.text).n % 10 === 0;
    if (isRefused) refusedAt.set(delivery.id, performance.now());
    delivery.answer(isRefused ? 500 : 200);
  };
  const postgres = await PostgresServer.start(t);
  const trial = await Trial.start(t, {
    ...postgres.trialOptions,
    judge,
    envOfWorker: (place) => ({
      NODE_OPTIONS: PRELOAD,
      TEST_SET_CLOCK_MS: String([5 * HOUR_MS, -5 * HOUR_MS][place] ?? 0),
    }),
  });
  for (const { process } of trial.fleet.workers) process.kill("SIGUSR2");
  await trial.recovers(performance.now());
  await trial.worksOn(600);
  const { lost } = await trial.endsWell();
  assert.equal(lost, 0, "no worker was taken for dead");
  assert.ok(retriedAfter.length > 50);
  assert.ok(
    Math.min(...retriedAfter) > RETRIED_MS[0],
    `one was retried after ${Math.min(...retriedAfter)} ms`,
  );
  assert.ok(
    Math.max(...retriedAfter) < RETRIED_MS[1],
    `one was retried after ${Math.max(...retriedAfter)} ms`,
  );
  assert.ok(Math.max(...timestamps) < TOLERATED_S, `a signature was ${Math.max(...timestamps)} s off`);
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});
