import assert from "node:assert/strict";
import { test } from "node:test";
import { JOB_ID, jobOf, testApp } from "../test-kit/fake-posthorn.ts";

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

test("where there is no room for another, the one that was read from least recently is broken off", async () => {
  const { ask } = appWithLongResult(4_500_000);
  const begun = await Promise.all([1, 2, 3].map(() => ask(`/jobs/${JOB_ID}`)));
  const [one, other, third] = begun.map((answer) => answer.body?.getReader());
  await one?.read();
  await third?.read();
  const next = await ask(`/jobs/${JOB_ID}`);
  await assert.rejects(async () => other?.read(), /not read in time/);
  assert.equal((await one?.read())?.done, false);
  await next.arrayBuffer();
});

test("an answer that nobody reads any more is cut off after a while, and no longer counts", async () => {
  const { ask, clock } = appWithLongResult(1_500_000);
  const unread = await ask(`/jobs/${JOB_ID}`);
  clock.advance(30_000);
  await assert.rejects(unread.arrayBuffer(), /not read in time/);
  const givenUp = await ask(`/jobs/${JOB_ID}`);
  await givenUp.body?.cancel();
  const kept = await ask(`/jobs/${JOB_ID}`);
  clock.advance(29_999);
  assert.ok((await kept.arrayBuffer()).byteLength > 1_000_000);
});
