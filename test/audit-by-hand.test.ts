import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { z } from "zod";
import { type AuditRecord, openPosthorn, schedule, task } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { claimReady, settleAll } from "./support/batches.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";

const BY = { actor: "ana", reason: "asked by mail" };

async function open(t: TestContext, options: Partial<Parameters<typeof openPosthorn>[0]> = {}) {
  const lines: string[] = [];
  const write = (_: object, message: string) => void lines.push(message);
  const posthorn = await openPosthorn({
    ...{ database: ":memory:", worker: false, allowTargets: ["127.0.0.1"] },
    log: { info: write, warn: write, error: write },
    masterKey: Buffer.alloc(32, 7).toString("base64"),
    ...options,
  });
  t.after(() => posthorn.close());
  const told = async () => {
    const { data } = await posthorn.audit.list({ limit: 100 });
    return data.toReversed();
  };
  return { posthorn, told, acted: () => lines.filter((line) => line === "operator action").length };
}

function told({ actor, action, target, note }: AuditRecord) {
  return [actor, action, target, note];
}

test("what somebody erases, tests or sends again is recorded once, and nothing is recorded where nothing was done", async (t) => {
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(200));
  const { posthorn, told: all, acted } = await open(t);
  const { webhooks } = posthorn;
  const { endpoint } = await webhooks.endpoints.create("acme", { url: receiver.url }, BY);
  const { eventId, tenantId } = await webhooks.send({ tenant: "acme", type: "a", payload: { n: 1 } });
  await settleAll(storeOf(posthorn), await claimReady(storeOf(posthorn), 1));
  const { data } = await webhooks.attempts.ofEndpoint("acme", endpoint.id);
  const attempt = data[0]?.id ?? "";
  await webhooks.endpoints.test("acme", endpoint.id, { type: "b" }, BY);
  const idempotency = { scope: "ana", key: "k", fingerprint: "" };
  for (let n = 0; n < 2; n++) await webhooks.redeliver("acme", eventId, endpoint.id, { idempotency, ...BY });
  await webhooks.attempts.erase("acme", attempt, BY);
  for (let n = 0; n < 2; n++) await webhooks.events.erase("acme", eventId, BY);
  await assert.rejects(webhooks.endpoints.test("acme", endpoint.id, { type: "no type!" }, BY));
  await assert.rejects(webhooks.redeliver("acme", eventId, endpoint.id, BY), { code: "event_erased" });
  await webhooks.redeliverMany({}, undefined, BY);
  const entries = (await all()).filter(({ action }) => !/create$/.test(action));
  assert.deepEqual(entries.map(told), [
    ["ana", "endpoint.test", endpoint.id, BY.reason],
    ["ana", "event.redeliver", eventId, BY.reason],
    ["ana", "attempt.erase", attempt, BY.reason],
    ["ana", "event.erase", eventId, BY.reason],
    ["ana", "bulk.start", entries.at(-1)?.target, BY.reason],
  ]);
  for (const { action, tenantId: owner } of entries)
    assert.equal(owner, action === "bulk.start" ? null : tenantId, action);
  assert.equal(acted(), (await all()).length);
});

test("nothing is recorded of a schedule that is declared unchanged or already paused, and never what a schedule's jobs are given", async (t) => {
  const database = scratchDatabase();
  const clean = task("clean", { input: z.string(), run: async () => {} });
  const nightly = (cron: string, input: string) => schedule("nightly", { cron, task: clean, input });
  const first = await open(t, { database, schedules: [nightly("0 3 * * *", "s3cret-1")] });
  await first.posthorn.close();
  const {
    posthorn,
    told: all,
    acted,
  } = await open(t, {
    database,
    schedules: [nightly("0 3 * * *", "s3cret-1")],
  });
  const { schedules } = posthorn;
  await schedules.declare(nightly("0 4 * * *", "s3cret-1"), BY);
  await schedules.declare(nightly("0 4 * * *", "s3cret-2"), BY);
  await schedules.declare(nightly("0 4 * * *", "s3cret-2"), BY);
  for (const verb of ["resume", "pause", "pause", "resume", "resume"] as const)
    await schedules[verb]("nightly", BY);
  const entries = await all();
  assert.deepEqual(
    entries.map(({ actor, action, change }) => [actor, action, change]),
    [
      [
        "library",
        "schedule.create",
        {
          ...{ cron: [null, "0 3 * * *"], timeZone: [null, "UTC"] },
          ...{ missed: [null, "skip"], task: [null, "clean"] },
        },
      ],
      ["ana", "schedule.update", { cron: ["0 3 * * *", "0 4 * * *"] }],
      ["ana", "schedule.update", { job: ["[hidden]", "[hidden]"] }],
      ["ana", "schedule.pause", {}],
      ["ana", "schedule.resume", {}],
    ],
  );
  assert.ok(!JSON.stringify(entries).includes("s3cret"));
  assert.equal(acted(), 4);
});
