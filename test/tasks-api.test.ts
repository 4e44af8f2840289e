import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { groupAnswer, schedulePage, workerPage } from "../src/http/schemas/fleet.ts";
import { taskPage } from "../src/http/schemas/task.ts";
import { taskAcceptedAnswer, taskJobAnswer, taskJobPage } from "../src/http/schemas/task-job.ts";
import { request, type SettledGroup, schedule, task } from "../src/posthorn.ts";
import { type Answer, type Api, acceptedId, problemOf } from "./support/api.ts";
import { serveHere } from "./support/in-process.ts";
import { until } from "./support/until.ts";

const sendReceipt = task("send-receipt", {
  input: z.object({ orderId: z.string() }),
  retry: { attempts: 1 },
  run: ({ orderId }) => ({ sent: orderId }),
});

async function jobOf(api: Api, id: string) {
  const answer = await api.ask("GET", `/jobs/${id}`);
  assert.equal(answer.status, 200, answer.text);
  return taskJobAnswer.parse(JSON.parse(answer.text));
}

function jobWhen(api: Api, id: string, status: string) {
  return until(`the job is ${status}`, async () => {
    const job = await jobOf(api, id);
    return job.status === status && job;
  });
}

const accepted = (answer: Answer) => taskAcceptedAnswer.parse(JSON.parse(answer.text));

test("a task that a program defines is asked for by name, and its result looked up as JSON", async (t) => {
  const { api } = await serveHere(t, { tasks: [sendReceipt] });
  const described = taskPage.parse(JSON.parse((await api.ask("GET", "/tasks")).text));
  assert.deepEqual(described.data[0]?.input_schema?.required, ["orderId"]);

  const asked = { input: { orderId: "42" }, options: { key: "receipt:42", lane: "customer-7" } };
  const answer = await api.post("/tasks/send-receipt", asked);
  const id = acceptedId(answer);
  assert.equal(answer.headers.get("location"), `/jobs/${id}`);
  const job = await jobWhen(api, id, "succeeded");
  assert.deepEqual(
    [job.task, job.key, job.lane, job.attempts, job.result, job.progress],
    ["send-receipt", "receipt:42", "customer-7", 1, { sent: "42" }, null],
  );
  const ended = await api.post("/tasks/send-receipt", { input: { orderId: "43" } }, { prefer: "wait=60" });
  assert.equal(ended.status, 200, ended.text);
  assert.deepEqual(taskJobAnswer.parse(JSON.parse(ended.text)).result, { sent: "43" });
  assert.equal(problemOf(await api.ask("GET", `/webhooks/jobs/${id}`), 404).code, "job_not_found");
});

test("what does not fit a task's schema is refused before anything is written", async (t) => {
  const { api } = await serveHere(t, { tasks: [sendReceipt] });
  const wrong = await api.post("/tasks/send-receipt", { input: { orderId: 42 }, options: { colour: "red" } });
  assert.deepEqual(
    problemOf(wrong, 422).errors?.map(({ pointer }) => pointer),
    ["/options/colour"],
  );
  const misfit = await api.post("/tasks/send-receipt", { input: { orderId: 42 } });
  assert.deepEqual(
    problemOf(misfit, 422).errors?.map(({ pointer }) => pointer),
    ["/input/orderId"],
  );
  assert.match(problemOf(await api.post("/tasks/sent-receipt", {}), 404).detail, /available: send-receipt$/);
  assert.deepEqual(taskJobPage.parse(JSON.parse((await api.ask("GET", "/jobs")).text)).data, []);
});

test("a hundred requests at once with one idempotency key make one job, and all are told of it", async (t) => {
  const { api } = await serveHere(t, { tasks: [sendReceipt] });
  const answers = await Promise.all(
    Array.from({ length: 100 }, () =>
      api.post("/tasks/send-receipt", { input: { orderId: "42" } }, { "idempotency-key": '"order-42"' }),
    ),
  );
  assert.equal(new Set(answers.map(acceptedId)).size, 1);
  const replayed = answers.filter(({ headers }) => headers.get("idempotent-replayed") === "true");
  assert.equal(replayed.length, 99);
  const { data } = taskJobPage.parse(JSON.parse((await api.ask("GET", "/jobs?task=send-receipt")).text));
  assert.equal(data.length, 1);
  const other = await api.post(
    "/tasks/send-receipt",
    { input: { orderId: "43" } },
    { "idempotency-key": '"order-42"' },
  );
  assert.equal(problemOf(other, 422).code, "idempotency_key_reused");
});

