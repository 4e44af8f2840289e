import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreUnusableError } from "../core/errors.ts";
import { JOB_ID, jobOf, testApp } from "./test-kit/fake-posthorn.ts";
import { problemOf } from "./test-kit/problem-of.ts";

test("an unknown path is 404, with or without an extra slash", async () => {
  const { ask } = testApp();
  for (const path of ["/", "/webhooks", "/webhooks/deliver/", "/webhooks/jobs/a/b", "/nope?x=1"]) {
    assert.equal((await problemOf(await ask(path), 404)).code, "not_found");
  }
});

test("a method that a path does not take is 405, and Allow says which it does", async () => {
  const { ask } = testApp();
  for (const [method, path, allow] of [
    ["GET", "/webhooks/deliver", "POST"],
    ["PUT", "/webhooks/deliver", "POST"],
    ["DELETE", "/webhooks/jobs", "GET, HEAD"],
    ["OPTIONS", `/webhooks/jobs/${JOB_ID}`, "GET, HEAD"],
    ["PATCH", "/webhooks/jobs/redeliver", "POST"],
    ["OPTIONS", "/webhooks/jobs/retry", "POST"],
    ["POST", "/healthz", "GET, HEAD"],
  ] as const) {
    const answer = await ask(path, { method });
    assert.equal(answer.headers.get("allow"), allow);
    await problemOf(answer, 405);
  }
});

test("HEAD answers as GET does, without the body", async () => {
  const { ask } = testApp();
  const path = `/webhooks/jobs/${JOB_ID}`;
  const [head, get] = [await ask(path, { method: "HEAD" }), await ask(path)];
  assert.deepEqual([head.status, [...head.headers]], [get.status, [...get.headers]]);
  assert.equal(await head.text(), "");
});

test("no answer may be cached, or have its type guessed", async () => {
  const { ask, post } = testApp();
  for (const answer of [
    await ask("/webhooks/jobs"),
    await ask("/nope"),
    await post("/webhooks/deliver", "{"),
  ]) {
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
  }
});

test("the process is healthy whatever its database is, and ready only with it", async () => {
  const { posthorn, ask } = testApp();
  assert.deepEqual(await (await ask("/healthz?probe=1")).json(), { status: "ok" });
  assert.equal((await ask("/readyz")).status, 200);
  posthorn.check = async () => {
    throw new StoreUnusableError("not a database");
  };
  assert.equal((await ask("/healthz")).status, 200);
  await problemOf(await ask("/readyz"), 503);
});

test("more requests at once than there is room for are shed, and room comes back", async () => {
  const { posthorn, ask } = testApp({ maxRequests: 2 });
  const held = Promise.withResolvers<void>();
  posthorn.jobs.get = async () => {
    await held.promise;
    return jobOf();
  };
  const path = `/webhooks/jobs/${JOB_ID}`;
  const inside = [ask(path), ask(path)];
  const shed = await ask(path);
  assert.equal(shed.headers.get("retry-after"), "1");
  assert.equal((await problemOf(shed, 503)).code, "overloaded");
  assert.equal((await ask("/healthz")).status, 200, "or the server would be taken for dead");
  held.resolve();
  for (const answer of await Promise.all(inside)) assert.equal(answer.status, 200);
  assert.equal((await ask(path)).status, 200);
});
