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
    for (const path of ["task", "lane", "key", "tag", "group", "fingerprint"].map(
      (name) => `/jobs?${name}=%00`,
    ))
      assert.equal((await ask(`${api}${path}`)).status, 200, path);
    assert.equal((await ask(`${api}/groups/grp_%00`)).status, 404);
    for (const [method, path] of [
      ["DELETE", "/schedules/%00"],
      ["POST", "/schedules/%00/pause"],
      ["POST", "/schedules/%00/resume"],
    ] as const)
      assert.equal((await ask(`${api}${path}`, { method })).status, 404, path);
  });
}
