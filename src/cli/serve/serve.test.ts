import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { VERSION } from "../../version.ts";
import { Child } from "../test-kit/child.ts";
import { ran } from "../test-kit/recorded-io.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";

/** A server in dev mode on a port and a database of its own, once it is ready. */
async function serving(t: TestContext, ...flags: string[]) {
  const database = join(temporaryFolder(t), "posthorn.db");
  const server = new Child(t, ["serve", "--dev", "--port", "0", "--database", database, ...flags]);
  const [, url = ""] = await server.shows("stdout", /(http:\/\/127\.0\.0\.1:\d+)\/docs/);
  return { server, url, database };
}

/** A receiver that leaves its requests unanswered until told. */
async function holdingReceiver(t: TestContext) {
  const held: ServerResponse[] = [];
  const server = createServer((_, response) => void held.push(response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, // it listens on TCP
    requested: once(server, "request"),
    answer: () => held.forEach((response) => void response.end("ok")),
  };
}

async function accepted(url: string, targetUrl: string): Promise<string> {
  const response = await fetch(`${url}/webhooks/deliver`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ target_url: targetUrl, payload: { hello: "world" } }),
  });
  const answer = (await response.json()) as { job_id: string }; // as the API documents it
  assert.equal(response.status, 202, JSON.stringify(answer));
  return answer.job_id;
}

async function jobOf(database: string, id: string) {
  const shown = await ran(["jobs", "show", id, "--json", "--database", database]);
  return JSON.parse(shown.stdout);
}

test("it says where it listens, where the data is, and lines to paste that work", async (t) => {
  const { server, url, database } = await serving(t);
  const [, docs = ""] = await server.shows("stdout", /docs +(\S+)/);
  assert.ok(server.stdout.includes(database));
  assert.equal((await fetch(docs)).status, 200);

  const [, endpoint = "", type = "", body] = await server.shows(
    "stdout",
    /curl -i (\S+) -H '(.*)' -d '(.*)'/,
  );
  const [name = "", value = ""] = type.split(": ");
  const answer = await fetch(endpoint, { method: "POST", headers: { [name]: value }, body: body ?? "" });
  assert.equal(answer.status, 202);
  assert.ok(endpoint.startsWith(url));
  assert.match(server.stdout, /listen --database \S+posthorn\.db/);
  assert.equal(server.stderr.match(/ExperimentalWarning/), null);
});

test("what is delivered is verified by the receiver next to it", async (t) => {
  const { url, database } = await serving(t);
  const receiver = new Child(t, ["listen", "--port", "0", "--json", "--database", database]);
  const [, target = ""] = await receiver.shows("stdout", /"url":"([^"]+)"/);
  const id = await accepted(url, target);
  const [line] = await receiver.shows("stdout", /^.*webhook_id.*$/m);
  const received = JSON.parse(line);
  assert.equal(received.webhook_id, id);
  assert.equal(received.signature, "verified");
  assert.equal(received.body, '{"hello":"world"}');
});

