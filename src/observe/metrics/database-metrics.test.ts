import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { DatabaseMetrics } from "./database-metrics.ts";
import { Exposition } from "./exposition.ts";

const NOW = Date.parse("2030-01-31T02:00:00Z");

test("a schedule is late from when it was due, unless it is paused; those past a hundred share one series", async () => {
  const clock = new ManualClock(NOW);
  const due = (name: string, seconds: number, paused = false) => ({
    ...{ name, paused, nextAt: NOW - seconds * 1_000 },
  });
  const never = { name: "never", paused: false, nextAt: null };
  const schedules = [due("late", 90), due("soon", -90), due("paused", 90, true), never];
  let looks = 0;
  const metrics = new DatabaseMetrics({
    clock,
    gauges: async () => ({ jobs: {}, due: [] }),
    workers: async () => ({ alive: 1 }),
    endpoints: async () => ({}),
    async schedules() {
      looks++;
      return schedules;
    },
  });
  const late = async () => {
    const out = new Exposition("prometheus");
    await metrics.write(out);
    const lines = out.text().matchAll(/^posthorn_db_schedule_late_seconds\{schedule="(\w+)"\} (\d+)$/gm);
    return [...lines].map(([, name, seconds]) => [name, Number(seconds)]);
  };
  const first = [
    ["late", 90],
    ["soon", 0],
    ["paused", 0],
    ["never", 0],
  ];
  assert.deepEqual(await late(), first);
  clock.advance(14_999);
  assert.deepEqual(await late(), first, "as it was when it was read");
  assert.equal(looks, 1);
  clock.advance(1);
  for (let n = 0; n < 150; n++) schedules.push(due(`s${n}`, n));
  const many = await late();
  assert.equal(many.length, 101);
  assert.deepEqual(many.at(-1), ["other", 149 + 15]);
});

test("of more than a hundred tasks, those that have waited longest are named, and the rest share one series", async () => {
  const due = Array.from({ length: 150 }, (_, n) => ({
    task: `task-${n}`,
    oldestAt: NOW - 1_000 * (500 - n),
  }));
  const metrics = new DatabaseMetrics({
    clock: new ManualClock(NOW),
    gauges: async () => ({ jobs: {}, due }),
    workers: async () => ({}),
    endpoints: async () => ({}),
    schedules: async () => [],
  });
  const out = new Exposition("prometheus");
  await metrics.write(out);
  const lines = [...out.text().matchAll(/^posthorn_db_oldest_due_seconds\{task="([\w-]+)"\} (\d+)$/gm)];
  assert.equal(lines.length, 101);
  assert.deepEqual(lines.at(0)?.slice(1), ["task-0", "500"]);
  assert.deepEqual(lines.at(-1)?.slice(1), ["other", "400"]);
});
