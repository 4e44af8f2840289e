import assert from "node:assert/strict";
import { test } from "node:test";
import { JOB_ID, jobOf, testApp } from "../test-kit/fake-posthorn.ts";
import { problemOf } from "../test-kit/problem-of.ts";

const LONG = `"${"ü😀x".repeat(200_000)}"`;

function appWithLongResult(maxAnswerBytes: number) {
  const app = testApp({ maxAnswerBytes });
  app.posthorn.kept = [jobOf({ status: "succeeded", result: LONG })];
  return app;
}

test("a large answer arrives as it is, with its length", async () => {
  const { ask } = appWithLongResult(10_000_000);
  const answer = await ask(`/jobs/${JOB_ID}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(answer.headers.get("content-length"), String(bytes.byteLength));
  assert.equal(JSON.stringify(JSON.parse(bytes.toString()).result), LONG);
});

test("large answers that wait to be read fill a room; look-ups meanwhile are 503, what is posted and health checks are not", async () => {
  const { ask, post } = appWithLongResult(1_000_000);
  const answer = await ask(`/jobs/${JOB_ID}`);
  assert.equal(answer.status, 200);
  assert.equal((await problemOf(await ask(`/jobs/${JOB_ID}`), 503)).code, "overloaded");
  assert.equal(
    (await post("/webhooks/deliver", { target_url: "https://example.com/", payload: 1 })).status,
    202,
  );
  assert.equal((await ask("/healthz")).status, 200);
  await answer.arrayBuffer();
  assert.equal((await ask(`/jobs/${JOB_ID}`)).status, 200);
});

test("one that nobody reads any more, or that is given up, gives its room back", async () => {
  const { ask, clock } = appWithLongResult(1_000_000);
  const unread = await ask(`/jobs/${JOB_ID}`);
  clock.advance(29_999);
  await problemOf(await ask(`/jobs/${JOB_ID}`), 503);
  clock.advance(1);
  await assert.rejects(unread.arrayBuffer(), /not read in time/);
  const givenUp = await ask(`/jobs/${JOB_ID}`);
  await givenUp.body?.cancel();
  assert.equal((await ask(`/jobs/${JOB_ID}`)).status, 200);
});
