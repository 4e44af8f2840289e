import assert from "node:assert/strict";
import { test } from "node:test";
import {
  discard,
  InvalidInputError,
  JobNotFoundError,
  request,
  type SettledGroup,
  type SettledJob,
  TransactionError,
  task,
} from "../src/posthorn.ts";
import { gate, LONG, open } from "./support/posthorn.ts";
import { openRaw, scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

test("at most one live job of a task has a key", async (t) => {
  const { opens, open: letRun } = gate();
  const sync = task<{ account: string }>("sync", { key: ({ account }) => account, run: () => opens });
  const posthorn = await open(t, { tasks: [sync] });
  const first = await posthorn.enqueue(sync, { account: "a" });
  const again = await posthorn.enqueue(sync, { account: "a" });
  const other = await posthorn.enqueue(sync, { account: "b" });
  assert.deepEqual([first.existing, again.existing, other.existing], [false, true, false]);
  assert.equal(again.jobId, first.jobId);
  letRun();
  await posthorn.result(sync, first.jobId, LONG);
  assert.equal((await posthorn.enqueue(sync, { account: "a" })).existing, false);
});

test("lanes, delays and moments are kept with the job", async (t) => {
  const mail = task<{ to: string }>("mail", { lane: ({ to }) => `to ${to}`, delay: "1h", run() {} });
  const posthorn = await open(t, { tasks: [mail] });
  const usual = await posthorn.enqueue(mail, { to: "ann" });
  const job = await posthorn.jobs.get(usual.jobId);
  assert.equal(job.lane, "to ann");
  assert.equal(job.runAt?.getTime(), job.createdAt.getTime() + 3_600_000);
  const runAt = new Date(Date.now() + 7_200_000);
  const moment = await posthorn.enqueue(mail, { to: "ann" }, { runAt });
  assert.equal((await posthorn.jobs.get(moment.jobId)).runAt?.getTime(), runAt.getTime());
  const now = await posthorn.enqueue(mail, { to: "ann" }, { delay: 0 });
  assert.equal((await posthorn.result(mail, now.jobId, LONG)).status, "succeeded");
});

test("of jobs that wait, those of lower priority number run first", async (t) => {
  const order: number[] = [];
  const ranked = task<number>("ranked", { run: (n) => void order.push(n) });
  const database = scratchDatabase();
  const front = await open(t, { database, worker: false });
  const requests = [5, -5, 0].map((n) => request(ranked, n, { priority: n }));
  const { jobIds } = await front.enqueueMany(requests);
  await front.close();
  const posthorn = await open(t, { database, tasks: [ranked], concurrency: 1 });
  for (const id of jobIds) await posthorn.result(ranked, id, LONG);
  assert.deepEqual(order, [-5, 0, 5]);
});

test("onSettled gets what happened to a job, however it ended", async (t) => {
  const settled = new Map<string, SettledJob>();
  const after = task<SettledJob>("after", { run: (end) => void settled.set(end.jobId, end) });
  const work = task<boolean>("work", {
    onSettled: after,
    retry: { attempts: 1 },
    run(works) {
      if (!works) throw new Error("it broke");
      return { done: true };
    },
  });
  const posthorn = await open(t, { tasks: [after, work] });
  const good = await posthorn.enqueue(work, true);
  const bad = await posthorn.enqueue(work, false);
  const never = await posthorn.enqueue(work, true, { delay: "1h" });
  await posthorn.jobs.cancel(never.jobId);
  await until("all are settled", () => settled.size === 3);
  assert.deepEqual(settled.get(good.jobId), {
    jobId: good.jobId,
    task: "work",
    status: "succeeded",
    attempts: 1,
    result: { done: true },
    error: null,
  });
  assert.equal(settled.get(bad.jobId)?.error, "it broke");
  assert.equal(settled.get(never.jobId)?.status, "cancelled");
});

test("a group's onSettled runs once all of its jobs have ended", async (t) => {
  const ends: SettledGroup[] = [];
  const allDone = task<SettledGroup>("all-done", { run: (group) => void ends.push(group) });
  const part = task<number>("part", {
    run: (n) => (n === 3 ? discard("three") : n),
  });
  const posthorn = await open(t, { tasks: [allDone, part] });
  const requests = [1, 2, 3].map((n) => request(part, n));
  const { jobIds, groupId } = await posthorn.enqueueMany(requests, { onSettled: allDone });
  assert.equal(jobIds.length, 3);
  await until("the group is settled", () => ends.length === 1);
  assert.deepEqual(ends, [{ groupId, total: 3, succeeded: 2, failed: 1, cancelled: 0 }]);
  assert.ok(groupId !== undefined && (await posthorn.jobs.group(groupId))?.settledAt);
  const none = await posthorn.enqueueMany([], { onSettled: allDone });
  await until("an empty group is settled too", () => ends.length === 2);
  assert.deepEqual([ends[1]?.groupId, ends[1]?.total], [none.groupId, 0]);
});

test("many jobs are made in one transaction, all or none, and unknown options are refused", async (t) => {
  const posthorn = await open(t, { worker: false });
  const plain = task<number>("plain");
  const { jobIds, groupId } = await posthorn.enqueueMany([1, 2].map((n) => request(plain, n)));
  assert.deepEqual([new Set(jobIds).size, groupId], [2, undefined]);
  assert.deepEqual((await posthorn.enqueueMany([])).jobIds, []);
  const tooMany = Array.from({ length: 10_001 }, () => request(plain, 1));
  await assert.rejects(posthorn.enqueueMany(tooMany), InvalidInputError);
  await assert.rejects(posthorn.enqueueMany([], { onSettle: plain } as object), /onSettle/);
});

test("a job in the caller's own transaction exists once that is committed, and never if it is not", async (t) => {
  const database = scratchDatabase();
  const order = task<number>("order", { run: (n) => n });
  const posthorn = await open(t, { database, tasks: [order] });
  const tx = openRaw(t, database);
  tx.exec("create table orders (id integer primary key)");
  tx.exec("begin immediate");
  tx.exec("insert into orders values (1)");
  const dropped = await posthorn.enqueue(order, 1, { tx });
  tx.exec("rollback");
  await assert.rejects(posthorn.result(order, dropped.jobId), JobNotFoundError);
  tx.exec("begin immediate");
  const kept = await posthorn.enqueue(order, 2, { tx });
  tx.exec("commit");
  assert.equal((await posthorn.result(order, kept.jobId, LONG)).result, 2);
  await assert.rejects(posthorn.enqueue(order, 3, { tx }), TransactionError);
});
