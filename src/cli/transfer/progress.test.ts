import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordedOutput } from "../test-kit/recorded-io.ts";
import { TransferProgress } from "./progress.ts";

function shown(isTTY: boolean, json: boolean, total: number, steps: readonly number[], done = 0): string {
  const output = new RecordedOutput(isTTY);
  const progress = new TransferProgress(output, "exported", total, json, done);
  for (const records of steps) progress.add(records);
  progress.end();
  return output.text;
}

test("where a person looks there is a bar, gone in the end", () => {
  const text = shown(true, false, 200, [50]);
  assert.equal(text, "\r██████░░░░░░░░░░░░░░░░░░ 25 %  50 of 200\x1b[K\r\x1b[K");
});

test("elsewhere there is a line at each tenth, or a line of JSON", () => {
  const steps = [50, 30, 30, 90];
  assert.equal(shown(false, false, 1_000, steps), "exported 110 of 1000\nexported 200 of 1000\n");
  const json = shown(true, true, 1_000, steps).split("\n");
  assert.deepEqual(JSON.parse(json[0] ?? ""), { progress: { exported: 110, total: 1_000 } });
  assert.equal(shown(false, false, 1_000, [10, 90], 450), "exported 550 of 1000\n");
});

test("nothing to do, and more than was counted, are no reason to fail", () => {
  assert.equal(shown(false, false, 0, []), "");
  assert.equal(shown(false, false, 0, [5]), "");
  assert.equal(shown(false, false, 10, [15]), "exported 15 of 10\n");
});
