import assert from "node:assert/strict";
import { test } from "node:test";
import type { Looked } from "../../../access/keys.ts";
import { JobNotFoundError, StoreUnavailableError } from "../../../core/errors.ts";
import type { Job } from "../../../core/job.ts";
import type { ApiKey } from "../../../store/shelves/api-keys.ts";
import { taskJobAnswer } from "../../schemas/task-job.ts";
import { EventReader } from "../../test-kit/event-reader.ts";
import { JOB_ID, jobOf, NOW, type TestApp, testApp } from "../../test-kit/fake-posthorn.ts";
import { problemOf } from "../../test-kit/problem-of.ts";

const PATH = `/jobs/${JOB_ID}/events`;

const KEY: ApiKey = {
  id: "key_1",
  name: "test",
  role: "read",
  hash: "",
  createdAt: NOW,
  revokedAt: null,
  tenant: null,
  mode: null,
  payloads: null,
  expiresAt: null,
  lastUsedAt: null,
};

const queued = jobOf({ task: "report", lane: "report", options: "{}" });
const running: Job = { ...queued, status: "running", attempts: 1, startedAt: NOW + 1, runAt: null };
const half: Job = { ...running, progress: { fraction: 0.5, note: "half of it" } };
const ended: Job = { ...running, status: "succeeded", finishedAt: NOW + 9, result: '{"pages":3}' };

function appWith(job: Job, options: Parameters<typeof testApp>[0] = {}) {
  const app = testApp(options);
  app.posthorn.kept = [job];
  return app;
}

async function watch({ ask }: TestApp, lastEventId?: string): Promise<EventReader> {
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  return new EventReader(await ask(PATH, { headers }));
}

const statusOf = (event: { data: unknown } | undefined) => taskJobAnswer.parse(event?.data).status;

test("a stream starts with the job as it is, follows each change, and ends with the job", async () => {
  const app = appWith(queued);
  const events = await watch(app);
  assert.equal(statusOf(await events.next()), "queued");
  assert.equal(events.retryMs, 2_000);
  app.posthorn.change(running);
  assert.equal(statusOf(await events.next()), "running");
  app.posthorn.change(half);
  const progress = await events.next();
  assert.deepEqual([progress?.event, progress?.data], ["progress", { fraction: 0.5, note: "half of it" }]);
  app.posthorn.change(ended);
  const [last, ...more] = await events.rest();
  assert.deepEqual([last?.event, taskJobAnswer.parse(last?.data).result], ["status", { pages: 3 }]);
  assert.deepEqual(more, []);
  assert.equal(app.posthorn.watching.get(JOB_ID)?.size, 0);
});

test("nothing is sent while nothing has changed, however often it may have", async () => {
  const app = appWith(queued);
  const events = await watch(app);
  await events.next();
  for (let n = 0; n < 5; n++) app.posthorn.change(queued);
  app.posthorn.change(ended);
  assert.equal((await events.rest()).length, 1);
});

test("what a client does not read in time is skipped: it gets the state as it is by then", async () => {
  const app = appWith(queued);
  const events = await watch(app);
  await events.next();
  for (let n = 1; n <= 1_000; n++) {
    app.posthorn.change({ ...running, progress: { fraction: n / 1_000, note: null } });
    await new Promise(setImmediate);
  }
  app.posthorn.change(ended);
  const rest = await events.rest();
  assert.ok(rest.length <= 3, `${rest.length} were kept for it`);
  assert.equal(statusOf(rest.at(-1)), "succeeded");
});

test("a client that comes back with the last id it knows gets only what is new, from any server", async () => {
  const first = await watch(appWith(half));
  const known = await first.next();
  await first.cancel();

  const same = appWith(half);
  const again = await watch(same, known?.id);
  same.posthorn.change({ ...half, progress: { fraction: 0.75, note: null } });
  const further = await again.next();
  assert.deepEqual([further?.event, further?.data], ["progress", { fraction: 0.75, note: null }]);

  const retried = await watch(appWith({ ...half, attempts: 2 }), known?.id);
  const next = await retried.next();
  assert.deepEqual([next?.event, taskJobAnswer.parse(next?.data).attempts], ["status", 2]);
  const never = await watch(appWith(half), "of another job");
  assert.equal(statusOf(await never.next()), "running");
  for (const open of [again, retried, never]) await open.cancel();
});

