import assert from "node:assert/strict";
import { chmodSync, closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { type Finding, sentence } from "../../engine/doctor/finding.ts";
import { openStore } from "../../open-store.ts";
import { connectForTest, scratchServer } from "../../store/postgres/test-kit/scratch.ts";
import type { Store } from "../../store/store.ts";
import { HOUR, NOW, SECOND, workerRecord } from "../../store/test-kit/store-under-test.ts";
import { enqueue, enqueueAndClaim, newJob, newJobs, succeed } from "../../store/test-kit/stored-jobs.ts";
import { Child } from "../test-kit/child.ts";
import { ran } from "../test-kit/recorded-io.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";

/** A server set up as it should be: those that tests usually use are fast, not safe. */
const postgres = scratchServer(["-c", "max_connections=50"]);
const KEY = Buffer.alloc(32, 7).toString("base64");
const DAY = 24 * HOUR;

async function filled(database: string, work: (store: Store) => Promise<unknown>): Promise<string> {
  const store = await openStore(database);
  try {
    await work(store);
    return database;
  } finally {
    await store.close();
  }
}

/** The levels and sentences of what is not well. */
async function findings(database: string, ...flags: string[]): Promise<{ code: number; unwell: Finding[] }> {
  const { code, stdout } = await ran(["doctor", "--json", "--database", database, ...flags], {
    POSTHORN_MASTER_KEY: KEY,
  });
  const report = JSON.parse(stdout);
  assert.equal(report.healthy, code === 0);
  return { code, unwell: report.findings.filter(({ level }: Finding) => level !== "ok") };
}

const says = (finding: Finding | undefined) => (finding ? sentence(finding) : "");
const checksOf = (unwell: readonly Finding[]) => unwell.map(({ check, level }) => `${level} ${check}`);

const databases: [kind: string, make: (t: TestContext) => Promise<string>][] = [
  ["SQLite", async (t) => join(temporaryFolder(t), "posthorn.db")],
  ["PostgreSQL", () => postgres.newDatabase()],
];

for (const [kind, make] of databases) {
  test(`${kind}: a server that works is well`, async (t) => {
    const database = await make(t);
    const env = { POSTHORN_DATABASE: database, POSTHORN_MASTER_KEY: KEY };
    const server = new Child(t, ["serve", "--dev", "--port", "0"], env);
    await server.shows("stdout", /docs +(\S+)\/docs/);
    const { code, stdout, stderr } = await ran(["doctor"], env);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^ok +Oldest due job +nothing is due$/m);
    assert.match(stdout, /^ok +Master key +it decrypts the stored secrets$/m);
    if (kind === "PostgreSQL") assert.ok(!stdout.includes(new URL(database).password));
  });

  test(`${kind}: a job that is due without a worker is reported, by its task`, async (t) => {
    const database = await filled(await make(t), async (store) => {
      await enqueue(store, newJobs(3, { createdAt: NOW - 2 * HOUR, task: "mail.send" }));
      await enqueue(store, [newJob({ runAt: NOW + DAY })]);
    });
    const { code, unwell } = await findings(database);
    assert.equal(code, 1);
    assert.deepEqual(checksOf(unwell), ["bad oldest_due", "bad no_worker"]);
    assert.match(says(unwell[1]), /^3 jobs are due and no worker lives; start one/);

    const other = { ...workerRecord("wrk_other"), deadline: Date.now() + HOUR, tasks: ["report"] };
    await filled(database, (store) => store.workers.announce(other));
    const joined = await findings(database);
    assert.match(says(joined.unwell[1]), /no living worker handles mail\.send \(3 jobs\)/);
    const { stderr } = await ran(["doctor", "--database", database], { POSTHORN_MASTER_KEY: KEY });
    assert.equal(stderr, "posthorn: 2 checks found something wrong\n");
  });

  test(`${kind}: dead workers, a wrong key and what was never pruned are reported`, async (t) => {
    const long = NOW - 40 * DAY;
    const database = await filled(await make(t), async (store) => {
      const dead = { ...workerRecord("wrk_dead"), deadline: long + SECOND };
      await succeed(store, await enqueueAndClaim(store, { createdAt: long }, dead), long + SECOND);
      await enqueueAndClaim(store, { createdAt: long }, dead);
      await store.secrets.putOnce("webhook-signing", "v1.sealed with another key, once upon a time");
    });
    const { code, unwell } = await findings(database);
    assert.equal(code, 1);
    assert.deepEqual(checksOf(unwell), ["bad workers", "bad retention", "bad master_key"]);
    assert.match(says(unwell[0]), /1 worker died \(process 1 on machine\) and held 1 job; /);
    assert.match(says(unwell[1]), /has stayed 9d23h longer|has stayed 10d/);
    for (const kept of [["--retain-jobs"], ["--retain-succeeded"]]) {
      const { unwell: others } = await findings(database, ...kept, "90d");
      assert.deepEqual(checksOf(others), ["bad workers", "bad master_key"]);
    }
    const failed = await findings(database, "--retain-failed", "90d");
    assert.deepEqual(checksOf(failed.unwell), ["bad workers", "bad retention", "bad master_key"]);
  });
}

test("PostgreSQL: a transaction that is left open is reported, with what ends it", async (t) => {
  const database = await filled(await postgres.newDatabase(), async () => {});
  const client = await connectForTest(t, database);
  await client.query("set application_name = 'forgotten'");
  await client.query("begin");
  const { rows } = await client.query("select pg_backend_pid() as pid, count(*) from posthorn.jobs");
  assert.deepEqual((await findings(database)).unwell, [], "it is young");

  const { code, unwell } = await findings(database, "--max-transaction", "0ms");
  assert.equal(code, 0);
  assert.deepEqual(checksOf(unwell), ["warn old_transaction"]);
  const sentence = new RegExp(
    `^session ${rows[0].pid} \\(forgotten\\) has been idle in a transaction for .*`,
  );
  assert.match(says(unwell[0]), sentence);
});

