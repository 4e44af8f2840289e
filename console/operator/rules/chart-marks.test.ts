import assert from "node:assert/strict";
import { test } from "node:test";
import { chartMarks } from "./chart-marks.ts";

const at = (time: string) => `2030-01-31T${time}Z`;
const seconds = (time: string) => Date.parse(at(time)) / 1_000;
const RANGE = { from: seconds("09:00:00"), stepSeconds: 60 };

test("workers that started together are one mark, and so are pauses by one person; what came before the range is not marked", () => {
  const workers = [
    { started_at: at("08:59:59"), version: "0.1.0" },
    { started_at: at("09:10:05"), version: "0.2.0" },
    { started_at: at("09:10:01"), version: "0.2.0" },
  ];
  const done = { actor: "ana", action: "schedule.pause" };
  const audit = [
    { ...done, at: at("09:20:02"), target: "nightly" },
    { ...done, at: at("09:20:01"), target: "hourly" },
    { ...done, at: at("09:05:00"), action: "endpoint.pause", target: "ep_1" },
    { ...done, at: at("09:06:00"), action: "key.create", target: "key_1" },
  ];
  assert.deepEqual(chartMarks(workers, audit, RANGE), [
    { at: seconds("09:05:00"), label: "endpoint paused by ana: ep_1" },
    { at: seconds("09:10:01"), label: "2 workers started, version 0.2.0" },
    { at: seconds("09:20:01"), label: "schedule paused by ana, 2 times" },
  ]);
});

test("only the newest twenty are marked", () => {
  const workers = Array.from({ length: 30 }, (_, minute) => ({
    started_at: at(`09:${String(minute).padStart(2, "0")}:00`),
    version: "0.1.0",
  }));
  const marks = chartMarks(workers, [], RANGE);
  assert.deepEqual([marks.length, marks[0]?.at], [20, seconds("09:10:00")]);
});
