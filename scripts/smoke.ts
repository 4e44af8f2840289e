/**
 * The package as its users get it: packed, installed from the tarball into an empty folder, run on every Node that it
 * must run on. Each run uses the library, its threads and its test kit, delivers one webhook and runs one task through the real
 * command, and stops it with SIGTERM.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, realpath, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BUNDLERS } from "./ecosystem/bundlers.ts";
import { RUNTIMES } from "./ecosystem/runtimes.ts";
import { Workshop } from "./ecosystem/workshop.ts";
import { emptyPackage, npm, pack } from "./packed.ts";
import { run, start } from "./processes.ts";

// The Node that Posthorn is developed on, and the oldest that package.json's `engines` allows.
const nodeVersions = ["24", "22.18.0"];

const root = join(import.meta.dirname, "..");
const startTimeoutMs = 30_000;
const deliveryTimeoutMs = 30_000;
const stopTimeoutMs = 30_000;
const testTimeoutMs = 60_000;

// What a parser would change: a number past 2^53, a trailing zero, escapes, the order of keys, the space between them.
const payload = String.raw`{"order_id": 9007199254740993, "b": 1.0, "a": "caf\u00e9 \/ ☕", "10": [], "2": null}`;

const temporary = await realpath(await mkdtemp(join(tmpdir(), "posthorn-smoke-")));
process.on("exit", () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }));

const tarball = await pack(root, join(temporary, "pack"));
for (const version of nodeVersions) {
  await smoke(version, tarball, join(temporary, `node-${version}`));
  console.log(`smoke: ok on Node ${version}`);
}
for (const name of ["esbuild", "Node.js 20"]) {
  const cell = [...BUNDLERS, ...RUNTIMES].find((each) => each.name === name);
  assert.ok(cell, `no cell of the ecosystem is called ${name}`);
  console.log(`smoke: ${name}: ${await cell.try(new Workshop(join(temporary, name), tarball))}`);
}

async function smoke(version: string, tarball: string, folder: string): Promise<void> {
  const env = await installNode(version, join(folder, "node"));
  const app = await emptyPackage(join(folder, "app"));
  await npm(["install", tarball], app, env);
  await checkContents(join(app, "node_modules", "posthorn"));

  const node = async (...args: string[]) => run("node", args, { cwd: app, env, timeoutMs: startTimeoutMs });
  const runsOn = (await node("--version")).trim();
  assert.match(runsOn, new RegExp(`^v${version.replaceAll(".", String.raw`\.`)}(?:\\.|$)`));
  // The adapters too: none needs its framework to be there.
  for (const path of ["", "/client", "/express", "/fastify", "/hono", "/node", "/receiver"]) {
    await node("--input-type=module", "--eval", `await import("posthorn${path}");`);
    await node("--eval", `require("posthorn${path}");`);
  }
  await npm(["exec", "--no", "--", "posthorn", "--help"], app, env);

  await cp(join(root, "test/fixtures/test-runners"), app, { recursive: true });
  await run("node", ["--test", "node.spec.js"], { cwd: app, env, timeoutMs: testTimeoutMs });

  await deliverOne(app, env);
}

/** An environment whose `node` is that version, from the npm registry. */
async function installNode(version: string, folder: string): Promise<NodeJS.ProcessEnv> {
  await emptyPackage(folder);
  // Its install script brings the binary.
  await npm(["install", "--dangerously-allow-all-scripts", `node@${version}`], folder, process.env);
  const path = [join(folder, "node_modules", ".bin"), process.env.PATH].join(delimiter);
  return { ...process.env, PATH: path };
}

