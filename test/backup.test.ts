import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../src/cli/test-kit/child.ts";
import { ran } from "../src/cli/test-kit/recorded-io.ts";
import { openStore } from "../src/open-store.ts";
import { backUp, clearStale, type Disk } from "../src/store/sqlite/backup/backup.ts";
import { column, openRaw, scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { underLoad } from "./support/under-load.ts";
import { until } from "./support/until.ts";

const MAIN = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

const partsIn = (folder: string) => readdirSync(folder).filter((name) => name.includes(".part-"));

function isIntact(t: TestContext, file: string): boolean {
  return column(openRaw(t, file), "pragma integrity_check")[0] === "ok";
}

test("a backup under full load holds every job that was accepted before it began, and is restored whole", async (t) => {
  const database = scratchDatabase();
  const server = await Server.start(t, database);
  const file = join(dirname(scratchDatabase()), "copy.db");
  const { result, before } = await underLoad(t, server, () =>
    ran(["backup", file, "--json", "--database", database]),
  );
  assert.equal(result.code, 0, result.stderr);
  const made = JSON.parse(result.stdout);
  assert.deepEqual([made.file, made.master_key], [file, `${database}.key`]);
  await server.stop();

  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(partsIn(dirname(file)), []);
  assert.ok(isIntact(t, file));
  const raw = openRaw(t, file);
  const kept = new Set(column(raw, "select id from jobs"));
  assert.equal(kept.size, made.jobs);
  assert.deepEqual(
    before.filter((id) => !kept.has(id)),
    [],
  );
  copyFileSync(`${database}.key`, `${file}.key`);
  await Server.start(t, file);
  await until("the restored database has done what was left", () => {
    const [left] = column(raw, "select count(*) from jobs where seq not in (select job from finished)");
    return left === 0;
  });
});

/** A database that is locked: a copy of it has to wait. */
async function lockedDatabase(t: TestContext) {
  const database = scratchDatabase();
  await (await openStore(database)).close();
  const raw = openRaw(t, database);
  raw.exec("pragma locking_mode = exclusive; begin immediate; create table mine (x); commit");
  return { database, unlock: () => raw.close() };
}

/** The process that makes a backup for another one, or for this one. */
function copyingFor(parent: number | undefined): Promise<number> {
  return until("a process copies", () => {
    const lines = String(spawnSync("ps", ["-A", "-o", "pid=,ppid=,args="]).stdout).split("\n");
    const pid = lines.flatMap((line) => {
      const [, child, of] = /^ *(\d+) +(\d+) .*backup-entry/.exec(line) ?? [];
      return Number(of) === parent ? [Number(child)] : [];
    })[0];
    return pid;
  });
}

test("a backup is given up at once, however long the statement takes that copies, and nothing is left of it", async (t) => {
  const { database } = await lockedDatabase(t);
  const file = join(dirname(database), "copy.db");
  const child = new Child(t, ["backup", file, "--database", database]);
  process.kill(await copyingFor(child.process.pid), "SIGSTOP"); // it will never end
  child.process.kill("SIGTERM");
  assert.equal(await child.exit(), 1);
  assert.match(child.stderr, /given up, because the process stops/);
  assert.deepEqual(
    readdirSync(dirname(file)).filter((name) => name.startsWith("copy.db")),
    [],
  );
});

test("a copy that takes longer than an hour is not taken for one that a killed process left", async (t) => {
  const { database } = await lockedDatabase(t);
  const folder = dirname(database);
  t.mock.timers.enable({ apis: ["setInterval"] });
  const stop = new AbortController();
  const made = backUp({ from: database, to: join(folder, "copy.db"), signal: stop.signal });
  const [part = ""] = partsIn(folder);
  utimesSync(join(folder, part), 0, 0); // it was last written to long ago
  t.mock.timers.tick(15 * 60_000);
  clearStale(folder, (name) => name === part);
  assert.deepEqual(partsIn(folder), [part]);
  stop.abort();
  await assert.rejects(made, { code: "backup_failed", message: /given up/ });
  assert.deepEqual(partsIn(folder), []);
});

test("a backup whose copying process is killed fails, says so, and leaves nothing", async (t) => {
  const { database } = await lockedDatabase(t);
  const file = join(dirname(database), "copy.db");
  const made = backUp({ from: database, to: file });
  process.kill(await copyingFor(process.pid), "SIGKILL");
  await assert.rejects(made, { code: "backup_failed", message: /has ended \(SIGKILL\)/ });
  assert.ok(!existsSync(file));
  assert.deepEqual(partsIn(dirname(file)), []);
});

test("a backup whose process is killed cleans up after itself, leaves nothing under its name, and the next one is made", async (t) => {
  const { database, unlock } = await lockedDatabase(t);
  const file = join(dirname(database), "copy.db");
  const child = new Child(t, ["backup", file, "--database", database]);
  await copyingFor(child.process.pid);
  child.process.kill("SIGKILL");
  await child.exit();
  assert.ok(!existsSync(file));
  unlock();
  await until("the copy is gone, too", () => partsIn(dirname(file)).length === 0);

  const next = join(dirname(database), "next.db");
  writeFileSync(`${database}.key`, "a key, which the first secret would bring");
  const { code, stdout } = await ran(["backup", next, "--database", database]);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /is backed up to \S+next\.db: 0 jobs, .*; checked from end to end\nThe master key is not in it/,
  );
  assert.ok(isIntact(t, next));
});

