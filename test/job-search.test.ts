import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Keys, type NewKey } from "../src/access/keys.ts";
import { temporaryFolder } from "../src/cli/test-kit/temporary-folder.ts";
import { systemClock } from "../src/core/clock.ts";
import { createApp } from "../src/http/app.ts";
import { task } from "../src/posthorn.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { storeOf } from "../src/store/store-of.ts";
import { MASTER_KEY } from "./support/endpoints.ts";
import { open } from "./support/posthorn.ts";

const TARGET = "http://127.0.0.1:9/";

const server = scratchServer();

/** A file is searched in a thread, what is in memory or in PostgreSQL is not. */
for (const kind of ["memory", "a file", "PostgreSQL"])
  test(`jobs are found, and exported, by what is in them, over HTTP within the filter, the key's reach and what it is shown: ${kind}`, async (t) => {
    const file = kind === "a file" ? join(temporaryFolder(t), "jobs.db") : ":memory:";
    const database = kind === "PostgreSQL" ? await server.newDatabase() : file;
    const greet = task<{ name: string }>("greet", { run: async () => {} });
    const posthorn = await open(t, {
      ...{ database, worker: false, allowTargets: ["127.0.0.1"], masterKey: MASTER_KEY },
      tasks: [greet],
    });
    const keys = new Keys(storeOf(posthorn).keys, systemClock);
    const app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
    const { webhooks } = posthorn;
    await webhooks.endpoints.create("acme", { url: TARGET });
    await webhooks.endpoints.create("other", { url: TARGET });
    await webhooks.send({ tenant: "acme", type: "a", payload: { order: 42, password: "hunter2" } });
    await webhooks.send({ tenant: "other", type: "a", payload: { order: 42 } });
    await webhooks.deliver({ targetUrl: TARGET, payload: { order: 42, note: "order-42 مرحبا 🎺" } });
    await posthorn.enqueue(greet, { name: "order-42" });
    const { id: acme } = await webhooks.tenants.get("acme");

    const answerTo = async (path: string, key: Partial<NewKey>, query: Readonly<Record<string, string>>) => {
      const { token } = await keys.create({ name: "k", role: "read", payloads: "full", ...key });
      return app.fetch(
        new Request(`http://127.0.0.1:8000${path}?${new URLSearchParams(query)}`, {
          headers: { authorization: `Bearer ${token}` },
        }),
      );
    };
    const ask = async (key: Partial<NewKey>, query: Readonly<Record<string, string>>) => {
      const answer = await answerTo("/jobs", key, query);
      return { status: answer.status, ...JSON.parse(await answer.text()) };
    };
    const exported = async (text: string, key: Partial<NewKey>, more: object) => {
      const answer = await answerTo("/jobs/export", key, { text, ...more });
      const lines = (await answer.text()).trimEnd().split("\n");
      return lines.map((line) => JSON.parse(line));
    };
    const count = async (text: string, key: Partial<NewKey> = {}, more = {}) => {
      const { status, data, complete } = await ask(key, { text, ...more });
      assert.deepEqual([status, complete], [200, true], text);
      const end = { end: true, jobs: data.length, next_cursor: null };
      assert.deepEqual(await exported(text, key, more), [...data, end], text);
      return data.length;
    };

    assert.equal(await count("order-42"), 2);
    assert.equal(await count("order-42", {}, { task: "greet" }), 1);
    assert.equal(await count("$.order = 42"), 3);
    assert.equal(await count("مرحبا 🎺"), 1);
    assert.equal(await count("$.order = 42", { tenant: acme }), 1);
    assert.equal(await count("hunter2"), 1);
    assert.equal(await count("hunter2", { payloads: "redacted" }), 0);
    assert.equal(await count("$.order = 42", { payloads: "redacted" }), 3);
    const first = await ask({}, { text: "$.order = 42", limit: "2" });
    const second = await ask({}, { text: "$.order = 42", limit: "2", cursor: first.next_cursor });
    assert.deepEqual([first.data.length, second.data.length, second.next_cursor], [2, 1, null]);
    const firstExported = await exported("$.order = 42", {}, { limit: "2" });
    assert.deepEqual(firstExported.slice(0, 2), first.data);
    const cursor = firstExported.at(-1).next_cursor;
    assert.deepEqual((await exported("$.order = 42", {}, { cursor })).slice(0, -1), second.data);
    const { data: told } = await posthorn.audit.list({ action: "job.export" });
    assert.deepEqual(told[0]?.change.text, [null, "$.order = 42"]);
    const { jobs } = posthorn;
    assert.equal((await jobs.list({ text: "$.order = 42" })).length, 3);
    assert.equal((await jobs.list({ text: "$.order = 42" }, { limit: 2 })).length, 2);
    assert.equal((await jobs.list({ text: "order-42", tasks: ["greet"] }, { limit: 9 }))[0]?.task, "greet");
    const { jobs: found, searchedTo } = await jobs.page({ text: "hunter2" });
    assert.deepEqual([found.length, searchedTo], [1, null]);
    for (const text of ["o", "o".repeat(201)])
      await assert.rejects(jobs.page({ text }), { code: "invalid_input", message: /text.*2 to 200/ });
    assert.equal((await ask({ payloads: "none" }, { text: "order-42" })).status, 422);
    assert.equal((await ask({}, { text: "o" })).status, 422);
    for (const [key, text] of [
      [{ payloads: "none" }, "order-42"],
      [{}, "o"],
    ] as const)
      assert.equal((await answerTo("/jobs/export", key, { text })).status, 422);
  });
