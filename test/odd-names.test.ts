import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createApp } from "../src/http/app.ts";
import { InvalidInputError, openPosthorn, silentLog, task } from "../src/posthorn.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";

/** PostgreSQL cannot keep a NUL in a string, and refuses to be asked for one. SQLite does both. */

const postgres = scratchServer();
const echo = task("echo", { run: (input) => input });

async function openOn(t: TestContext, database: string) {
  const masterKey = Buffer.alloc(32, 7).toString("base64");
  const posthorn = await openPosthorn({ database, masterKey, tasks: [echo], worker: false, log: silentLog });
  t.after(() => posthorn.close());
  const app = createApp(posthorn, {
    access: { mode: "dev" },
    maxBodyBytes: 1_000,
    clock: posthorn.clock,
    version: "0.0.0",
  });
  return { posthorn, ask: (path: string, init?: RequestInit) => app.fetch(new Request(path, init)) };
}

const databases: [string, () => Promise<string>][] = [
  ["PostgreSQL", () => postgres.newDatabase()],
  ["SQLite", async () => ":memory:"],
];

for (const [database, make] of databases) {
  test(`on ${database}, a name with a NUL is refused, or names nothing`, async (t) => {
    const { posthorn, ask } = await openOn(t, await make());
    for (const options of [{ key: "a\0b" }, { lane: "a\0b" }])
      await assert.rejects(posthorn.enqueue(echo, 1, options), InvalidInputError);
    const api = "http://127.0.0.1:8000";
    for (const path of ["task", "lane", "key", "group", "fingerprint"].map((name) => `/jobs?${name}=%00`))
      assert.equal((await ask(`${api}${path}`)).status, 200, path);
    assert.equal((await ask(`${api}/groups/grp_%00`)).status, 404);
    for (const [method, path] of [
      ["DELETE", "/schedules/%00"],
      ["POST", "/schedules/%00/pause"],
      ["POST", "/schedules/%00/resume"],
    ] as const)
      assert.equal((await ask(`${api}${path}`, { method })).status, 404, path);
  });

  test(`on ${database}, what stands between two tags is not found as a tag`, async (t) => {
    const { posthorn, ask } = await openOn(t, await make());
    const { jobId } = await posthorn.enqueue(echo, 1, { tags: ["a\\", "b"] });
    const found = (tag: string) =>
      ask(`http://127.0.0.1:8000/jobs?ids=${jobId}&tag=${encodeURIComponent(tag)}`);
    for (const tag of ["a\\", "b"])
      assert.equal(((await (await found(tag)).json()) as { data: unknown[] }).data.length, 1, tag);
    assert.equal((await found(",")).status, 422);
  });

  test(`on ${database}, a condition of a list that nothing can meet is named as a parameter of the query`, async (t) => {
    const { posthorn, ask } = await openOn(t, await make());
    await posthorn.webhooks.tenants.create({ uid: "acme" });
    for (const [path, parameter] of [
      ["/tenants/acme/endpoints?event_type=%2C", "event_type"],
      ["/tenants/acme/attempts?tag=%2C", "tag"],
      ["/jobs?tag=%2C", "tag"],
      ["/webhooks/jobs?tag=%00", "tag"],
      ["/jobs/export?tag=%2C", "tag"],
      ["/webhooks/events?tenant=acme&tag=%2C", "tag"],
      ["/webhooks/events?tenant=acme&channel=%2C", "channel"],
      ["/webhooks/events?tenant=acme&type=%2C", "type"],
    ] as const) {
      const answer = await ask(`http://127.0.0.1:8000${path}`);
      assert.equal(answer.status, 422, path);
      const { errors } = (await answer.json()) as { errors: { parameter?: string }[] };
      assert.deepEqual(
        errors.map((error) => error.parameter),
        [parameter],
        path,
      );
    }
  });
}
