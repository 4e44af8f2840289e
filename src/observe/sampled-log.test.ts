import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../core/clock.ts";
import type { LogFields } from "./log.ts";
import { sampledLog } from "./sampled-log.ts";

test("of lines of one kind a hundred are written within a second, then a line says how many were left out", () => {
  const clock = new ManualClock(0);
  const lines: string[] = [];
  const line = (level: string) => (fields: LogFields, message: string) =>
    void lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  const log = sampledLog({ info: line("info"), warn: line("warn"), error: line("error") }, clock);
  for (let n = 0; n < 130; n++) log.warn({ n }, "an attempt failed");
  log.error({}, "job failed permanently");
  assert.equal(lines.length, 101);
  assert.deepEqual(
    [lines[0], lines[99]],
    ['warn: an attempt failed {"n":0}', 'warn: an attempt failed {"n":99}'],
  );
  assert.equal(lines[100], "error: job failed permanently {}", "of another kind");
  clock.advance(999);
  log.warn({}, "an attempt failed");
  assert.equal(lines.length, 101);
  clock.advance(1);
  assert.equal(lines[101], 'warn: log lines were left out {"line":"an attempt failed","leftOut":31}');
  log.warn({}, "an attempt failed");
  assert.equal(lines.length, 103);
  clock.advance(5_000);
  assert.equal(lines.length, 103, "nothing more was left out");
});