test("a backup to standard output is the whole file, and leaves nothing next to the database", async () => {
  const database = scratchDatabase();
  await (await openStore(database)).close();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [MAIN, "backup", "-", "--database", database],
    {
      maxBuffer: 100_000_000,
    },
  );
  assert.equal(status, 0, String(stderr));
  assert.match(String(stderr), /is backed up: 0 jobs/);
  const copy = scratchDatabase();
  writeFileSync(copy, stdout);
  const raw = new DatabaseSync(copy, { readOnly: true });
  assert.deepEqual(column(raw, "pragma integrity_check"), ["ok"]);
  raw.close();
  assert.deepEqual(
    readdirSync(dirname(database)).filter((name) => name.includes("backup")),
    [],
  );
});

test("standard output that cannot be written is an error that says so, and nothing is left of a backup", async (t) => {
  const database = scratchDatabase();
  await (await openStore(database)).close();
  const full = openSync("/dev/full", "w");
  t.after(() => closeSync(full));
  for (const argv of [
    ["backup", "-"],
    ["jobs", "list"],
    ["jobs", "list", "--json"],
    ["export", "--out", "-"],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...argv, "--database", database], {
      encoding: "utf8",
      stdio: ["ignore", full, "pipe"],
    });
    assert.equal(status, 1);
    assert.match(stderr, /^(?:posthorn: |\{"error":.*)standard output cannot be written \(ENOSPC[^\n]*\n$/m);
    assert.equal(stderr.startsWith("{"), argv.includes("--json"));
    assert.doesNotMatch(stderr, /uncaught| at /);
  }
  const left = readdirSync(dirname(database)).filter((name) => !/^posthorn\.db(?:-shm|-wal)?$/.test(name));
  assert.deepEqual(left, []);
});

test("a backup that may not be written to its end fails, names its own folder, and leaves the last one", async () => {
  const database = scratchDatabase();
  await (await openStore(database)).close();
  const folder = dirname(scratchDatabase());
  const last = join(folder, "last.db");
  assert.equal((await ran(["backup", last, "--database", database])).code, 0);
  // the system takes half of the file, as a quota would
  const limit = `trap '' XFSZ; ulimit -f ${Math.floor(statSync(database).size / 2 / 1_024)}; exec "$0" "$@"`;
  const command = [process.execPath, MAIN, "backup", join(folder, "next.db"), "--database", database];
  const { status, stderr } = spawnSync("bash", ["-c", limit, ...command], { encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`^posthorn: copying ${database} to ${folder} failed; check both disks`));
  assert.deepEqual(readdirSync(folder), ["last.db"]);
});

test("what would not be a backup is refused, and the error says what to do", async () => {
  const database = scratchDatabase();
  await (await openStore(database)).close();
  const foreign = scratchDatabase();
  const raw = new DatabaseSync(foreign);
  raw.exec("create table theirs (x)");
  raw.close();
  const file = join(dirname(database), "copy.db");
  const cases: [argv: string[], sentence: RegExp][] = [
    [["backup", database, "--database", database], /exists; name another file/],
    [["backup", file, "--database", `${database}x`], /there is no database at/],
    [
      ["backup", "/nowhere/copy.db", "--database", database],
      /the backup \/nowhere\/copy\.db cannot be written \(ENOENT.*its folder must exist/,
    ],
    [["backup", file, "--database", foreign], /is a database of another program/],
    [
      ["backup", file, "--database", "postgres://127.0.0.1:1/none"],
      /pg_dump .*point-in-time recovery.*POSTHORN_MASTER_KEY/,
    ],
    [
      ["serve", "--backup-to", "/tmp", "--database", database],
      /--backup-to does nothing without --backup-every/,
    ],
    [
      ["serve", "--backup-keep", "3", "--database", database],
      /--backup-keep does nothing without --backup-every/,
    ],
    [["serve", "--backup-every", "6h", "--database", database], /--backup-every needs --backup-to/],
    [["serve", "--backup-every", "6s", "--backup-to", "/tmp", "--database", database], /too often/],
    [
      ["serve", "--backup-every", "6h", "--backup-to", "/tmp", "--database", "postgres://127.0.0.1:1/none"],
      /pg_dump/,
    ],
  ];
  for (const [argv, sentence] of cases) {
    const { code, stderr } = await ran(argv);
    assert.equal(code, 1);
    assert.match(stderr, sentence);
  }
  const size = statSync(database).size;
  const elsewhere = join(dirname(scratchDatabase()), "copy.db");
  const disks = (own: Disk, other: Disk) => (folder: string) => (folder === dirname(database) ? own : other);
  const refused = (to: string, own: Disk, other = own) =>
    assert.rejects(backUp({ from: database, to, diskOf: disks(own, other) }), (error: Error) => {
      assert.match(error.message, /bytes free, and a backup of .* its log grows meanwhile|: its size; free/);
      return error.message.startsWith(dirname(own.freeBytes < other.freeBytes ? database : to));
    });
  const large = { id: 1, freeBytes: 2 * size };
  await refused(file, { id: 1, freeBytes: 1.5 * size });
  await refused(elsewhere, large, { id: 2, freeBytes: size - 1 });
  await refused(elsewhere, { id: 2, freeBytes: size - 1 }, large);
  for (const to of [file, elsewhere]) {
    assert.ok(!existsSync(to));
    assert.deepEqual(partsIn(dirname(to)), []);
  }
  await backUp({ from: database, to: file, diskOf: () => large });
});
