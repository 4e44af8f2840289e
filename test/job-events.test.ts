import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { AppOptions } from "../src/http/app-options.ts";
import { taskJobAnswer } from "../src/http/schemas/task-job.ts";
import { EventReader } from "../src/http/test-kit/event-reader.ts";
import { RawConnection } from "../src/http/test-kit/raw-connection.ts";
import { type TaskContext, task } from "../src/posthorn.ts";
import { acceptedId } from "./support/api.ts";
import { serveHere } from "./support/in-process.ts";
import { until } from "./support/until.ts";

/** A server with one job of a task that does what the test tells it. */
async function withJob(t: TestContext, appOptions: Partial<AppOptions> = {}) {
  const { promise: begun, resolve: begin } = Promise.withResolvers<TaskContext>();
  const { promise: finished, resolve: finish } = Promise.withResolvers<string>();
  const report = task("report", {
    run(_input, context) {
      begin(context);
      return finished;
    },
  });
  const served = await serveHere(t, { tasks: [report] }, appOptions);
  t.after(() => finish("over")); // before the server waits for it
  const id = acceptedId(await served.api.post("/tasks/report", {}));
  const url = `${served.api.url}/jobs/${id}/events`;
  const ask = (lastEventId?: string) =>
    fetch(url, lastEventId === undefined ? {} : { headers: { "last-event-id": lastEventId } });
  return {
    ...served,
    id,
    url,
    begun,
    finish,
    ask,
    watch: async (last?: string) => new EventReader(await ask(last)),
  };
}

test("a job is watched from where the connection broke to its end; then the client is told to stay away", async (t) => {
  const { begun, finish, ask, watch } = await withJob(t);
  const context = await begun;
  const first = await watch();
  const running = await first.next();
  assert.equal(taskJobAnswer.parse(running?.data).status, "running");
  context.progress(0.25, "a quarter");
  const quarter = await first.next();
  assert.deepEqual([quarter?.event, quarter?.data], ["progress", { fraction: 0.25, note: "a quarter" }]);
  await first.cancel();

  // it knows this already, so what comes next is the next that happens
  const second = await watch(quarter?.id);
  context.progress(0.5);
  const half = await second.next();
  assert.deepEqual([half?.event, half?.data], ["progress", { fraction: 0.5, note: null }]);
  finish("three pages");
  const rest = await second.rest();
  assert.equal(rest.length, 1);
  const ended = taskJobAnswer.parse(rest[0]?.data);
  assert.deepEqual([ended.status, ended.result], ["succeeded", "three pages"]);
  assert.equal((await ask(rest[0]?.id)).status, 204);
  // a client that was away for the end gets it immediately
  const [late, ...more] = await (await watch(half?.id)).rest();
  assert.deepEqual([late?.id, more], [rest[0]?.id, []]);
});

test("a client that goes away without a word leaves room for another", async (t) => {
  const { url, ask, watch, begun } = await withJob(t, { maxStreams: 1 });
  await begun;
  const { host, pathname } = new URL(url);
  const connection = await RawConnection.open(url);
  const answer = await connection
    .send(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    .received(/"status"/);
  assert.match(answer, /^HTTP\/1\.1 200 .*content-type: text\/event-stream.*retry: \d+/is);
  const refused = await ask();
  assert.equal(refused.status, 503);
  assert.ok(refused.headers.get("retry-after"));
  await refused.text();
  connection.destroy();
  await until("its place is free", async () => {
    const next = await ask();
    await next.body?.cancel();
    return next.status === 200;
  });
  await until("that one's place too", async () => {
    const events = await watch().catch(() => undefined);
    await events?.cancel();
    return events !== undefined;
  });
});

test("a server that stops ends its streams immediately, and does not wait for the job", async (t) => {
  const { watch, begun, stop, finish } = await withJob(t);
  await begun;
  const events = await watch();
  await events.next();
  const stopping = stop();
  assert.deepEqual(await events.rest(), []); // while the job still runs
  finish("over");
  await stopping;
});

test("a job that is cancelled is seen to end", async (t) => {
  const { watch, begun, id, api } = await withJob(t);
  await begun;
  const events = await watch();
  await events.next();
  await api.post(`/jobs/${id}/cancel`);
  const [last] = await events.rest();
  assert.equal(taskJobAnswer.parse(last?.data).status, "cancelled");
});
