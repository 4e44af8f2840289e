import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { StoreUnavailableError } from "../src/core/errors.ts";
import { createApp } from "../src/http/app.ts";
import { Instrument } from "../src/observe/instrument.ts";
import { overlaid } from "../src/store/overlaid-store.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import type { LeasedJob } from "../src/store/queue.ts";
import type { Store } from "../src/store/store.ts";
import { storeOf } from "../src/store/store-of.ts";
import { RECORD_KINDS, type RecordTypes, recordKey } from "../src/store/transfer.ts";
import { EraseTenantTask, eraseTenantJob } from "../src/webhooks/tenants/erase-tenant-task.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

const postgres = scratchServer();

/** Everything that an export would hold. */
async function everythingIn(store: Store): Promise<string> {
  let text = "";
  for (const kind of RECORD_KINDS)
    for (let after: string | null = null; ; ) {
      const records: readonly RecordTypes[typeof kind][] = await store.transfer.page(kind, after, 500);
      const last = records.at(-1);
      if (!last) break;
      text += records.map((record) => JSON.stringify(record, asText)).join("\n");
      after = recordKey(kind, last);
    }
  return text;
}

/** Payloads of events are base64 in an export. */
function asText(name: string, value: unknown): unknown {
  return name === "payload" && typeof value === "string" ? `${value} ${Buffer.from(value, "base64")}` : value;
}

async function tenants(t: TestContext, database: string) {
  const receiver = await Receiver.start(t, (delivery) => {
    const body = `an answer for ${/"(\w+)-payload"/.exec(delivery.text)?.[1]}`;
    delivery.answer(delivery.path.includes("fails") ? 410 : 200, body);
  });
  const posthorn = await open(t, {
    database,
    allowTargets: ["127.0.0.1"],
    masterKey: Buffer.alloc(32, 7).toString("base64"),
  });
  const { webhooks, keys } = posthorn;
  for (const name of ["acme", "other"]) {
    await webhooks.tenants.create({ uid: name, name: `${name}-named`, metadata: { of: `${name}-metadata` } });
    const made = [];
    for (const path of ["works", "fails", "paused"]) {
      const url = `${receiver.url}/${name}-${path}`;
      made.push((await webhooks.endpoints.create(name, { url, description: `${name}-described` })).endpoint);
    }
    const [, , paused] = made;
    await webhooks.endpoints.pause(name, paused?.id ?? "");
    await webhooks.send({
      tenant: name,
      type: "a",
      payload: `${name}-payload`,
      tags: [`${name}-tag`],
      eventId: `${name}-event`,
    });
    await keys.create({ name: `${name}-key`, role: "send", tenant: name });
    await webhooks.portal.create(name);
  }
  await until("all that can be sent is sent", async () => {
    const done = await posthorn.jobs.list({ status: "succeeded" });
    const failed = await posthorn.jobs.list({ status: "failed" });
    return done.length === 2 && failed.length === 2;
  });
  return { posthorn, store: storeOf(posthorn), receiver };
}

const TRACES = (name: string) => [
  ...["named", "metadata", "works", "fails", "paused", "described", "payload", "tag", "event", "key"].map(
    (what) => `${name}-${what}`,
  ),
  `an answer for ${name}`,
];

