import assert from "node:assert/strict";
import { readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "../../test/support/until.ts";
import type { WorkerAnswer } from "../http/schemas/fleet.ts";
import { openPosthorn } from "../posthorn.ts";
import { connectForTest, scratchServer } from "../store/postgres/test-kit/scratch.ts";
import { Child } from "./test-kit/child.ts";
import { ran } from "./test-kit/recorded-io.ts";
import { temporaryFolder } from "./test-kit/temporary-folder.ts";

const postgres = scratchServer();
const TASKS = fileURLToPath(new URL("./test-kit/example-tasks.ts", import.meta.url));
/** Without it, nothing starts. */
const MASTER_KEY = Buffer.alloc(32, 7).toString("base64");

test("the whole command line works on PostgreSQL, and shows no password", async (t) => {
  const url = await postgres.newDatabase();
  const password = new URL(url).password;
  const env = { POSTHORN_DATABASE: url, POSTHORN_TASKS: TASKS, POSTHORN_MASTER_KEY: MASTER_KEY };
  const all: string[] = [];
  const posthorn = async (...argv: string[]) => {
    const { code, stdout, stderr } = await ran(argv, env);
    all.push(stdout, stderr);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  assert.match(await posthorn("migrate"), /^postgres:\/\/127\.0\.0\.1:\d+\/\S+ is up to date\n$/);
  const server = new Child(t, ["serve", "--dev", "--no-worker", "--port", "0"], env);
  const [, api = ""] = await server.shows("stdout", /docs +(\S+)\/docs/);
  const worker = new Child(t, ["worker"], env);
  await worker.shows("stdout", /tasks +webhook\.deliver, linger, send-receipt, tidy-up/);
  const answer = await fetch(`${api}/tasks/send-receipt`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=60" },
    body: '{"input":{"orderId":"42"}}',
  });
  const { job_id, result } = JSON.parse(await answer.text());
  assert.deepEqual(result, { sent: "42" });

  assert.match(await posthorn("jobs", "list", "--task", "send-receipt"), new RegExp(job_id));
  assert.match(await posthorn("jobs", "show", job_id), /^status +succeeded$/m);
  assert.match(await posthorn("workers"), new RegExp(` ${worker.process.pid} +0 +64 `));
  const workers = async (): Promise<readonly WorkerAnswer[]> =>
    JSON.parse(await posthorn("workers", "--json")).data;
  const [{ worker_id } = assert.fail()] = await workers();
  assert.match(await posthorn("workers", "drain", worker_id), / was asked to drain: /);
  await until("it drains", async () => (await workers()).every(({ draining }) => draining));
  assert.match(await posthorn("workers"), / draining /);
  assert.match(await posthorn("schedules", "pause", "nightly"), /is paused/);
  assert.match(await posthorn("enqueue", "tidy-up", "--delay", "1h"), / is queued\n$/);
  for (const process of [server, worker]) {
    process.process.kill("SIGTERM");
    assert.equal(await process.exit(), 0);
    all.push(process.stdout, process.stderr);
  }
  assert.ok(!all.join("").includes(password));
});

test("no part of a password is shown that has an @ in it, nor of a name that cannot be used", async (t) => {
  const url = new URL(await postgres.newDatabase());
  const administrator = await connectForTest(t, url.href);
  await administrator.query("create role app_for_test superuser login password 'DBPW@SECRET'");
  const database = `postgres://app_for_test:DBPW@SECRET@${url.host}${url.pathname}`;
  const env = { POSTHORN_DATABASE: database, POSTHORN_MASTER_KEY: MASTER_KEY };
  const shown: string[] = [];
  for (const argv of [["migrate"], ["doctor"], ["export", "--out", "-"], ["workers", "--json"], ["secret"]]) {
    const { stdout, stderr } = await ran(argv, env);
    shown.push(stdout, stderr);
  }
  assert.match(shown.join(""), new RegExp(`"source":"postgres://${url.host}/`));
  const server = new Child(t, ["serve", "--dev", "--no-worker", "--port", "0"], env);
  await server.shows("stdout", new RegExp(`data +postgres://${url.host}/`));
  server.process.kill("SIGTERM");
  await server.exit();
  shown.push(server.stdout, server.stderr);

  const wrong = [" postgres://a:SECRET@db/app", "postgress://a:SECRET@db/app", "host=db password=SECRET"];
  for (const name of [...wrong, "postgres://a:1/SECRET@db/app", "postgres://a%3ASECRET%40db/app"]) {
    for (const argv of [
      ["migrate"],
      ["doctor"],
      ["jobs", "list"],
      ["listen", "--port", "0"],
      ["serve", "--dev"],
    ]) {
      const { code, stdout, stderr } = await ran([...argv, "--database", name]);
      assert.equal(code, 1);
      shown.push(stdout, stderr);
    }
    shown.push((await ran(["jobs", "list", `--databse=${name}`])).stderr, (await ran([name])).stderr);
  }
  assert.doesNotMatch(shown.join(""), /DBPW|SECRET/);
});

test("what is only for SQLite files is refused for PostgreSQL", async (t) => {
  const url = await postgres.newDatabase();
  const env = { POSTHORN_DATABASE: url, POSTHORN_MASTER_KEY: MASTER_KEY };
  const server = new Child(t, ["serve", "--dev", "--port", "0", "--max-database-size", "1GiB"], env);
  assert.equal(await server.exit(), 1);
  assert.match(server.stderr, /^posthorn: .*\(--max-database-size\) is for SQLite files; .*\n$/);
});

test("a server on PostgreSQL that holds no key says how to make one, without the password", async (t) => {
  const url = await postgres.newDatabase();
  const server = new Child(t, ["serve", "--port", "0"], { POSTHORN_DATABASE: url });
  assert.equal(await server.exit(), 1);
  assert.match(server.stderr, /^posthorn: postgres:\/\/127\S+ holds no API key/);
  assert.ok(!server.stderr.includes(new URL(url).password));
  const [told] = /keys create .*$/m.exec(server.stderr) ?? [];
  const pasted = (env: NodeJS.ProcessEnv) =>
    new Child(t, [], env, undefined, ["sh", "-c", `exec "$0" "$@" ${told}`]);
  const refused = pasted({});
  assert.notEqual(await refused.exit(), 0);
  assert.match(refused.stderr, /POSTHORN_DATABASE: set it to the connection string of the server/);
  const made = pasted({ POSTHORN_DATABASE: url });
  assert.equal(await made.exit(), 0, made.stderr);
  assert.match(made.stdout, /^phk_/);
});

test("without a master key, servers, workers and the library refuse to start and name the command; dev mode makes a key file", async (t) => {
  const folder = temporaryFolder(t);
  const before = process.cwd();
  process.chdir(folder); // where a key file would be made
  t.after(() => process.chdir(before));
  const url = await postgres.newDatabase();
  const env = { POSTHORN_DATABASE: url };
  const asksForKey = /openssl rand -base64 32/;
  assert.equal((await ran(["keys", "create", "--name", "first", "--role", "admin"], env)).code, 0);
  for (const argv of [["serve", "--port", "0"], ["worker"], ["secret"]]) {
    const { code, stderr } = await ran(argv, env);
    assert.equal(code, 1);
    assert.match(stderr, asksForKey, argv[0]);
  }
  await assert.rejects(openPosthorn({ database: url, worker: false }), asksForKey);
  assert.deepEqual(readdirSync(folder), []);

  const server = new Child(t, ["serve", "--dev", "--no-worker", "--port", "0"], env);
  await server.shows("stdout", /docs +\S+\/docs/);
  assert.deepEqual(readdirSync(folder), ["posthorn.key"]);
  assert.match((await ran(["secret"], env)).stdout, /^whsec_/);
  unlinkSync(join(folder, "posthorn.key"));
  const lost = new Child(t, ["serve", "--dev", "--no-worker", "--port", "0"], env);
  assert.equal(await lost.exit(), 1);
  assert.match(lost.stderr, /is missing.*put it back/);
  assert.deepEqual(readdirSync(folder), []);
});

test("--schema names which of several Posthorns in a database is meant", async (t) => {
  const url = await postgres.newDatabase();
  const env = { POSTHORN_DATABASE: url };
  const posthorn = async (argv: string[], more: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await ran(argv, { ...env, ...more });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  assert.match(await posthorn(["migrate", "--schema", "billing"]), /\?schema=billing is up to date\n$/);
  await posthorn(["keys", "create", "--name", "ours", "--role", "send", "--schema", "billing"]);
  assert.match(await posthorn(["keys", "list"], { POSTHORN_SCHEMA: "billing" }), /ours/);
  assert.doesNotMatch(await posthorn(["keys", "list", "--schema", "shipping"]), /ours/);
  const client = await connectForTest(t, url);
  const { rows } = await client.query("select nspname from pg_namespace where nspname = 'posthorn'");
  assert.deepEqual(rows, [], "the default one was not made");
});

test("--schema is refused for a SQLite file, and where it is not a name", async (t) => {
  const file = join(temporaryFolder(t), "a.db");
  const cases: [string, string, RegExp][] = [
    [file, "billing", /is for PostgreSQL; a SQLite file holds one Posthorn/],
    [
      "postgres://127.0.0.1:1/app",
      "Not A Name",
      /schema .* is "Not A Name"; it takes a name of 1 to 63 characters/,
    ],
  ];
  for (const [database, schema, sentence] of cases) {
    const { code, stderr } = await ran(["jobs", "list", "--database", database, "--schema", schema]);
    assert.equal(code, 1);
    assert.match(stderr, sentence);
  }
  await assert.rejects(openPosthorn({ database: file, schema: "billing" }), /is for PostgreSQL/);
});
