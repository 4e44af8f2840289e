import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { scratchServer } from "../store/postgres/test-kit/scratch.ts";
import { Child } from "./test-kit/child.ts";
import { ran } from "./test-kit/recorded-io.ts";

const postgres = scratchServer();
const TASKS = fileURLToPath(new URL("./test-kit/example-tasks.ts", import.meta.url));
/** Without it, a key file would be made in the working directory. */
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
  assert.match(await posthorn("workers"), new RegExp(` ${worker.process.pid} +64 `));
  assert.match(await posthorn("schedules", "pause", "nightly"), /is paused/);
  assert.match(await posthorn("enqueue", "tidy-up", "--delay", "1h"), / is queued\n$/);
  for (const process of [server, worker]) {
    process.process.kill("SIGTERM");
    assert.equal(await process.exit(), 0);
    all.push(process.stdout, process.stderr);
  }
  assert.ok(!all.join("").includes(password));
});

test("what is for SQLite files alone is refused for PostgreSQL", async (t) => {
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
  assert.match(server.stderr, /keys create --name first --role admin --database postgres:\/\/127/);
  assert.ok(!server.stderr.includes(new URL(url).password));
});
