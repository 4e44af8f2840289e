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
  const done = { actor: "ana", action: "schedule.pause", change: {} };
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

test("a version in place of another is one mark with the workers that started with it, and stays when they have gone", () => {
  const replaced = (time: string, was: string | null, is: string) => ({
    ...{ at: at(time), actor: "posthorn", action: "worker.version", target: "workers" },
    change: { version: { was, is } },
  });
  const audit = [
    replaced("09:40:01", "0.2.0", "0.3.0"),
    replaced("09:40:01", "0.2.0", "0.3.0"),
    replaced("09:20:00", "0.1.0", "0.2.0"),
    replaced("09:10:00", null, "0.1.0"),
    replaced("08:59:59", null, "0.0.9"),
  ];
  const workers = [
    { started_at: at("09:39:59"), version: "0.3.0" },
    { started_at: at("09:40:30"), version: "0.3.0" },
    { started_at: at("09:40:30"), version: "0.2.0" },
    { started_at: at("09:50:00"), version: "0.3.0" },
  ];
  assert.deepEqual(chartMarks(workers, audit, RANGE), [
    { at: seconds("09:10:00"), label: "worker started, version 0.1.0" },
    { at: seconds("09:20:00"), label: "version 0.2.0 in place of 0.1.0" },
    { at: seconds("09:40:01"), label: "version 0.3.0 in place of 0.2.0" },
    { at: seconds("09:40:30"), label: "worker started, version 0.2.0" },
    { at: seconds("09:50:00"), label: "worker started, version 0.3.0" },
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