test("with --json it is ready with one line of JSON", async (t) => {
  const database = join(temporaryFolder(t), "posthorn.db");
  const server = new Child(t, ["serve", "--dev", "--json", "--port", "0", "--database", database]);
  const [line] = await server.shows("stdout", /^.*\n/);
  const ready = JSON.parse(line);
  assert.equal(ready.database, database);
  assert.equal((await fetch(`${ready.url}/readyz`)).status, 200);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends an idle server with 0`, async (t) => {
    const { server } = await serving(t);
    server.process.kill(signal);
    assert.equal(await server.exit(), 0);
  });
}

test("the log says which version runs, where, and what was set, without the values", async (t) => {
  const database = join(temporaryFolder(t), "posthorn.db");
  const argv = ["serve", "--dev", "--no-worker", "--database", database];
  const server = new Child(t, argv, { POSTHORN_PORT: "0", POSTHORN_OPERATIONAL_SECRET: "" });
  const [line] = await server.shows("stderr", /\{.*"msg":"started"\}/);
  server.process.kill("SIGKILL");
  const { level, version, store, slots, settings, ...told } = JSON.parse(line);
  assert.deepEqual([level, version, store, slots], ["info", VERSION, "sqlite", 0]);
  assert.deepEqual(settings.sort(), ["--database", "--dev", "--no-worker", "POSTHORN_PORT"]);
  assert.equal(told.database, database);
});

test("a stopping server says what it waits for, waits for it, and keeps the result", async (t) => {
  const { server, url, database } = await serving(t);
  const receiver = await holdingReceiver(t);
  const id = await accepted(url, receiver.url);
  await receiver.requested;
  server.process.kill("SIGTERM");
  await server.shows("stderr", /"running":1,"drainTimeoutMs":30000,"msg":"waiting for running jobs/);
  receiver.answer();
  assert.equal(await server.exit(), 0);
  assert.equal((await jobOf(database, id)).status, "succeeded");
});

test("a stopping server does not claim to wait for what another process runs", async (t) => {
  const { url, database } = await serving(t);
  const receiver = await holdingReceiver(t);
  await accepted(url, receiver.url);
  await receiver.requested;
  const other = new Child(t, ["serve", "--dev", "--no-worker", "--port", "0", "--database", database]);
  await other.shows("stdout", /\/docs/);
  other.process.kill("SIGTERM");
  assert.equal(await other.exit(), 0);
  assert.match(other.stderr, /"msg":"stopped"/);
  assert.doesNotMatch(other.stderr, /waiting for running jobs/);
});

test("past its drain timeout a stopping server gives the job back, and exits with 0", async (t) => {
  const { server, url, database } = await serving(t, "--drain-timeout", "10ms");
  const receiver = await holdingReceiver(t);
  const id = await accepted(url, receiver.url);
  await receiver.requested;
  server.process.kill("SIGTERM");
  assert.equal(await server.exit(), 0);
  assert.equal((await jobOf(database, id)).status, "queued");
});

for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  test(`a second ${signal} exits at once with ${code}`, async (t) => {
    const { server, url } = await serving(t);
    const receiver = await holdingReceiver(t);
    await accepted(url, receiver.url);
    await receiver.requested;
    server.process.kill(signal);
    await server.shows("stderr", /waiting for running jobs/);
    const pressing = setInterval(() => server.process.kill(signal), 50); // one soon after the first is the same key press
    assert.equal(await server.exit(), code);
    clearInterval(pressing);
  });
}

test("it carries on when nobody reads its output any more", async (t) => {
  const { server, url } = await serving(t);
  server.process.stdout?.destroy();
  server.process.stderr?.destroy();
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  server.process.kill("SIGTERM");
  assert.equal(await server.exit(), 0);
});

test("without --dev it requires a key, and says how to make one", async (t) => {
  const database = join(temporaryFolder(t), "posthorn.db");
  const argv = ["serve", "--port", "0", "--database", database];
  const refused = new Child(t, argv);
  assert.equal(await refused.exit(), 1);
  assert.match(refused.stderr, /keys create --name \S+ --role admin --database \S+posthorn\.db/);
  assert.equal(refused.stdout, "");

  const key = (
    await ran(["keys", "create", "--name", "a", "--role", "admin", "--database", database])
  ).stdout.trim();
  const server = new Child(t, argv);
  const [, url = ""] = await server.shows("stdout", /(http:\/\/127\.0\.0\.1:\d+)\/docs/);
  assert.equal((await fetch(`${url}/webhooks/jobs`)).status, 401);
  const authorization = `Bearer ${key}`;
  assert.equal((await fetch(`${url}/webhooks/jobs`, { headers: { authorization } })).status, 200);
});

test("what keeps it from starting is reported in one sentence, without a stack", async (t) => {
  const folder = temporaryFolder(t);
  const letter = join(folder, "letter.txt");
  writeFileSync(letter, "Dear reader, ".repeat(1_000));
  mkdirSync(join(folder, "folder"));
  const busy = createServer().listen(0, "127.0.0.1");
  t.after(() => busy.close());
  await once(busy, "listening");
  const port = String((busy.address() as AddressInfo).port); // it listens on TCP

  const database = join(folder, "posthorn.db");
  const cases: [string[], RegExp][] = [
    [["--database", database, "--port", port], /port \d+ on 127\.0\.0\.1 is in use; .*--port/],
    [["--database", letter], /letter\.txt is not a SQLite database/],
    [["--database", join(folder, "folder")], /cannot be opened/],
    [["--database", join(folder, "missing", "a.db")], /cannot be opened; its folder must exist/],
    [["--database", database, "--allow-targets", "10.0.0.0/99"], /10\.0\.0\.0\/99/],
    [
      ["--database", database, "--tag", "order"],
      /--tag takes a name and a path, such as order=\$\.data\.id, not order/,
    ],
    [["--database", database, "--tag", "a=$.a", "--tag", "a=$.b"], /--tag is given twice for a/],
    [["--database", database, "--tag", "a=data"], /the path of a must be like \$\.data\.id/],
  ];
  for (const [flags, sentence] of cases) {
    const server = new Child(t, ["serve", "--dev", "--port", "0", ...flags]);
    assert.equal(await server.exit(), 1, flags.join(" "));
    assert.match(server.stderr, /^posthorn: [^\n]*\n$/);
    assert.match(server.stderr, sentence);
  }
});

test("without a worker it accepts, and delivers nothing", async (t) => {
  const { server, url, database } = await serving(t, "--no-worker");
  assert.match(server.stdout, /no worker/);
  const id = await accepted(url, "http://127.0.0.1:9/");
  server.process.kill("SIGTERM");
  assert.equal(await server.exit(), 0);
  const job = await jobOf(database, id);
  assert.deepEqual([job.status, job.attempts], ["queued", 0]);
});
