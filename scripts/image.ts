/**
 * The image of deploy/Containerfile, without a container engine: its files as its steps put them there, run by its own ENTRYPOINT as its own
 * USER, with its own ENV, on a tree that this user cannot write to. A key is made, the HEALTHCHECK is asked, a webhook is delivered, and
 * STOPSIGNAL ends it. Only root can become another user; anyone else runs it as themselves, and is told so.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Image } from "../test/support/containerfile.ts";
import { npm, pack } from "./packed.ts";
import { type RunOptions, run, start } from "./processes.ts";

const timeoutMs = 60_000;
const root = join(import.meta.dirname, "..");
const image = new Image(await readFile(join(root, "deploy/Containerfile"), "utf8"));
const temporary = await realpath(await mkdtemp(join(tmpdir(), "posthorn-image-")));
const app = join(temporary, "app");
const data = join(temporary, "data");
const metricsPort = await freePort();

try {
  await build();
  await use();
  console.log(`image: ok${isRoot() ? "" : "; this is not root, so it did not run as another user"}`);
} finally {
  await rm(temporary, { recursive: true, force: true });
}

async function build(): Promise<void> {
  const packed = await pack(root, join(temporary, "pack"));
  await mkdir(app);
  for (const file of ["package.json", "package-lock.json"]) await cp(join(root, file), join(app, file));
  await npm(["ci", "--omit=dev", "--ignore-scripts"], app, process.env);
  await run("tar", ["--extract", "--file", packed, "--directory", app, "--strip-components=1"], {
    ...{ cwd: app, env: process.env, timeoutMs },
  });
  await mkdir(data);
  if (!isRoot()) return;
  const [uid, gid] = user();
  await chown(data, uid, gid);
  await chmod(temporary, 0o755);
}

async function use(): Promise<void> {
  const said = await run(
    "node",
    [...program(), "keys", "create", "--name", "a", "--role", "admin", "--json"],
    here(),
  );
  const { token } = JSON.parse(said) as { token: string }; // what the command prints; the API refuses anything else
  if (isRoot())
    await assert.rejects(
      run(
        "node",
        ["--eval", `require("node:fs").writeFileSync(${JSON.stringify(join(app, "x"))}, "")`],
        here(),
      ),
      /EACCES/,
    );
  const bodies: string[] = [];
  const receiver = createServer(async (request, response) => {
    for await (const chunk of request) bodies.push(String(chunk));
    response.end();
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const { port } = receiver.address() as AddressInfo; // it listens on TCP
  const args = [
    ...image.command("CMD"),
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--json",
    "--allow-targets",
    "127.0.0.1",
  ];
  const server = start("node", [...program(), ...args], here());
  try {
    const [, url] = await server.prints(/"url":"([^"]+)"/, timeoutMs);
    await health();
    const answer = await fetch(`${url}/webhooks/deliver`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}`, prefer: "wait=30" },
      body: JSON.stringify({ target_url: `http://127.0.0.1:${port}/`, payload: "it works" }),
    });
    assert.match(await answer.text(), /"status":"succeeded"/);
    assert.deepEqual(bodies, ['"it works"']);
    server.signal(image.only("STOPSIGNAL") as NodeJS.Signals); // any other name would be refused
    assert.deepEqual(await server.ended(timeoutMs), { code: 0, signal: null });
    await assert.rejects(health());
  } catch (error) {
    console.error(server.output());
    throw error;
  } finally {
    server.signal("SIGKILL");
    receiver.closeAllConnections();
    receiver.close();
  }
}

/** Fails while the container would not be called healthy. */
async function health(): Promise<void> {
  const [command = "", ...args] = image.command("HEALTHCHECK").map(moved);
  await run(command, args, here());
}

function program(): string[] {
  const [, ...args] = image.command("ENTRYPOINT").map(moved);
  return args;
}

/** A path, or an address, of the container in this machine. */
function moved(text: string): string {
  return text
    .replace(/(^|=)\/app\//g, `$1${app}/`)
    .replace(/(^|=)\/data\//g, `$1${data}/`)
    .replace(/(127\.0\.0\.1|0\.0\.0\.0):9464/, `127.0.0.1:${metricsPort}`);
}

/** As a process in the container; building, the package's own processes have more. */
function here(): RunOptions {
  const own = Object.entries(image.env).map(([name, value]) => [name, moved(value)]);
  const env = { PATH: process.env.PATH, ...Object.fromEntries(own) };
  const [uid, gid] = user();
  return { cwd: data, env, timeoutMs, ...(isRoot() && { uid, gid }) };
}

function user(): [uid: number, gid: number] {
  const [uid = "", gid = ""] = image.only("USER").split(":");
  return [Number(uid), Number(gid)];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  server.close();
  return port;
}