for (const [kind, make] of [
  ["SQLite", async () => scratchDatabase()],
  ["PostgreSQL", () => postgres.newDatabase()],
] as const)
  test(`${kind}: what is kept of a tenant is erased, and nothing of others`, async (t) => {
    const { posthorn, store } = await tenants(t, await make());
    const before = await everythingIn(store);
    const found = (text: string, name: string) => TRACES(name).filter((trace) => text.includes(trace));
    for (const name of ["acme", "other"]) assert.deepEqual(found(before, name), TRACES(name));
    const { id } = await posthorn.webhooks.tenants.get("acme");
    const counts = { tenantId: id, events: 1, deliveries: 3, endpoints: 3, keys: 1, sessions: 2 };
    const app = createApp(posthorn, { access: { mode: "dev" }, clock: posthorn.clock });
    const ask = (dryRun: boolean | undefined) =>
      app.fetch(
        new Request("http://127.0.0.1/tenants/acme/erase", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ dry_run: dryRun }),
        }),
      );

    const failures = async () =>
      (await store.failureGroups.list({ limit: 10 })).rows.map(({ tenant }) => tenant);
    await until("what failed is counted", async () => (await failures()).length === 2);

    const tried = await posthorn.webhooks.tenants.erase("acme", { dryRun: true });
    assert.deepEqual(tried, { ...counts, sessions: tried.sessions, jobId: null });
    assert.ok(tried.sessions > 0);
    assert.equal((await ask(undefined)).status, 422);
    assert.equal((await ask(true)).status, 200);
    assert.deepEqual(found(await everythingIn(store), "acme"), TRACES("acme"), "a dry run erases nothing");

    const filter = { tenant: "acme", tag: "acme-tag" };
    const { run } = await posthorn.bulk.start({
      action: "redeliver",
      filter,
      note: "acme-note",
      startsIn: 0,
    });
    await until("its bulk run has ended", async () => (await posthorn.bulk.get(run.id)).endedAt !== null);

    const { run: waiting } = await posthorn.bulk.start({ action: "redeliver", filter, startsIn: "1h" });

    const erasing = await ask(false);
    assert.equal(erasing.status, 202);
    const { job_id: jobId } = (await erasing.json()) as { job_id: string };
    assert.equal((await posthorn.jobs.waitUntilEnded(jobId, "60s")).status, "succeeded");
    const after = await everythingIn(store);
    assert.deepEqual(found(after, "other"), TRACES("other"));
    const audited = after.split("\n").filter((line) => line.includes('"action"'));
    const rest = after.split("\n").filter((line) => !line.includes('"action"'));
    assert.deepEqual(found(rest.join("\n"), "acme"), []);
    for (const each of [run, waiting])
      await assert.rejects(posthorn.bulk.get(each.id), { code: "bulk_run_not_found" });
    assert.ok(
      audited.some((line) => line.includes("tenant.erase")),
      "who erased it, stays",
    );
    const left = await posthorn.webhooks.tenants.erase(id, { dryRun: true });
    assert.deepEqual(left, {
      tenantId: id,
      events: 0,
      deliveries: 0,
      endpoints: 0,
      keys: 0,
      sessions: 0,
      jobId: null,
    });
    assert.equal((await posthorn.keys.list()).length, 1);
    assert.deepEqual(await failures(), [(await posthorn.webhooks.tenants.get("other")).id]);
  });

test("an interrupted erasure continues where it stopped", async (t) => {
  const { posthorn, store: real } = await tenants(t, scratchDatabase());
  const { id } = await posthorn.webhooks.tenants.get("acme");
  let breaks = 2;
  const store = overlaid(real, {
    erasure: {
      forgetEndpoint: async (tenant, endpoint) => {
        await real.erasure.forgetEndpoint(tenant, endpoint);
        if (breaks-- > 0) throw new StoreUnavailableError("it went away");
      },
    },
  });
  let now = Date.now();
  const clock = { ...posthorn.clock, now: () => now };
  const task = new EraseTenantTask({ store, clock, instrument: new Instrument() });
  const job = { ...eraseTenantJob(id, now), attempts: 1 } as unknown as LeasedJob; // of which it reads the payload
  const run = () => task.run(job, { signal: new AbortController().signal } as never); // and nothing else of the context
  assert.equal((await run()).kind, "snoozed", "others may not know yet that the tenant is gone");
  now += 10_000;
  for (let n = 0; n < 2; n++) await assert.rejects(run(), /it went away/);
  assert.equal((await run()).kind, "succeeded");
  const { endpoints, events } = await real.erasure.counts(id, 10);
  assert.deepEqual([endpoints, events], [0, 0]);
  assert.equal((await run()).kind, "succeeded", "and once more, it finds nothing");
});
