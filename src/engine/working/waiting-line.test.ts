import assert from "node:assert/strict";
import { test } from "node:test";
import { leasedJob } from "../test-kit/leased-job.ts";
import { WaitingLine } from "./waiting-line.ts";

const ONE = `app_${"1".repeat(26)}`;
const OTHER = `app_${"2".repeat(26)}`;

function lineOf(...jobs: readonly (readonly [id: string, lane: string, priority?: number])[]): WaitingLine {
  const line = new WaitingLine();
  for (const [id, lane, priority = 0] of jobs) line.add(leasedJob({ id, lane, priority }), 0);
  return line;
}

const idsOf = (line: WaitingLine): string[] => line.jobs.map(({ id }) => id);

test("a tenant whose jobs wait in many lanes gives others their turns between them", () => {
  const line = lineOf(["a", `${ONE}/ep_1`], ["b", `${ONE}/ep_2`], ["c", `${ONE}/ep_3`]);
  line.add(leasedJob({ id: "x", lane: `${OTHER}/ep_1` }), 0);
  line.add(leasedJob({ id: "y", lane: `${OTHER}/ep_1` }), 0);
  assert.deepEqual(idsOf(line), ["a", "x", "b", "y", "c"]);
});

test("a tenant that comes late has the next turn, not all those that it missed", () => {
  const line = lineOf(["a", "one"], ["b", "one"], ["c", "one"], ["d", "one"]);
  line.begin(0);
  line.begin(0);
  line.add(leasedJob({ id: "x", lane: "other" }), 0);
  line.add(leasedJob({ id: "y", lane: "other" }), 0);
  assert.deepEqual(idsOf(line), ["c", "x", "d", "y"]);
});

test("jobs of one lane keep their order, and none passes over one of another priority", () => {
  const line = lineOf(["a", "one", 0], ["b", "one", 0], ["c", "one", 5]);
  line.add(leasedJob({ id: "x", lane: "other", priority: 5 }), 0);
  line.add(leasedJob({ id: "y", lane: "another", priority: 0 }), 0);
  assert.deepEqual(idsOf(line), ["a", "b", "x", "c", "y"]);
});

test("turns that are over are forgotten, however many lanes there were", () => {
  const line = new WaitingLine();
  for (let n = 0; n < 5_000; n++) {
    line.add(leasedJob({ id: `${n}`, lane: `lane ${n}` }), 0);
    line.begin(0);
  }
  line.add(leasedJob({ id: "a", lane: "lane 0" }), 0);
  line.add(leasedJob({ id: "b", lane: "lane 4999" }), 0);
  assert.deepEqual(idsOf(line), ["a", "b"]);
});

test("what has waited for long is reported, even after the clock was set back", () => {
  const line = new WaitingLine();
  line.add(leasedJob({ id: "a", lane: "one" }), 1_000);
  line.add(leasedJob({ id: "b", lane: "one" }), 1_500);
  assert.deepEqual(
    line.waitingFor(500, 1_600).map(({ id }) => id),
    ["a"],
  );
  assert.deepEqual(
    line.waitingFor(500, 1_200).map(({ id }) => id),
    ["b"],
  );
});
