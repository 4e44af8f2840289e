import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { MINUTE_MS } from "../../core/duration.ts";
import { StoreUnavailableError } from "../../core/errors.ts";
import { overlaid } from "../../store/overlaid-store.ts";
import { openSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import { enqueue } from "../../store/test-kit/stored-jobs.ts";
import { withDefaults } from "../retention/retention-periods.ts";
import { newJob } from "../test-kit/engine-under-test.ts";
import { RecordedLog } from "../test-kit/recorded-log.ts";
import { quiet } from "../test-kit/turns.ts";
import { Doctor } from "./doctor.ts";

test("a look each minute reports what appears, what gets worse and what goes, once each", async (t) => {
  const clock = new ManualClock();
  const real = await openSqliteStore({ file: ":memory:" });
  t.after(() => real.close());
  let isAway = false;
  let looks = 0;
  const store = overlaid(real, {
    inspection: {
      facts: async (request) => {
        looks++;
        if (isAway) throw new StoreUnavailableError("it is away");
        return real.inspection.facts(request);
      },
    },
  });
  const log = new RecordedLog();
  const doctor = new Doctor({
    ...{ store, clock, instrument: log.instrument, retention: withDefaults({ jobsMs: 30 * 86_400_000 }) },
    masterKey: async () => ({ state: "unneeded" }),
  });
  const told = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += MINUTE_MS) {
      clock.advance(MINUTE_MS);
      await quiet();
    }
    const lines = log.lines.splice(0).map((line, at) => `${line}: ${String(log.fields[at]?.check)}`);
    log.fields.length = 0;
    return lines;
  };
  doctor.start();
  assert.deepEqual(await told(2 * MINUTE_MS), []);
  assert.equal(doctor.last?.worst, "ok");

  const job = newJob(clock.now(), { task: "mail", payload: JSON.stringify("x".repeat(50_000)) });
  await enqueue(real, [job]);
  assert.deepEqual(await told(2 * MINUTE_MS), [
    "warn: something may become a problem: oldest_due",
    "error: something is wrong: no_worker",
  ]);
  assert.deepEqual(await told(30 * MINUTE_MS), []);
  assert.deepEqual(await told(31 * MINUTE_MS), ["error: something is wrong: oldest_due"]);

  const kept = await real.sizes.first(0);
  assert.deepEqual(
    kept.map(({ part }) => part),
    ["data", "free", "wal"],
  );
  const later = () => real.sizes.first((kept[0]?.hour ?? 0) + 1);
  assert.deepEqual(await later(), [], "what does not change is not logged again");
  const other = newJob(clock.now(), { task: "mail", payload: job.payload });
  await enqueue(real, [other]);
  assert.deepEqual(await told(2 * MINUTE_MS), []);
  assert.ok((await later()).length > 0);

  isAway = true;
  assert.deepEqual(await told(2 * MINUTE_MS), ["error: something is wrong: database"]);
  const { findings, worst } = await doctor.findings();
  assert.deepEqual([findings.map(({ detail }) => detail), worst], [["it is away"], "bad"]);
  isAway = false;
  assert.deepEqual(await told(2 * MINUTE_MS), ["info: a finding is resolved: database"]);

  for (const { id } of [job, other]) await store.byHand.cancel(id, clock.now());
  assert.deepEqual(await told(2 * MINUTE_MS), [
    "info: a finding is resolved: oldest_due",
    "info: a finding is resolved: no_worker",
  ]);
  await doctor.stop();
  const before = looks;
  await doctor.findings();
  await told(5 * MINUTE_MS);
  assert.equal(looks, before, "what is known is not looked for, and after its end it does not look");
});

test("what only this process does is checked with the database", async (t) => {
  const store = await openSqliteStore({ file: ":memory:" });
  t.after(() => store.close());
  const log = new RecordedLog();
  const doctor = new Doctor({
    ...{ store, clock: new ManualClock(), instrument: log.instrument },
    retention: withDefaults({ jobsMs: 30 * 86_400_000 }),
    masterKey: async () => ({ state: "unneeded" }),
  });
  let level: "ok" | "bad" = "ok";
  doctor.add(() => ({ check: "backups", level, title: "Backups", detail: "", todo: null }));
  assert.equal((await doctor.look()).worst, "ok");
  level = "bad";
  const { worst, findings } = await doctor.look();
  assert.deepEqual([worst, findings.at(-1)?.check], ["bad", "backups"]);
  assert.deepEqual(log.lines, ["error: something is wrong"]);
});

test("those who ask before the first look share one", async (t) => {
  const real = await openSqliteStore({ file: ":memory:" });
  t.after(() => real.close());
  let looks = 0;
  const store = overlaid(real, {
    inspection: {
      facts: (request) => {
        looks++;
        return real.inspection.facts(request);
      },
    },
  });
  const doctor = new Doctor({
    ...{ store, clock: new ManualClock(), instrument: new RecordedLog().instrument },
    retention: withDefaults({ jobsMs: 30 * 86_400_000 }),
    masterKey: async () => ({ state: "usable" }),
  });
  const [one, other] = await Promise.all([doctor.findings(), doctor.findings()]);
  assert.equal(one, other);
  assert.equal(looks, 1);
});
