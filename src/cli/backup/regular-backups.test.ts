import assert from "node:assert/strict";
import { readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { until } from "../../../test/support/until.ts";
import { ManualClock } from "../../core/clock.ts";
import { RecordedLog } from "../../engine/test-kit/recorded-log.ts";
import { openStore } from "../../open-store.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";
import { RegularBackups } from "./regular-backups.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BEGIN = Date.parse("2026-01-31T06:00:00Z");

async function setUp(t: TestContext, name = "posthorn.db") {
  const database = join(temporaryFolder(t), name);
  await (await openStore(database)).close();
  const folder = join(temporaryFolder(t), "backups");
  const clock = new ManualClock(BEGIN);
  const log = new RecordedLog();
  let free = Number.MAX_SAFE_INTEGER;
  const options = {
    database,
    everyMs: 6 * HOUR,
    keep: 2,
    folder,
    clock,
    log,
    diskOf: () => ({ id: 1, freeBytes: free }),
  };
  const made = () => log.lines.filter((line) => line.endsWith("the database is backed up")).length;
  const failed = () => log.lines.filter((line) => line.includes("could not be backed up")).length;
  return {
    folder,
    log,
    made,
    failed,
    start() {
      const backups = new RegularBackups({ ...options, instrument: log.instrument });
      backups.start();
      t.after(() => backups.stop());
      return backups;
    },
    /** Lets time pass, and each look come to its end. */
    async pass(ms: number, until: () => Promise<unknown> = async () => {}) {
      for (let passed = 0; passed < ms; passed += MINUTE) {
        clock.advance(MINUTE);
        for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      }
      await until();
    },
    fill: (bytes: number) => {
      free = bytes;
    },
    names: () => readdirSync(folder).sort(),
  };
}

test("a backup is made when the newest is old enough, also after a restart, and the oldest are deleted", async (t) => {
  const { start, pass, made, names, folder } = await setUp(t);
  const first = start();
  writeFileSync(join(folder, "notes.txt"), "mine");
  writeFileSync(join(folder, "posthorn-2026-01-01T00-00-00Z.db.part-1-1"), "half");
  utimesSync(join(folder, "posthorn-2026-01-01T00-00-00Z.db.part-1-1"), 0, 0);
  await pass(2 * MINUTE, () => until("one is made", () => made() === 1));
  assert.equal(names().length, 2, "and what a killed process left is gone");
  await pass(5 * HOUR);
  await first.stop();
  start();
  await pass(50 * MINUTE);
  assert.equal(made(), 1);
  await pass(30 * MINUTE, () => until("another is made", () => made() === 2));
  await pass(6 * HOUR, () => until("a third is made", () => made() === 3));
  const [notes, ...backups] = names();
  assert.equal(notes, "notes.txt");
  assert.equal(backups.length, 2);
  for (const name of backups) assert.match(name, /^posthorn-2026-01-31T1\d-\d\d-00Z\.db$/);
});

test("backups named by a clock that was ahead hold up no other, and are the first to go", async (t) => {
  const { start, pass, made, names, folder } = await setUp(t);
  const ahead = [1, 2].map((day) => `posthorn-2036-02-0${day}T06-00-00Z.db`);
  const backups = start();
  for (const name of ahead) writeFileSync(join(folder, name), "a backup");
  await pass(2 * MINUTE, () => until("one is made", () => made() === 1));
  await backups.stop();
  const [first = "", kept] = names();
  assert.match(first, /^posthorn-2026/);
  assert.equal(kept, ahead[1]);
});

test("a database may be called whatever it likes", async (t) => {
  const { start, pass, made, names } = await setUp(t, "posthorn.db-2030+x");
  start();
  await pass(2 * MINUTE, () => until("one is made", () => made() === 1));
  await pass(5 * HOUR);
  assert.deepEqual([made(), names().length], [1, 1]);
});

test("a backup that fails is reported, and tried again a quarter of an hour later", async (t) => {
  const { start, pass, made, failed, fill, log, folder } = await setUp(t);
  const backups = start();
  const found = () => {
    const { level, detail, todo } = backups.finding();
    return [level, detail, todo];
  };
  assert.deepEqual(found(), ["ok", "no backup exists yet", null]);
  fill(1_000);
  await pass(2 * MINUTE, () => until("it fails", () => failed() === 1));
  await pass(10 * MINUTE);
  assert.equal(failed(), 1);
  assert.match(String(log.fields.at(-1)?.reason), /bytes free, and a backup of/);
  fill(Number.MAX_SAFE_INTEGER);
  const room = `make sure that ${folder} is writable and has enough free space`;
  const [level, detail, todo] = found();
  assert.deepEqual([level, todo], ["bad", room]);
  assert.match(
    String(detail),
    /^the last one failed \(.*bytes free, and a backup of.*\); no backup exists yet$/,
  );
  await pass(10 * MINUTE, () => until("it is made", () => made() === 1));
  await pass(MINUTE);
  assert.equal(found()[0], "ok");
  fill(1_000);
  await pass(7 * HOUR, () => until("the next fails", () => failed() > 1));
  assert.deepEqual([found()[0], found()[2]], ["warn", room]);
  assert.match(String(found()[1]), /; the newest is [67]h.* old$/);
  await pass(6 * HOUR);
  assert.equal(found()[0], "bad");
  rmSync(folder, { recursive: true });
  const before = failed();
  await pass(HOUR);
  assert.ok(failed() - before <= 5, "a folder that cannot be read is reported no more often");
  assert.match(String(found()[1]), /ENOENT/);
});