test("a client that knows that the job has ended is told to stay away; one that does not is told how it ended", async () => {
  const { ask } = appWith(ended);
  const [last] = await new EventReader(await ask(PATH)).rest();
  assert.equal(statusOf(last), "succeeded");
  const answer = await ask(PATH, { headers: { "last-event-id": last?.id ?? "" } });
  assert.equal(answer.status, 204); // an EventSource does not reconnect after it
});

test("a comment every 15 seconds shows that the connection lives", async () => {
  const app = appWith(running);
  const events = await watch(app);
  await events.next();
  app.clock.advance(15_000);
  assert.equal(await events.comment(), "still here");
  app.clock.advance(15_000);
  assert.equal(await events.comment(), "still here");
  await events.cancel();
});

test("a database that is away does not end the stream: the next heartbeat looks again", async () => {
  const app = appWith(running);
  const events = await watch(app);
  await events.next();
  const { get } = app.posthorn.jobs;
  app.posthorn.jobs.get = async () => {
    throw new StoreUnavailableError("locked");
  };
  app.posthorn.change(ended);
  await new Promise(setImmediate);
  app.posthorn.jobs.get = get;
  app.clock.advance(15_000);
  assert.equal(statusOf((await events.rest()).at(-1)), "succeeded");
});

test("a job that is pruned meanwhile ends the stream", async () => {
  const app = appWith(running);
  const events = await watch(app);
  await events.next();
  app.posthorn.jobs.get = async (id) => {
    throw new JobNotFoundError(id);
  };
  app.posthorn.change(running);
  assert.deepEqual(await events.rest(), []);
});

test("no more streams than allowed are open; one that its client left makes room", async () => {
  const app = appWith(running, { maxStreams: 1 });
  const events = await watch(app);
  const refused = await app.ask(PATH);
  assert.equal(refused.headers.get("retry-after"), "5");
  await problemOf(refused, 503);
  await events.cancel();
  assert.equal(app.posthorn.watching.get(JOB_ID)?.size, 0);
  await (await watch(app)).cancel();
});

test("HEAD opens no stream", async () => {
  const app = appWith(running, { maxStreams: 1 });
  const answer = await app.ask(PATH, { method: "HEAD" });
  assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, "text/event-stream"]);
  assert.equal(app.posthorn.watching.get(JOB_ID), undefined);
});

test("a stopping server ends its streams, and opens no more", async () => {
  const app = appWith(running);
  const events = await watch(app);
  await events.next();
  app.app.stopWaiting();
  assert.deepEqual(await events.rest(), []);
  await problemOf(await app.ask(PATH), 503);
});

test("an unknown job is 404, and another origin is kept out in dev mode", async () => {
  const { ask } = appWith(running);
  assert.equal((await problemOf(await ask("/jobs/nope/events"), 404)).code, "job_not_found");
  await problemOf(await ask(PATH, { headers: { origin: "https://evil.example" } }), 403);
});

test("a revoked key's stream ends with the next heartbeat; while the database is away none does", async () => {
  let known: () => Promise<ApiKey | undefined> = async () => KEY;
  const keys = {
    find: async () => undefined,
    look: async (): Promise<Looked> => {
      const key = await known();
      return key ? { key } : { refused: "revoked" };
    },
  };
  const app = appWith(running, { access: { mode: "keys", keys } });
  const events = new EventReader(await app.ask(PATH, { headers: { authorization: "Bearer x" } }));
  await events.next();
  app.clock.advance(15_000);
  known = () => Promise.reject(new StoreUnavailableError("away"));
  app.clock.advance(15_000);
  await new Promise(setImmediate);
  app.posthorn.change(half);
  assert.equal((await events.next())?.event, "progress");
  known = async () => undefined;
  app.clock.advance(15_000);
  assert.deepEqual(await events.rest(), []);
  assert.equal(app.posthorn.watching.get(JOB_ID)?.size, 0);
});
