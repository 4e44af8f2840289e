import assert from "node:assert/strict";
import { test } from "node:test";
import { ENDED, JOB_ID, testApp } from "../test-kit/fake-posthorn.ts";
import { problemOf } from "../test-kit/problem-of.ts";

const BODY = { target_url: "https://example.com/hooks", payload: 1 };

test("below a base path the API's addresses begin with it", async () => {
  const { post, ask, posthorn } = testApp({ basePath: "/background" });
  const accepted = await post("/background/webhooks/deliver", BODY);
  assert.equal(accepted.headers.get("location"), `/background/webhooks/jobs/${JOB_ID}`);
  posthorn.kept = [ENDED];
  const ended = await post("/background/webhooks/deliver", BODY, { prefer: "wait=5" });
  assert.equal(ended.headers.get("content-location"), `/background/webhooks/jobs/${JOB_ID}`);
  assert.equal((await ask(`/background/webhooks/jobs/${JOB_ID}`)).status, 200);
  assert.equal((await ask("/background/docs")).status, 200);
});

test("with a base path, nothing outside of it is served", async () => {
  const { ask } = testApp({ basePath: "/background" });
  for (const path of ["/healthz", "/background", "/backgroundhealthz", "/other/healthz"]) {
    await problemOf(await ask(path), 404);
  }
});
