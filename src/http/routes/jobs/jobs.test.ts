import assert from "node:assert/strict";
import { test } from "node:test";
import { cursorAfterJob } from "../../request/cursor.ts";
import { jobPage } from "../../schemas/job.ts";
import { ENDED, JOB_ID, jobOf, NOW, OTHER_ID, testApp } from "../../test-kit/fake-posthorn.ts";
import { pointersOf } from "../../test-kit/problem-of.ts";

test("a list without filters is the newest fifty jobs of the webhook tasks", async () => {
  const { posthorn, ask } = testApp();
  const answer = await ask("/webhooks/jobs");
  assert.equal(answer.status, 200);
  const { data, next_cursor } = jobPage.parse(await answer.json());
  assert.deepEqual([data.length, next_cursor], [1, null]);
  assert.deepEqual(posthorn.lists, [
    { filter: { tasks: ["webhook.deliver", "webhook.redeliver", "webhook.retry"] }, page: { limit: 51 } },
  ]);
});

test("filters reach the store in its own terms", async () => {
  const { posthorn, ask } = testApp();
  const query = new URLSearchParams({
    status: "failed",
    target_url: "https://example.com/hooks?secret=1",
    created_from: "2030-03-17T17:46:40Z",
    created_before: "2030-03-17T18:46:40+01:00",
    limit: "200",
  });
  assert.equal((await ask(`/webhooks/jobs?${query}`)).status, 200);
  assert.deepEqual(posthorn.lists[0], {
    filter: {
      tasks: ["webhook.deliver", "webhook.redeliver", "webhook.retry"],
      status: "failed",
      lane: "https://example.com/hooks",
      createdFrom: NOW,
      createdBefore: NOW,
    },
    page: { limit: 201 },
  });
});

test("the next page starts where this one ended", async () => {
  const { posthorn, ask } = testApp();
  posthorn.kept = [jobOf({ id: OTHER_ID }), ENDED];
  const first = jobPage.parse(await (await ask("/webhooks/jobs?limit=1")).json());
  assert.deepEqual(
    first.data.map(({ job_id }) => job_id),
    [OTHER_ID],
  );
  posthorn.kept = [ENDED];
  const last = jobPage.parse(await (await ask(`/webhooks/jobs?limit=1&cursor=${first.next_cursor}`)).json());
  assert.deepEqual(posthorn.lists[1]?.page, { limit: 2, before: OTHER_ID });
  assert.deepEqual([last.data[0]?.job_id, last.next_cursor], [JOB_ID, null]);
});

test("a page that ended before it was full says how far it looked, and where to continue", async () => {
  const { posthorn, ask } = testApp();
  posthorn.searchedTo = { id: OTHER_ID, createdAt: NOW };
  const page = jobPage.parse(await (await ask("/webhooks/jobs?limit=5")).json());
  assert.deepEqual(
    [page.data.length, page.complete, page.searched_to],
    [1, false, new Date(NOW).toISOString()],
  );
  await ask(`/webhooks/jobs?limit=5&cursor=${page.next_cursor}`);
  assert.deepEqual(posthorn.lists[1]?.page, { limit: 6, before: OTHER_ID });
  posthorn.searchedTo = null;
  const last = jobPage.parse(await (await ask("/webhooks/jobs?limit=5")).json());
  assert.deepEqual([last.next_cursor, last.complete, last.searched_to], [null, true, null]);
});

const badQueries: [string, string[]][] = [
  ["status=done", ["status"]],
  ["state=failed", ["state"]],
  ["limit=0", ["limit"]],
  ["limit=201", ["limit"]],
  ["limit=ten", ["limit"]],
  ["limit=", ["limit"]],
  ["limit=1e2", ["limit"]],
  ["limit=1&limit=2", ["limit"]],
  ["cursor=abc", ["cursor"]],
  ["cursor=", ["cursor"]],
  [`cursor=${JOB_ID}`, ["cursor"]],
  [`cursor=${Buffer.from("attempt_1").toString("base64url")}`, ["cursor"]],
  ["target_url=ftp://example.com", ["target_url"]],
  ["target_url=example.com", ["target_url"]],
  ["created_from=yesterday", ["created_from"]],
  ["created_from=2030-02-30T00:00:00Z&created_before=2030-01-01", ["created_from", "created_before"]],
  ["status=done&limit=x", ["status", "limit"]],
];
for (const [query, parameters] of badQueries) {
  test(`?${query} is refused, and named`, async () => {
    const { posthorn, ask } = testApp();
    assert.deepEqual(await pointersOf(await ask(`/webhooks/jobs?${query}`)), parameters);
    assert.deepEqual(posthorn.lists, []);
  });
}

test("a page ends early where its results are long, with a cursor, and holds one job at least", async () => {
  const { ask, posthorn } = testApp();
  const long = JSON.stringify("x".repeat(3 * 2 ** 20));
  posthorn.kept = [jobOf({ result: long }), jobOf({ id: OTHER_ID, result: long })];
  const { data, next_cursor } = (await (await ask("/jobs?limit=2")).json()) as JsonPage;
  assert.deepEqual([data.length, next_cursor], [1, cursorAfterJob(JOB_ID)]);
  posthorn.kept = [jobOf({ result: JSON.stringify("x".repeat(5 * 2 ** 20)) })];
  const only = (await (await ask("/jobs?limit=2")).json()) as JsonPage;
  assert.deepEqual([only.data.length, only.next_cursor], [1, null]);
});

interface JsonPage {
  readonly data: unknown[];
  readonly next_cursor: string | null;
}
