import assert from "node:assert/strict";
import { test } from "node:test";
import { lastDeploy } from "./last-deploy.ts";

const worker = (hour: number, version: string, draining = false) => ({
  started_at: `2030-01-31T0${hour}:00:00.000Z`,
  version,
  draining,
});

test("the last deploy is when the first living worker of the newest version started", () => {
  const at = (hour: number, version: string) => ({ at: worker(hour, version).started_at, version });
  assert.deepEqual(lastDeploy([worker(5, "2.0.0"), worker(1, "1.0.0"), worker(4, "2.0.0")]), at(4, "2.0.0"));
  assert.deepEqual(lastDeploy([worker(3, "1.0.0"), worker(4, "2.0.0", true)]), at(3, "1.0.0"));
  assert.equal(lastDeploy([]), undefined);
});