/** The files that are needed are there, and none that only the repository needs. */
async function checkContents(installed: string): Promise<void> {
  const files = await filesIn(installed);
  for (const name of [
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
    "dist/cli/main.js",
    "dist/posthorn.js",
    "dist/posthorn.d.ts",
    "dist/testing/testing.js",
    "dist/testing/testing.d.ts",
  ]) {
    assert.ok(files.includes(name), `the package lacks ${name}`);
  }
  const besides = files.filter((name) => name.startsWith("dist/") && !/\.(?:js|d\.ts)$/.test(name));
  assert.deepEqual(besides, [], "the package holds files that no bundler would find by following imports");
  const { exports } = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as Manifest; // ours
  for (const [path, target] of Object.entries(exports)) {
    // The condition is for the repository's own examples, which run from source: nobody else sets it.
    const { "posthorn-source": _, ...conditions } = typeof target === "string" ? { default: target } : target;
    for (const file of Object.values(conditions)) {
      assert.ok(files.includes(file.replace("./", "")), `the package lacks ${file}, its export ${path}`);
    }
  }
  // Source maps too: they would name sources that are not published.
  const unwanted = files.filter((name) =>
    /\.map$|\.test\.|-contract\.|\/test-kit\/|^(?:src|test|scripts|examples)\//.test(name),
  );
  assert.deepEqual(unwanted, [], "the package holds what only the repository needs");
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    );
}

async function deliverOne(app: string, env: NodeJS.ProcessEnv): Promise<void> {
  await using receiver = await startReceiver();
  const database = join(app, "smoke.db");
  const command = join(app, "node_modules", ".bin", "posthorn");
  await writeFile(
    join(app, "tasks.ts"),
    'import { task } from "posthorn";\nexport const double = task<number, number>("double", { run: (n: number) => n * 2 });\n',
  );
  const port = String(await freePort());
  const args = ["serve", "--dev", "--port", port, "--database", database, "--tasks", "tasks.ts"];
  const server = start(command, args, { cwd: app, env });
  try {
    const [url] = await server.prints(/http:\/\/127\.0\.0\.1:\d+/, startTimeoutMs);

    const accepted = await fetch(`${url}/webhooks/deliver`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"target_url": ${JSON.stringify(receiver.url)}, "payload": ${payload}}`,
      signal: AbortSignal.timeout(startTimeoutMs),
    });
    const answer = await accepted.text();
    assert.equal(accepted.status, 202, answer);
    const { job_id, status } = JSON.parse(answer) as Answer; // checked by the next lines
    assert.ok(typeof job_id === "string" && job_id !== "", answer);
    assert.equal(status, "queued", answer);
    assert.equal(accepted.headers.get("location"), `/webhooks/jobs/${job_id}`);

    await jobSucceeds(`${url}/webhooks/jobs/${job_id}`);
    assert.deepEqual(receiver.bodies, [payload], "the receiver got the payload once, as it was written");

    const ran = await fetch(`${url}/tasks/double`, {
      method: "POST",
      headers: { "content-type": "application/json", prefer: "wait=30" },
      body: '{"input": 21}',
      signal: AbortSignal.timeout(startTimeoutMs + deliveryTimeoutMs),
    });
    const doubled = JSON.parse(await ran.text()) as Answer; // any other shape fails in the next line
    assert.deepEqual([ran.status, doubled.result], [200, 42], "a task of the user's own module runs");

    server.signal("SIGTERM");
    assert.deepEqual(
      await server.ended(stopTimeoutMs),
      { code: 0, signal: null },
      "SIGTERM ends the server with 0",
    );
    assert.ok((await stat(database)).size > 0);
  } catch (error) {
    console.error(`posthorn said:\n${server.output()}`);
    throw error;
  } finally {
    server.signal("SIGKILL");
  }
}

interface Answer {
  readonly job_id?: unknown;
  readonly status?: unknown;
  readonly result?: unknown;
}

async function jobSucceeds(url: string): Promise<void> {
  const deadline = Date.now() + deliveryTimeoutMs;
  for (;;) {
    const response = await fetch(url, { signal: AbortSignal.timeout(startTimeoutMs) });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const { status } = JSON.parse(text) as Answer; // any other shape fails below
    if (status === "succeeded") return;
    assert.ok(status === "queued" || status === "running", text);
    assert.ok(Date.now() < deadline, `the job did not succeed in ${deliveryTimeoutMs} ms: ${text}`);
    await sleep(50);
  }
}

interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly bodies: readonly string[];
}

async function startReceiver(): Promise<Receiver> {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    bodies.push(Buffer.concat(chunks).toString("utf8"));
    response.writeHead(200).end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}/hook`,
    bodies,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  await new Promise((resolve) => server.close(resolve));
  return port;
}
