import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "../test-kit/child.ts";
import { ran } from "../test-kit/recorded-io.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";

const TASKS = fileURLToPath(new URL("../test-kit/example-tasks.ts", import.meta.url));

function databaseOf(t: TestContext): string {
  return join(temporaryFolder(t), "tasks.db");
}

async function working(t: TestContext, database: string, ...flags: string[]): Promise<Child> {
  const worker = new Child(t, ["worker", "--tasks", TASKS, "--database", database, ...flags]);
  await worker.shows(
    "stdout",
    /data +\S+tasks\.db\n +tasks +webhook\.deliver, linger, send-receipt, tidy-up/,
  );
  return worker;
}

async function enqueued(database: string, ...argv: string[]): Promise<string> {
  const { stdout, stderr } = await ran([
    "enqueue",
    ...argv,
    "--tasks",
    TASKS,
    "--json",
    "--database",
    database,
  ]);
  assert.equal(stderr, "");
  return JSON.parse(stdout).job_id;
}

async function shown(database: string, id: string) {
  return JSON.parse((await ran(["jobs", "show", id, "--json", "--database", database])).stdout);
}

async function ask(url: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, {
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

test("a server with --tasks runs what another program asks for by name", async (t) => {
  const database = databaseOf(t);
  const server = new Child(t, ["serve", "--dev", "--port", "0", "--database", database, "--tasks", TASKS]);
  const [, url = ""] = await server.shows("stdout", /(http:\/\/127\.0\.0\.1:\d+)\/docs/);
  await server.shows("stdout", /tasks +linger, send-receipt, tidy-up/);
  const { status, body } = await ask(
    url,
    "/tasks/send-receipt",
    { input: { orderId: "42" } },
    { prefer: "wait=60" },
  );
  assert.deepEqual([status, body.status, body.result], [200, "succeeded", { sent: "42" }]);
  assert.deepEqual(
    (await ask(url, "/schedules")).body.data.map(({ name }: { name: string }) => name),
    ["nightly"],
  );
  assert.deepEqual(
    (await ask(url, "/tasks")).body.data.map(({ name }: { name: string }) => name),
    ["linger", "send-receipt", "tidy-up"],
  );
});

test("a worker runs the jobs that a server without one accepts", async (t) => {
  const database = databaseOf(t);
  const server = new Child(t, [
    "serve",
    "--dev",
    "--no-worker",
    "--port",
    "0",
    "--database",
    database,
    "--tasks",
    TASKS,
  ]);
  const [, url = ""] = await server.shows("stdout", /(http:\/\/127\.0\.0\.1:\d+)\/docs/);
  const worker = await working(t, database);
  const asked = { input: { orderId: "7" } };
  const { status, body } = await ask(url, "/tasks/send-receipt", asked, { prefer: "wait=60" });
  assert.deepEqual([status, body.result], [200, { sent: "7" }]);
  const workers = (await ask(url, "/workers")).body.data;
  assert.deepEqual(
    workers.map(({ pid }: { pid: number }) => pid),
    [worker.process.pid],
  );
  const listed = await ran(["workers", "--database", database]);
  assert.match(
    listed.stdout,
    new RegExp(
      `^WORKER +HOST +PID +RUNNING +CONCURRENCY .*\\n${workers[0].worker_id} +\\S+ +${worker.process.pid} +0 +64 `,
    ),
  );
});

test("what enqueue puts there, a worker runs; stopping, it waits for what runs and exits with 0", async (t) => {
  const database = databaseOf(t);
  const id = await enqueued(database, "linger");
  assert.equal((await shown(database, id)).status, "queued");
  const worker = await working(t, database, "--concurrency", "1");
  await worker.shows("stdout", /lingering/);
  worker.process.kill("SIGTERM");
  assert.equal(await worker.exit(), 0);
  const { status, attempts, result } = await shown(database, id);
  assert.deepEqual([status, attempts, result], ["succeeded", 1, "done after all"]);
});

test("with --json a worker is ready with one line of JSON", async (t) => {
  const database = databaseOf(t);
  const worker = new Child(t, ["worker", "--json", "--tasks", TASKS, "--database", database]);
  const [line] = await worker.shows("stdout", /^.*\n/);
  assert.deepEqual(JSON.parse(line), {
    database,
    tasks: ["linger", "send-receipt", "tidy-up"],
    concurrency: 64,
    pid: worker.process.pid,
  });
});

test("enqueue checks the input, honours the key, and says what is wrong", async (t) => {
  const database = databaseOf(t);
  const argv = ["--input", '{"orderId":"42"}', "--key", "receipt:42"];
  const id = await enqueued(database, "send-receipt", ...argv);
  assert.equal(await enqueued(database, "send-receipt", ...argv), id);
  const cases: [string[], RegExp][] = [
    [["send-receipt", "--tasks", TASKS, "--input", '{"orderId":42}'], /^posthorn: orderId: .*string/],
    [["send-receipt", "--tasks", TASKS, "--input", "{orderId: 42}"], /--input is not JSON; write it like/],
    [["send-reciept", "--tasks", TASKS], /unknown task "send-reciept"; available: .*send-receipt/],
    [["send-receipt"], /--tasks <file> \(POSTHORN_TASKS\)/],
    [["send-receipt", "--tasks", "nowhere.ts"], /there is no file \S+nowhere\.ts/],
  ];
  for (const [words, sentence] of cases) {
    const { code, stderr } = await ran(["enqueue", ...words, "--database", database]);
    assert.equal(code, 1);
    assert.match(stderr, sentence);
  }
});

test("tasks list shows what a module's tasks take", async () => {
  const { stdout } = await ran(["tasks", "list", "--tasks", TASKS]);
  assert.match(stdout, /^TASK +ATTEMPTS +TIMEOUT +INPUT\n/);
  assert.match(stdout, /^send-receipt +5 +15m +orderId$/m);
  const { data } = JSON.parse((await ran(["tasks", "list", "--json"], { POSTHORN_TASKS: TASKS })).stdout);
  assert.deepEqual(data[1].input_schema.required, ["orderId"]);
  assert.match((await ran(["tasks", "list"])).stderr, /--tasks <file> \(POSTHORN_TASKS\)/);
});

test("an error that nobody catches ends the process, and its line names the job whose code threw it", async (t) => {
  const tasks = fileURLToPath(new URL("../test-kit/forgetful-tasks.ts", import.meta.url));
  for (const how of ["timer", "promise"]) {
    const database = databaseOf(t);
    const flags = ["--tasks", tasks, "--json", "--database", database];
    await ran(["enqueue", "waits", ...flags]);
    const { stdout } = await ran(["enqueue", "forgets", "--input", JSON.stringify({ how }), ...flags]);
    const worker = new Child(t, ["worker", "--tasks", tasks, "--database", database]);
    assert.equal(await worker.exit(), 1);
    const line = worker.stderr.split("\n").find((text) => text.includes("uncaught error"));
    const { task, job } = JSON.parse(line ?? "");
    assert.deepEqual({ task, job }, { task: "forgets", job: JSON.parse(stdout).job_id });
  }
});