test("PostgreSQL: harmful settings are reported, as callers' own sessions have them", async () => {
  const url = await postgres.newDatabase();
  const database = await filled(url, async () => {});
  const name = new URL(url).pathname.slice(1);
  await withClient(url, async (query) => {
    await query(`alter database ${name} set synchronous_commit = off`);
    await query(`alter database ${name} set statement_timeout = '200ms'`);
  });
  const { code, unwell } = await findings(database);
  assert.equal(code, 0);
  assert.deepEqual(checksOf(unwell), ["warn durability", "warn timeouts"]);
});

async function withClient(url: string, work: (query: (text: string) => Promise<unknown>) => Promise<void>) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work((text) => client.query(text));
  } finally {
    await client.end();
  }
}

test("SQLite: a file open to others is reported, and damage when the whole file is read", async (t) => {
  const file = join(temporaryFolder(t), "posthorn.db");
  await filled(file, (store) => enqueue(store, newJobs(50, { runAt: NOW + DAY })));
  assert.deepEqual((await findings(file, "--deep")).unwell, []);
  chmodSync(file, 0o644);
  assert.deepEqual(checksOf((await findings(file)).unwell), ["bad file_mode"]);
  chmodSync(file, 0o600);
  breakTable(file, "attempts");
  assert.deepEqual((await findings(file)).unwell, [], "nobody has read there");
  const { code, unwell } = await findings(file, "--deep");
  assert.equal(code, 1);
  assert.deepEqual(checksOf(unwell), ["bad integrity"]);
});

test("a watching doctor reports what appears and what goes, until it is stopped", async (t) => {
  const file = await filled(join(temporaryFolder(t), "posthorn.db"), async () => {});
  const watching = new Child(t, ["doctor", "--watch", "100ms", "--database", file]);
  await watching.shows("stdout", /^ok +File mode +600: only its owner can read it$/m);
  chmodSync(file, 0o644);
  await watching.shows("stdout", /^\S+ \S+Z {2}bad {3}File mode: \S+ is open to other users/m);
  chmodSync(file, 0o600);
  await watching.shows("stdout", /^\S+ \S+Z {2}ok {4}File mode: is resolved$/m);
  watching.process.kill("SIGTERM");
  assert.equal(await watching.exit(), 0);
  assert.equal(watching.stdout.match(/is open to other users/g)?.length, 1);
});

/** Overwrites the first page of a table, as a failing disk might. */
function breakTable(file: string, table: string): void {
  const raw = new DatabaseSync(file);
  const found = raw.prepare("select rootpage from sqlite_schema where name = ?").get(table);
  const size = Number(raw.prepare("pragma page_size").get()?.page_size);
  raw.close();
  const disk = openSync(file, "r+");
  writeSync(disk, Buffer.alloc(size, 0xff), 0, size, (Number(found?.rootpage) - 1) * size);
  closeSync(disk);
}

test("SQLite: an older schema is reported, and left as it is", async (t) => {
  const file = await filled(join(temporaryFolder(t), "posthorn.db"), async () => {});
  const raw = new DatabaseSync(file);
  raw.exec("pragma user_version = 0"); // as a release before the first migration would have left it
  raw.close();
  const before = readFileSync(file);
  const { code, unwell } = await findings(file);
  assert.equal(code, 1);
  assert.match(says(unwell[0]), /^schema 0 is older than this release's \d+; run posthorn migrate/);
  assert.deepEqual(readFileSync(file), before);
});

test("SQLite: a file that a copy without space left empty is reported by every command, and left as it is", async (t) => {
  const file = join(temporaryFolder(t), "posthorn.db");
  writeFileSync(file, "");
  const { code, unwell } = await findings(file, "--deep");
  assert.equal(code, 1);
  assert.match(says(unwell[0]), /posthorn\.db is empty; if it was restored from a backup, copy that again/);
  for (const argv of [
    ["backup", `${file}.copy`],
    ["jobs", "list"],
    ["keys", "list"],
    ["tenants", "list"],
  ]) {
    const { code, stderr } = await ran([...argv, "--database", file]);
    assert.equal(code, 1, argv.join(" "));
    assert.match(stderr, /posthorn\.db is empty/);
  }
  assert.equal(statSync(file).size, 0);
});

test("what cannot be opened is one finding, and a flag that would do nothing is refused", async (t) => {
  const folder = temporaryFolder(t);
  const missing = await findings(join(folder, "nowhere.db"));
  assert.equal(missing.code, 1);
  assert.match(says(missing.unwell[0]), /there is no database at \S+nowhere\.db/);
  const gone = await findings("postgres://127.0.0.1:1/none");
  assert.match(says(gone.unwell[0]), /cannot be reached/);
  const cases: [string[], RegExp][] = [
    [["--deep", "--database", "postgres://127.0.0.1:1/none"], /--deep reads a SQLite file/],
    [["--retain-size", "1GiB", "--database", "postgres://127.0.0.1:1/none"], /--retain-size is for SQLite/],
    [["--max-transaction", "1h", "--database", join(folder, "a.db")], /--max-transaction is for PostgreSQL/],
    [["--watch", "1ms", "--database", join(folder, "a.db")], /--watch 1ms is too often/],
  ];
  for (const [flags, sentence] of cases) {
    const { code, stderr } = await ran(["doctor", ...flags]);
    assert.equal(code, 1);
    assert.match(stderr, sentence);
  }
});