test("a hundred requests at once for one key make one job; the others are told that it exists", async (t) => {
  const { api } = await serveHere(t, { tasks: [sendReceipt], worker: false });
  const body = { input: { orderId: "42" }, options: { key: "receipt:42" } };
  const answers = await Promise.all(
    Array.from({ length: 100 }, async () => accepted(await api.post("/tasks/send-receipt", body))),
  );
  assert.equal(new Set(answers.map(({ job_id }) => job_id)).size, 1);
  assert.equal(answers.filter(({ existing }) => existing).length, 99);
});

test("a job that failed is rerun by hand, and one that runs is cancelled through its signal", async (t) => {
  let isBroken = true;
  const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
  const flaky = task("flaky", {
    retry: { attempts: 1 },
    run() {
      if (isBroken) throw new Error("out of order");
    },
  });
  const endless = task("endless", {
    run: (_input, { signal }) =>
      new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          abort();
          resolve();
        });
      }),
  });
  const { api } = await serveHere(t, { tasks: [flaky, endless] });
  const failing = acceptedId(await api.post("/tasks/flaky", {}));
  assert.equal((await jobWhen(api, failing, "failed")).error, "out of order");
  isBroken = false;
  const rerun = await api.post(`/jobs/${failing}/rerun`);
  assert.equal(rerun.headers.get("location"), `/jobs/${failing}`);
  assert.equal((await jobWhen(api, failing, "succeeded")).attempts, 2);

  const running = acceptedId(await api.post("/tasks/endless", {}));
  await jobWhen(api, running, "running");
  const cancelled = await api.post(`/jobs/${running}/cancel`);
  assert.equal(taskJobAnswer.parse(JSON.parse(cancelled.text)).status, "cancelled");
  await aborted;
  problemOf(await api.post(`/jobs/${running}/cancel`), 409);
});

test("groups, schedules and workers are looked up, and schedules are paused and removed", async (t) => {
  const allSent = task<SettledGroup>("all-sent", { run() {} });
  const nightly = schedule("nightly", {
    cron: "0 3 * * *",
    task: sendReceipt,
    input: { orderId: "nightly" },
  });
  const { api, posthorn } = await serveHere(t, { tasks: [sendReceipt, allSent], schedules: [nightly] });
  const orders = ["1", "2", "3"].map((orderId) => request(sendReceipt, { orderId }));
  const { jobIds, groupId } = await posthorn.enqueueMany(orders, { onSettled: allSent });
  const group = await until("the group is settled", async () => {
    const found = groupAnswer.parse(JSON.parse((await api.ask("GET", `/groups/${groupId}`)).text));
    return found.settled_at !== null && found;
  });
  assert.deepEqual([group.total, group.succeeded], [3, 3]);
  assert.equal((await jobOf(api, jobIds[0] ?? "")).group_id, groupId);

  const shown = async () => schedulePage.parse(JSON.parse((await api.ask("GET", "/schedules")).text)).data;
  assert.equal((await shown())[0]?.paused, false);
  await api.post("/schedules/nightly/pause");
  assert.deepEqual([(await shown())[0]?.paused, (await shown())[0]?.next_at], [true, null]);
  await api.post("/schedules/nightly/resume");
  assert.ok((await shown())[0]?.next_at);
  assert.equal((await fetch(`${api.url}/schedules/nightly`, { method: "DELETE" })).status, 204);
  assert.deepEqual(await shown(), []);

  const workers = workerPage.parse(JSON.parse((await api.ask("GET", "/workers")).text)).data;
  assert.deepEqual(
    workers.map(({ pid, concurrency }) => [pid, concurrency]),
    [[process.pid, 64]],
  );
});
