import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { until } from "../../../test/support/until.ts";
import { openStore } from "../../open-store.ts";
import { connectForTest, scratchServer } from "../../store/postgres/test-kit/scratch.ts";
import type { Store } from "../../store/store.ts";
import { fillWithEverything, ITS_WORKER, type LookedUp, lookUp } from "../../store/test-kit/everything.ts";
import { asImported } from "../../store/test-kit/records/transfer-claims.ts";
import { newEndpoint, newTenant, SEALED } from "../../store/test-kit/shelves/registered.ts";
import { NOW, SECOND } from "../../store/test-kit/store-under-test.ts";
import { claim, enqueue, newJob, newJobs } from "../../store/test-kit/stored-jobs.ts";
import { Child } from "../test-kit/child.ts";
import { ran } from "../test-kit/recorded-io.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";

const postgres = scratchServer();

async function using<Result>(database: string, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore(database);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const lookedUpIn = (database: string): Promise<LookedUp> => using(database, lookUp);

/** Runs a command line that has to succeed. */
async function posthorn(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await ran(argv);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** The lines after the header, which tells where and when. */
function recordsIn(file: string): string[] {
  return readFileSync(file, "utf8").split("\n").slice(1);
}

function places(t: TestContext) {
  const folder = temporaryFolder(t);
  return (name: string) => join(folder, name);
}

test("jobs in every state go from SQLite to PostgreSQL and back, with all that belongs to them", async (t) => {
  const at = places(t);
  const [first, second, third] = [at("first.db"), await postgres.newDatabase(), at("third.db")];
  const { running } = await using(first, fillWithEverything);
  const expected = asImported(await lookedUpIn(first), running);

  const refused = await ran(["export", "--database", first, "--out", at("1.jsonl")]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /a worker runs jobs of \S+first\.db \(process 1 on machine\); stop .* --live/);
  assert.ok(!existsSync(at("1.jsonl")));

  const exported = new Child(t, ["export", "--database", first, "--out", at("1.jsonl"), "--live"]);
  assert.equal(await exported.exit(), 0, exported.stderr);
  assert.match(exported.stdout, /^\d+ records exported, 21 of them jobs\n$/);
  if (process.platform !== "win32") assert.equal(statSync(at("1.jsonl")).mode & 0o777, 0o600);
  const imported = new Child(t, ["import", "--database", second, "--in", at("1.jsonl")]);
  assert.equal(await imported.exit(), 0, imported.stderr);
  assert.deepEqual(await lookedUpIn(second), expected);

  await posthorn("export", "--database", second, "--out", at("2.jsonl"));
  await posthorn("import", "--database", third, "--in", at("2.jsonl"));
  assert.deepEqual(await lookedUpIn(third), expected);
  await posthorn("export", "--database", third, "--out", at("3.jsonl"));
  assert.deepEqual(recordsIn(at("2.jsonl")), recordsIn(at("1.jsonl")));
  assert.deepEqual(recordsIn(at("3.jsonl")), recordsIn(at("1.jsonl")));
  const password = new URL(second).password;
  assert.ok(!readFileSync(at("2.jsonl"), "utf8").includes(password));
});

test("killed in the middle, export and import continue where they stopped", async (t) => {
  const at = places(t);
  const [from, to] = [at("from.db"), await postgres.newDatabase()];
  const jobs = newJobs(3_000, { payload: JSON.stringify("x".repeat(5_000)) });
  await using(from, (store) => enqueue(store, jobs));

  const exporting = new Child(t, ["export", "--database", from, "--out", at("jobs.jsonl")]);
  await exporting.shows("stderr", /exported \d+ of 3000/);
  exporting.process.kill("SIGKILL");
  await exporting.exit();
  // wherever it was: in the middle of a line
  truncateSync(at("jobs.jsonl"), Math.floor(statSync(at("jobs.jsonl")).size / 2) - 7);
  const cut = await ran(["import", "--database", to, "--in", at("jobs.jsonl")]);
  assert.equal(cut.code, 1);
  assert.match(cut.stderr, /jobs\.jsonl ends before its last line: .* finish the export, and import again/);
  await posthorn("export", "--database", from, "--out", at("jobs.jsonl"));

  const importing = new Child(t, ["import", "--database", to, "--in", at("jobs.jsonl")]);
  await importing.shows("stderr", /imported \d+ of 3000/);
  importing.process.kill("SIGKILL");
  await importing.exit();
  const { read, added, present } = JSON.parse(
    await posthorn("import", "--database", to, "--in", at("jobs.jsonl"), "--json"),
  );
  assert.deepEqual([read, added + present], [3_000, 3_000]);
  assert.ok(present > 0);
  assert.equal(
    JSON.parse(await posthorn("import", "--database", to, "--in", at("jobs.jsonl"), "--json")).added,
    0,
  );
  await using(to, async (store) => {
    assert.equal((await store.transfer.counts()).job, 3_000);
    assert.equal((await claim(store, { limit: 4_000 })).length, 3_000);
  });
});

test("an import continues by itself after the database has kept it waiting for too long", async (t) => {
  const at = places(t);
  const [from, to] = [at("from.db"), await postgres.newDatabase()];
  await using(from, (store) => enqueue(store, newJobs(3)));
  await posthorn("export", "--database", from, "--out", at("jobs.jsonl"));
  await using(to, (store) => store.transfer.counts());
  const [client, watching] = [await connectForTest(t, to), await connectForTest(t, to)];
  await client.query("begin; lock table posthorn.jobs in exclusive mode");

  const importing = new Child(t, ["import", "--database", to, "--in", at("jobs.jsonl")]);
  const waiting = "from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  const waitsSince = async (begun: string) =>
    (await watching.query(`select 1 ${waiting} and xact_start > $1`, [begun])).rows.length === 1;
  await until("it waits", () => waitsSince("-infinity"));
  // as its own time limit would, after five seconds
  const { rows } = await watching.query(`select xact_start::text, pg_cancel_backend(pid) ${waiting}`);
  await until("it tries again", () => waitsSince(rows[0].xact_start));
  await client.query("rollback");
  assert.equal(await importing.exit(), 0, importing.stderr);
  assert.match(importing.stdout, /^3 records imported/);
});

test("an export that was cut off anywhere is completed to the same file", async (t) => {
  const at = places(t);
  const database = at("jobs.db");
  await using(database, async (store) => {
    await fillWithEverything(store);
    await store.workers.retire(ITS_WORKER.id, NOW);
  });
  const whole = at("whole.jsonl");
  await posthorn("export", "--database", database, "--out", whole);
  const bytes = readFileSync(whole);
  const ends = [...bytes.entries()].filter(([, byte]) => byte === 0x0a).map(([place]) => place);
  const cuts = [0, 1, 30, ...ends.slice(0, -1).flatMap((end) => [end, end + 1, end + 9])];
  for (const cut of cuts.filter((place) => place < (ends.at(-1) ?? 0))) {
    const file = at(`cut-${cut}.jsonl`);
    writeFileSync(file, bytes.subarray(0, cut));
    await posthorn("export", "--database", database, "--out", file);
    assert.deepEqual(recordsIn(file), recordsIn(whole), `cut at ${cut}`);
  }
});

test("an export of the format's first version is imported as well, and is not continued", async (t) => {
  const at = places(t);
  const job = newJob({ runAt: NOW });
  const attempt = { n: 1, outcome: "failed", started_at: NOW, duration_ms: 5, error: "it broke" };
  const record = {
    ...{
      kind: "job",
      id: job.id,
      task: job.task,
      lane: job.lane,
      priority: 0,
      options: "{}",
      payload: "null",
    },
    ...{ max_attempts: 3, created_at: NOW, ties: null, status: "succeeded", attempts: 2, started_at: NOW },
    ...{
      failures: 0,
      losses: 0,
      run_at: null,
      finished_at: NOW,
      expires_at: null,
      result: "{}",
      error: null,
    },
    ...{ began_at: NOW, duration_ms: 7, http_status: 204, response: "thanks" },
    history: [{ ...attempt, http_status: 503, response: "busy" }],
  };
  const counts = { secret: 0, api_key: 0, group: 0, idempotency_key: 0, job: 1, schedule: 0 };
  const header = {
    format: "posthorn-export",
    version: 1,
    source: "a",
    exported_at: "",
    posthorn: "0.1.0",
    counts,
  };
  const lines = [header, record, { kind: "end", counts }].map((line) => JSON.stringify(line));
  writeFileSync(at("first.jsonl"), `${lines.join("\n")}\n`);
  await posthorn("import", "--database", at("a.db"), "--in", at("first.jsonl"));
  const { attempts } = await lookedUpIn(at("a.db"));
  assert.deepEqual(
    attempts[job.id]?.map(({ n, code, excerpt }) => [n, code, excerpt]),
    [
      [2, 204, "thanks"],
      [1, 503, "busy"],
    ],
  );
  const { code, stderr } = await ran(["export", "--database", at("a.db"), "--out", at("first.jsonl")]);
  assert.equal(code, 1);
  assert.match(stderr, /holds an export that an older Posthorn wrote \(format 1; this one writes 2\)/);
});

test("an export goes through a pipe, from standard output to standard input", async (t) => {
  const at = places(t);
  await using(at("a.db"), (store) => enqueue(store, newJobs(3)));
  const { stdout, stderr } = await ran(["export", "--database", at("a.db"), "--out", "-"]);
  assert.match(stderr, /3 records exported, 3 of them jobs\n$/);
  const imported = await ran(["import", "--database", at("b.db"), "--in", "-"], {}, stdout);
  assert.match(imported.stdout, /^3 records imported into \S+b\.db\n$/);
  assert.deepEqual(await lookedUpIn(at("b.db")), await lookedUpIn(at("a.db")));
});

test("a file that an export may not touch stays as it is", async (t) => {
  const at = places(t);
  await using(at("a.db"), (store) => enqueue(store, newJobs(1)));
  await using(at("b.db"), (store) => enqueue(store, newJobs(1)));
  writeFileSync(at("letter.txt"), "Dear reader");
  writeFileSync(at("data.jsonl"), '{"a":1}\n{"b":2}\n');
  await posthorn("export", "--database", at("a.db"), "--out", at("whole.jsonl"));
  const begun = readFileSync(at("whole.jsonl"), "utf8").split("\n").slice(0, 2).join("\n");
  writeFileSync(at("begun.jsonl"), `${begun}\n`);
  const cases: [file: string, database: string, sentence: RegExp][] = [
    ["letter.txt", "a.db", /letter\.txt exists, and is not an export/],
    ["data.jsonl", "a.db", /data\.jsonl is not an export of Posthorn/],
    ["whole.jsonl", "a.db", /already holds a whole export \(of \S+a\.db, begun at \S+Z\); name another/],
    ["begun.jsonl", "b.db", /holds the beginning of an export of \S+a\.db, not of \S+b\.db/],
  ];
  mkdirSync(at("folder"));
  for (const special of [at("folder"), "/dev/null", "/dev/zero"].filter((path) => existsSync(path))) {
    const { code, stderr } = await ran(["export", "--database", at("a.db"), "--out", special]);
    assert.deepEqual([code, /is not a regular file; .*--out -/.test(stderr)], [1, true], special);
  }
  for (const [file, database, sentence] of cases) {
    const before = readFileSync(at(file));
    const { code, stderr } = await ran(["export", "--database", at(database), "--out", at(file)]);
    assert.equal(code, 1);
    assert.match(stderr, sentence);
    assert.deepEqual(readFileSync(at(file)), before);
  }
});

test("what cannot be imported is reported by its line, and never shown", async (t) => {
  const at = places(t);
  await using(at("a.db"), (store) => enqueue(store, [newJob({ payload: '"s3cret"' })]));
  await posthorn("export", "--database", at("a.db"), "--out", at("a.jsonl"));
  const [header = "", job = ""] = readFileSync(at("a.jsonl"), "utf8").split("\n");
  const cases: [text: string, sentence: RegExp][] = [
    ["", /is empty/],
    ["s3cret\n", /is not an export of Posthorn/],
    [`${header.replace('"version":2', '"version":3')}\n`, /was written by a newer Posthorn \(\S+, format 3;/],
    [`${header}\ns3cret\n`, /line 2 of \S+ is not a record of an export/],
    [`${header}\n${job.replace('"task":"mail.send"', '"task":7')}\n`, /line 2 of \S+ is a job .*: task: /],
    [
      `${header}\n${job.replace(/"id":"[^"]+"/, '"id":"1"')}\n`,
      /line 2 of \S+ is a job .*: id: is not a job id/,
    ],
    [
      `${header}\n${job}\n{"kind":"end","counts":${JSON.stringify({ ...JSON.parse(header).counts, job: 2 })}}\n`,
      /has lost lines/,
    ],
  ];
  for (const [text, sentence] of cases) {
    writeFileSync(at("wrong.jsonl"), text);
    const { code, stderr } = await ran(["import", "--database", at("b.db"), "--in", at("wrong.jsonl")]);
    assert.equal(code, 1);
    assert.match(stderr, sentence);
    assert.ok(!stderr.includes("s3cret"), stderr);
  }
  assert.match(
    (await ran(["import", "--in", at("nowhere")])).stderr,
    /there is no file \S+nowhere to import/,
  );
});

test("a record that could not be read later is refused by its field, and nothing of it is kept", async (t) => {
  const at = places(t);
  const nightly = {
    name: "nightly",
    cron: "0 3 * * *",
    timeZone: "UTC",
    missed: "skip",
    nextAt: null,
  } as const;
  const made = { task: "clean", lane: "clean", priority: 0, options: "{}", payload: "null", maxAttempts: 1 };
  await using(at("a.db"), async (store) => {
    await enqueue(store, [newJob()]);
    await store.schedules.declare({ ...nightly, job: made });
    await store.secrets.putOnce("webhook-signing", SEALED);
    const tenant = newTenant();
    await store.tenants.create(tenant);
    await store.endpoints.create(newEndpoint(tenant.id));
  });
  await posthorn("export", "--database", at("a.db"), "--out", at("a.jsonl"));
  const lines = readFileSync(at("a.jsonl"), "utf8").split("\n");
  const [header = ""] = lines;
  const [secret = "", tenant = "", endpoint = "", job = "", schedule = ""] = [
    "secret",
    "tenant",
    "endpoint",
    "job",
    "schedule",
  ].map((kind) => lines.find((line) => line.startsWith(`{"kind":"${kind}"`)) ?? "");
  const cases: [line: string, field: string, value: unknown][] = [
    [tenant, "metadata", "[5]"],
    [tenant, "limits", '{"rate":5}'],
    [endpoint, "event_types", "5"],
    [endpoint, "channels", '{"a":1}'],
    [endpoint, "filter", "[]"],
    [endpoint, "auth", '{"kind":"mtls","sealed":"x"}'],
    [endpoint, "auth", '{"kind":"bearer","sealed":""}'],
    [endpoint, "secrets", ""],
    [endpoint, "headers", "v1."],
    [secret, "sealed", ""],
    [endpoint, "retry", "null"],
    [endpoint, "verification", "{}"],
    [job, "payload", "{nope"],
    [job, "result", "{{"],
    [job, "options", "5"],
    [job, "ties", '{"key":5}'],
    [job, "max_attempts", 0],
    [job, "priority", 2 ** 31],
    ...["created_at", "started_at", "run_at", "finished_at", "expires_at", "scheduled_for"].flatMap((field) =>
      [8.64e15 + 1, -8.64e15 - 1].map((ms): [string, string, number] => [job, field, ms]),
    ),
    [schedule, "job", "{}"],
    [schedule, "job", JSON.stringify({ ...made, payload: "{" })],
    [schedule, "cron", "sometimes"],
    [schedule, "time_zone", "Europe/Atlantis"],
  ];
  for (const [line, field, value] of cases) {
    writeFileSync(
      at("wrong.jsonl"),
      `${header}\n${JSON.stringify({ ...JSON.parse(line), [field]: value })}\n`,
    );
    const { code, stderr } = await ran(["import", "--database", at("b.db"), "--in", at("wrong.jsonl")]);
    assert.equal(code, 1, `${field}: ${value}`);
    assert.match(
      stderr,
      new RegExp(`line 2 of .* cannot be read: (${field}|it): |cron expression`),
      `${value}`,
    );
  }
  const counts = await using(at("b.db"), (store) => store.transfer.counts());
  assert.deepEqual([counts.job, counts.schedule], [0, 0]);
});

test("a database in use takes no import that would confuse it", async (t) => {
  const at = places(t);
  await using(at("a.db"), async (store) => {
    await store.secrets.putOnce("webhook-signing", SEALED);
    await enqueue(store, newJobs(1));
  });
  await posthorn("export", "--database", at("a.db"), "--out", at("a.jsonl"));
  const importInto = (database: string) => ran(["import", "--database", at(database), "--in", at("a.jsonl")]);

  await using(at("started.db"), (store) => store.secrets.putOnce("webhook-signing", "v1.other"));
  assert.match((await importInto("started.db")).stderr, /has a secret "webhook-signing" of its own already/);

  const createdAt = NOW + 3_600 * SECOND;
  await using(at("younger.db"), (store) => enqueue(store, [newJob({ createdAt })], createdAt));
  assert.match(
    (await importInto("younger.db")).stderr,
    /holds jobs that are newer than the ones to be imported/,
  );

  await using(at("worked.db"), (store) =>
    store.workers.announce({ ...ITS_WORKER, deadline: Date.now() + 60_000 }),
  );
  assert.match(
    (await importInto("worked.db")).stderr,
    /a worker runs jobs of .* --live: imported jobs then run/,
  );
  await posthorn("import", "--database", at("worked.db"), "--in", at("a.jsonl"), "--live");
});
