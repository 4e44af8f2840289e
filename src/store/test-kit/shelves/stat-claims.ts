import assert from "node:assert/strict";
import type { EndpointStatRow } from "../../shelves/statistics/endpoint-stats.ts";
import type { StatRow } from "../../shelves/statistics/stats.ts";
import { DAY, HOUR, NOW, type StoreClaim } from "../store-under-test.ts";

const ROW: StatRow = {
  span: "minute",
  bucketAt: NOW,
  process: "one",
  task: "",
  ...{ accepted: 1, succeeded: 2, failed: 3, cancelled: 4, retried: 5 },
  waits: "[1,2]",
  attempts: "[3]",
};

const OF_ENDPOINT: EndpointStatRow = {
  ...{ tenant: "app_1", endpoint: "ep_1", hour: NOW, process: "one" },
  ...{ succeeded: 1, failed: 2, retried: 3 },
  attempts: "[1,2]",
};

export function statClaims(states: StoreClaim): void {
  states(
    "a row of statistics is written in place of the one before, and every process has its own",
    async ({ stats }) => {
      await stats.put([ROW, { ...ROW, process: "other" }, { ...ROW, task: "mail.send" }]);
      const again = { ...ROW, accepted: 9, waits: "[7]" };
      await stats.put([again]);
      assert.deepEqual(await stats.since("minute", NOW, ""), [again, { ...ROW, process: "other" }]);
      assert.deepEqual(await stats.since("minute", NOW, "mail.send"), [{ ...ROW, task: "mail.send" }]);
      assert.deepEqual(await stats.since("minute", NOW + 1, ""), []);
      assert.deepEqual(await stats.since("hour", NOW, ""), []);
      assert.equal((await stats.at("minute", NOW, NOW + 1)).length, 3);
    },
  );

  states("old statistics are deleted, and no others", async ({ stats }) => {
    const old = { ...ROW, bucketAt: NOW - 3 * DAY };
    await stats.put([ROW, old, { ...old, span: "hour" }]);
    assert.equal(await stats.forget("minute", NOW - HOUR), false);
    assert.deepEqual(await stats.since("minute", 0, ""), [ROW]);
    assert.equal((await stats.since("hour", 0, "")).length, 1);
  });

  states(
    "an endpoint's hour is written in place of the one before, is its process's own, and goes when it is old or dropped",
    async ({ endpointStats }) => {
      const another = { ...OF_ENDPOINT, process: "other" };
      const old = { ...OF_ENDPOINT, hour: NOW - DAY };
      await endpointStats.put([OF_ENDPOINT, another, old, { ...OF_ENDPOINT, endpoint: "ep_2" }]);
      const again = { ...OF_ENDPOINT, succeeded: 9, attempts: "[7]" };
      await endpointStats.put([again]);
      const of = (tenant: string, endpoint: string, hour = 0) => endpointStats.since(tenant, endpoint, hour);
      assert.deepEqual(await of("app_1", "ep_1"), [old, again, another]);
      assert.deepEqual(await of("app_1", "ep_1", NOW), [again, another]);
      assert.deepEqual(await of("app_2", "ep_1"), []);
      const [sums, ...others] = await endpointStats.sums("app_1", ["ep_1", "ep_3"], NOW);
      assert.ok(sums);
      assert.deepEqual(
        { ...sums, attempts: sums.attempts.split(/,(?=\[)/).sort() },
        {
          ...{ endpoint: "ep_1", succeeded: 10, failed: 4, retried: 6 },
          attempts: [again.attempts, another.attempts].sort(),
        },
      );
      assert.deepEqual(others, []);
      assert.equal((await endpointStats.sums("app_1", ["ep_1", "ep_2"], 0)).length, 2);
      assert.deepEqual(await endpointStats.sums("app_2", ["ep_1"], 0), []);
      await endpointStats.put([
        { ...OF_ENDPOINT, tenant: "app_2", failed: 9 },
        { ...OF_ENDPOINT, endpoint: "ep_3", failed: 0, retried: 0 },
        { ...OF_ENDPOINT, tenant: "", endpoint: "", failed: 99 },
      ]);
      const failing = await endpointStats.failing(NOW);
      assert.deepEqual(
        failing.sort((a, b) => b.failed - a.failed),
        [
          { tenant: "app_2", endpoint: "ep_1", failed: 9, retried: 3 },
          { tenant: "app_1", endpoint: "ep_1", failed: 4, retried: 6 },
          { tenant: "app_1", endpoint: "ep_2", failed: 2, retried: 3 },
        ],
      );
      assert.deepEqual(await endpointStats.failing(NOW + HOUR), []);
      await endpointStats.drop([another]);
      assert.equal(await endpointStats.forget(NOW), false);
      assert.deepEqual(await of("app_1", "ep_1"), [again]);
      assert.equal((await of("app_1", "ep_2")).length, 1);
    },
  );
}
