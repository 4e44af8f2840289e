import assert from "node:assert/strict";
import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { basename, dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import { openPosthorn, silentLog } from "../src/posthorn.ts";
import { startTestServer } from "../src/store/postgres/test-kit/server.ts";
import { storeOf } from "../src/store/store-of.ts";
import { open } from "./support/posthorn.ts";
import { column, openRaw, scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { underLoad } from "./support/under-load.ts";
import { until } from "./support/until.ts";

/** More than the buffers of a connection hold. */
const FILLER_BYTES = 40_000_000;

/** What backups leave next to a database. */
const leftovers = (database: string) =>
  readdirSync(dirname(database)).filter((name) => /\.(taken|part)-/.test(name));

async function serverWithMuch(t: TestContext) {
  const database = scratchDatabase();
  const server = await Server.start(t, database);
  const raw = openRaw(t, database);
  raw.exec("create table filler (bytes blob)");
  const fill = raw.prepare("insert into filler values (randomblob(1000000))");
  for (let bytes = 0; bytes < FILLER_BYTES; bytes += 1_000_000) fill.run();
  return {
    database,
    server,
    isFree: async () => (await fetch(`${server.url}/backup?dry_run=true`)).status === 204,
  };
}

/** Its answer, of which nothing has been read. */
function asked(t: TestContext, url: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const one = request(url, resolve).once("error", reject);
  one.end();
  t.after(() => one.destroy());
  return promise;
}

test("a backup that is downloaded under load is whole, holds every job that was accepted before, and leaves nothing behind", async (t) => {
  const database = scratchDatabase();
  const server = await Server.start(t, database);
  const { result, before } = await underLoad(t, server, async () => {
    const answer = await fetch(`${server.url}/backup`);
    return { answer, bytes: new Uint8Array(await answer.arrayBuffer()) };
  });
  const { answer, bytes } = result;
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "application/vnd.sqlite3");
  assert.match(answer.headers.get("content-disposition") ?? "", /^attachment; filename="posthorn-\S+Z\.db"$/);
  assert.equal(Number(answer.headers.get("content-length")), bytes.length);

  const file = scratchDatabase();
  writeFileSync(file, bytes);
  const raw = openRaw(t, file);
  assert.deepEqual(column(raw, "pragma integrity_check"), ["ok"]);
  const kept = new Set(column(raw, "select id from jobs"));
  assert.deepEqual(
    before.filter((id) => !kept.has(id)),
    [],
  );
  const { text } = await server.api.ask("GET", "/audit?action=database.backup");
  const [entry] = JSON.parse(text).data;
  assert.deepEqual(
    [entry.actor, entry.target, entry.change.bytes.is, entry.change.jobs.is],
    [...["dev", "database"], ...[bytes.length, kept.size]],
  );
  assert.deepEqual(leftovers(database), []);
});

test("a download whose client goes away leaves nothing behind, while it is made and while it is sent, and another can follow", async (t) => {
  const { database, server, isFree } = await serverWithMuch(t);
  const impatient = request(`${server.url}/backup`).once("error", () => {});
  impatient.end();
  await until("it is being made", () => leftovers(database).length > 0);
  impatient.destroy();
  await until("it was given up", isFree);
  assert.deepEqual(leftovers(database), []);

  const slow = await asked(t, `${server.url}/backup`);
  await new Promise((resolve) => slow.once("readable", resolve));
  assert.deepEqual(leftovers(database), [], "it has lost its name before anybody reads it");
  for (const path of ["/backup", "/backup?dry_run=true"]) {
    const { status, text } = await server.api.ask("GET", path);
    assert.equal(status, 503);
    assert.match(text, /another backup is being made or downloaded/);
  }
  slow.destroy();
  await until("another one can be made", isFree);
  const { text } = await server.api.ask("GET", "/audit?action=database.backup");
  assert.equal(JSON.parse(text).data.length, 1, "what was never sent is not in the audit");
  const whole = await fetch(`${server.url}/backup`);
  assert.ok((await whole.arrayBuffer()).byteLength > FILLER_BYTES);
});

test("what a process left that was killed during a download hinders nobody, and is deleted once it is old", async (t) => {
  const { database, app } = await openHere(t);
  const fresh = `${database}.taken-${process.pid}-1.part-${process.pid}-1`; // a container's processes often have the same id
  const old = [`${database}.taken-1-1`, `${database}.taken-1-2.part-1-1`];
  for (const file of [fresh, ...old]) writeFileSync(file, "half");
  for (const file of old) utimesSync(file, 0, 0);
  const answer = await app.fetch(new Request("http://127.0.0.1/backup"));
  assert.equal(answer.status, 200);
  await answer.arrayBuffer();
  assert.deepEqual(leftovers(database), [basename(fresh)]);
});

test("a download that the database's folder has no place for is refused, and says why", async (t) => {
  const { app } = await openHere(t, join(dirname(scratchDatabase()), `${"long".repeat(55)}.db`));
  const answer = await app.fetch(new Request("http://127.0.0.1/backup"));
  const { status, code, detail } = (await answer.json()) as Record<string, unknown>; // a problem
  assert.deepEqual([status, code], [409, "backup_unavailable"]);
  assert.match(String(detail), /cannot be written \(.*; its folder must exist and be writable/);
});

async function openHere(t: TestContext, database = scratchDatabase()) {
  const posthorn = await open(t, { database, worker: false });
  return { database, app: createApp(posthorn, { access: { mode: "dev" }, clock: systemClock }) };
}

test("a server that stops does not wait for a download", async (t) => {
  const { database, server } = await serverWithMuch(t);
  const slow = await asked(t, `${server.url}/backup`);
  const broken = new Promise((resolve) => slow.once("error", resolve));
  assert.equal(await server.stop(), 0);
  slow.resume();
  assert.match(String(await broken), /aborted/);
  assert.deepEqual(leftovers(database), []);
});

test("a backup is for those who may see every payload, and is not made for another site's page", async (t) => {
  const database = scratchDatabase();
  const posthorn = await open(t, {
    database,
    worker: false,
    masterKey: Buffer.alloc(32, 7).toString("base64"),
  });
  const keys = new Keys(storeOf(posthorn).keys, systemClock);
  const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
  const ask = (path: string, headers: Record<string, string>, method = "GET") =>
    app.fetch(new Request(`http://127.0.0.1${path}`, { method, headers }));
  const holderOf = async (payloads: "full" | "redacted") => {
    const { token } = await keys.create({ name: payloads, role: "admin", payloads });
    return { token, headers: { authorization: `Bearer ${token}` } };
  };
  const { token, headers } = await holderOf("full");
  const limited = await holderOf("redacted");
  for (const path of ["/backup", "/backup?dry_run=true", "/backup?reveal=why"])
    assert.equal((await ask(path, limited.headers)).status, 403, path);
  for (const site of ["cross-site", "same-site"])
    assert.equal((await ask("/backup", { ...headers, "sec-fetch-site": site })).status, 403);
  assert.equal((await ask("/backup?dry_run=perhaps", headers)).status, 422);
  const head = await ask("/backup", headers, "HEAD");
  assert.deepEqual([head.status, head.headers.get("content-type")], [200, "application/vnd.sqlite3"]);

  const own = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
  const init = { method: "POST", headers: own, body: JSON.stringify({ key: token }) };
  const session = await app.fetch(new Request("http://127.0.0.1/console/session", init));
  const cookie = session.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
  const unasked = await ask("/backup", { cookie });
  assert.equal(unasked.status, 403);
  assert.match(await unasked.text(), /\?reveal=REASON/);
  const made = await ask("/backup?reveal=the%20move", { cookie, "sec-fetch-site": "same-origin" });
  assert.equal(made.status, 200);
  await made.arrayBuffer();
  const { data } = await posthorn.audit.list({ action: "database.backup" });
  assert.deepEqual(
    data.map(({ actor, via, note }) => [actor, via, note]),
    [["full", "console", "the move"]],
  );
});

test("a database without a file of its own refuses to be downloaded, and says what to do instead", async (t) => {
  const postgres = await startTestServer();
  t.after(() => postgres.stop());
  const cases = [
    [":memory:", /it has no file to back up/],
    [await postgres.newDatabase(), /pg_dump .*POSTHORN_MASTER_KEY/],
  ] as const;
  for (const [database, sentence] of cases) {
    const masterKey = Buffer.alloc(32, 7).toString("base64");
    const posthorn = await openPosthorn({ ...{ database, masterKey }, worker: false, log: silentLog });
    const app = createApp(posthorn, { access: { mode: "dev" }, clock: systemClock });
    for (const path of ["/backup", "/backup?dry_run=true"]) {
      const answer = await app.fetch(new Request(`http://127.0.0.1${path}`));
      assert.equal(answer.status, 409);
      const { code, detail } = (await answer.json()) as { code: string; detail: string }; // a problem
      assert.equal(code, "backup_unavailable");
      assert.match(detail, sentence);
    }
    await posthorn.close();
  }
});
