import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { NewJob } from "../../store/queue.ts";
import type { Store } from "../../store/store.ts";
import { NOW, SECOND } from "../../store/test-kit/store-under-test.ts";
import {
  claim,
  enqueue,
  fail,
  failedJobs,
  newJob,
  newJobs,
  settle,
  settlement,
} from "../../store/test-kit/stored-jobs.ts";
import { withStore } from "../database.ts";
import { ran } from "../test-kit/recorded-io.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";

const TARGET = "https://example.com/hook";

/** A delivery to `target`, as the webhook task stores one. */
function delivery(target = TARGET): Partial<NewJob> {
  return { task: "webhook.deliver", lane: target, options: JSON.stringify({ targetUrl: target }) };
}

/** A database with what `fill` puts in it, and `jobs …` on it. */
async function databaseWith(t: TestContext, fill: (store: Store) => Promise<void>) {
  const database = join(temporaryFolder(t), "jobs.db");
  await withStore(database, async (store) => {
    await fill(store);
  });
  return {
    database,
    jobs: (...argv: string[]) => ran(["jobs", ...argv, "--database", database]),
    async json(...argv: string[]) {
      const { stdout, stderr } = await ran(["jobs", ...argv, "--json", "--database", database]);
      assert.equal(stderr, "");
      return JSON.parse(stdout);
    },
  };
}

test("list prints a row for each job, newest first", async (t) => {
  const [older, newer] = [newJob(delivery()), newJob(delivery(`${TARGET}/2`))];
  const { jobs } = await databaseWith(t, (store) => enqueue(store, [older, newer]));
  const { code, stdout } = await jobs("list");
  const [headings, first, second, ...rest] = stdout.trimEnd().split("\n");
  assert.equal(code, 0);
  assert.match(headings ?? "", /^JOB +TASK +STATUS +ATTEMPTS +CREATED +TARGET OR KEY +ERROR$/);
  assert.match(
    first ?? "",
    new RegExp(`^${newer.id} +webhook.deliver +queued +0/3 +\\S+ \\S+Z +${TARGET}/2$`),
  );
  assert.match(second ?? "", new RegExp(`^${older.id} .*${TARGET}$`));
  assert.deepEqual(rest, []);
});

test("list filters by status, by target whatever its query, and by time", async (t) => {
  const failed = newJob(delivery());
  const queued = newJob(delivery("https://example.com/other"));
  const early = newJob({ ...delivery(), createdAt: NOW - 86_400_000 });
  const { json } = await databaseWith(t, async (store) => {
    await enqueue(store, [early]);
    await enqueue(store, [failed]);
    for (const lease of await claim(store))
      if (lease.id === failed.id) await fail(store, lease, NOW - SECOND);
    await enqueue(store, [queued]);
  });
  const listed = async (...filter: string[]) =>
    (await json("list", ...filter)).data.map((job: { job_id: string }) => job.job_id);
  assert.deepEqual(await listed("--status", "failed"), [failed.id]);
  assert.deepEqual(await listed("--target", `${TARGET}?token=1`), [failed.id, early.id]);
  assert.deepEqual(await listed("--created-before", new Date(NOW).toISOString()), [early.id]);
  assert.deepEqual(await listed("--created-from", new Date(NOW).toISOString()), [queued.id, failed.id]);
});

test("pages follow one another by their cursor until none is left", async (t) => {
  const made = newJobs(5, delivery());
  const { json } = await databaseWith(t, (store) => enqueue(store, made));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await json("list", "--limit", "2", ...(cursor ? ["--cursor", cursor] : []));
    seen.push(...page.data.map((job: { job_id: string }) => job.job_id));
    cursor = page.next_cursor;
  } while (cursor);
  assert.deepEqual(seen, made.map((job) => job.id).reverse());
});

test("show prints the job and its attempts in order, and cannot be made to steer the terminal", async (t) => {
  const job = newJob(delivery());
  const { jobs, json } = await databaseWith(t, async (store) => {
    await enqueue(store, [job]);
    for (const next of [
      { status: "queued", runAt: NOW },
      { status: "failed", error: "gone" },
    ] as const) {
      await store.queue.promote(NOW, 10);
      const [lease] = await claim(store);
      assert.ok(lease);
      const answer = { error: `\u001b[2J answered ${lease.attempts}`, code: 500 + lease.attempts };
      await settle(store, settlement(lease, next, "failed", answer));
    }
  });
  const { stdout } = await jobs("show", job.id);
  assert.match(stdout, /^status +failed$/m);
  assert.match(stdout, /^target +https:\/\/example\.com\/hook$/m);
  assert.match(
    stdout,
    /^1 .* failed +50\d +\\x1b\[2J answered \d\n2 .* failed +50\d +\\x1b\[2J answered \d$/m,
  );

  const shown = await json("show", job.id);
  assert.equal(shown.status, "failed");
  assert.deepEqual(
    shown.attempt_list.map((attempt: { attempt: number }) => attempt.attempt),
    [1, 2],
  );
});

test("rerun queues one failed job again, and refuses one that is not", async (t) => {
  const job = newJob(delivery());
  const { jobs } = await databaseWith(t, (store) => failedJobs(store, [job], NOW - SECOND));
  assert.equal((await jobs("rerun", job.id)).stdout, `${job.id} is queued again\n`);
  assert.equal((await jobs("rerun", job.id)).code, 0, "it is queued, and due, as it was asked to be");
  const again = await jobs("retry", job.id);
  assert.equal(again.code, 1);
  assert.equal(
    again.stderr,
    "posthorn: the job is queued; only failed or cancelled jobs can be queued again\n",
  );
});

test("rerun makes a job that is queued for later due now", async (t) => {
  const job = newJob({ ...delivery(), runAt: Date.now() + 3_600_000 });
  const { jobs, json } = await databaseWith(t, (store) => enqueue(store, [job]));
  assert.equal((await jobs("rerun", job.id)).code, 0);
  assert.ok(Date.parse((await json("show", job.id)).run_at) <= Date.now());
});

test("rerun by filter queues every delivery that matches, more than one batch of them, and no other", async (t) => {
  const fitting = newJobs(1_203, delivery());
  const other = newJob(delivery("https://example.com/other"));
  const { json } = await databaseWith(t, async (store) => {
    await enqueue(store, [...fitting, other]);
    for (const lease of await claim(store, { limit: 2_000 })) await fail(store, lease, NOW - SECOND);
  });
  assert.deepEqual(await json("rerun", "--status", "failed", "--target", TARGET), {
    rerun: 1_203,
    finished: true,
  });
  assert.deepEqual(
    (await json("list", "--status", "failed")).data.map((job: { job_id: string }) => job.job_id),
    [other.id],
  );
  assert.deepEqual(await json("rerun", "--target", TARGET), { rerun: 0, finished: true });
});

test("retry, the command's old name, does the same and counts as it did", async (t) => {
  const { jobs, json } = await databaseWith(t, (store) =>
    failedJobs(store, [newJob(delivery())], NOW - SECOND),
  );
  assert.deepEqual(await json("retry", "--target", TARGET), { retried: 1, finished: true });
  assert.doesNotMatch((await jobs("--help")).stdout, /retry/);
});

test("rerun wants either an id or a filter", async (t) => {
  const { jobs } = await databaseWith(t, async () => {});
  assert.match((await jobs("rerun")).stderr, /an id, or a filter such as --status failed/);
  assert.match((await jobs("rerun", newJob().id, "--status", "failed")).stderr, /not both/);
});

test("cancel ends a queued job, once", async (t) => {
  const job = newJob(delivery());
  const { jobs } = await databaseWith(t, (store) => enqueue(store, [job]));
  assert.equal((await jobs("cancel", job.id)).stdout, `${job.id} is cancelled\n`);
  assert.match((await jobs("cancel", job.id)).stderr, /the job is cancelled already/);
});

test("an id that no job has, or that is invalid, is refused as such", async (t) => {
  const { jobs } = await databaseWith(t, async () => {});
  for (const command of ["show", "rerun", "retry", "cancel"]) {
    for (const id of [newJob().id, "nonsense"]) {
      const { code, stderr } = await jobs(command, id);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`no job has the id "${id}"`));
    }
  }
});

test("bad filters are named with what they take", async (t) => {
  const { jobs } = await databaseWith(t, async () => {});
  const cases: [string, string, RegExp][] = [
    ["--status", "done", /one of: queued, running/],
    ["--target", "example.com", /http or https URL/],
    ["--created-from", "2026-02-30", /RFC 3339/],
    ["--limit", "201", /from 1 to 200/],
    ["--cursor", "x", /not a job id/],
    ["--text", "x", /2 to 200 characters/],
  ];
  for (const [flag, value, takes] of cases) {
    const { code, stderr } = await jobs("list", flag, value);
    assert.equal(code, 1);
    assert.ok(stderr.includes(flag), stderr);
    assert.match(stderr, takes);
  }
});

test("list and export find jobs by what is in them", async (t) => {
  const [one, other] = [newJob({ payload: '{"order":42}' }), newJob({ payload: '{"order":420}' })];
  const { jobs, json } = await databaseWith(t, (store) => enqueue(store, [one, other]));
  const idsOf = (list: { data: { job_id: string }[] }) => list.data.map(({ job_id }) => job_id);
  assert.deepEqual(idsOf(await json("list", "--text", '"order":42')), [other.id, one.id]);
  assert.deepEqual(idsOf(await json("list", "--text", "$.order = 42")), [one.id]);
  const { stdout } = await jobs("export", "--text", "$.order = 420");
  assert.deepEqual([JSON.parse(stdout).job_id, stdout.split("\n").length], [other.id, 2]);
});

test("a database that does not exist is not made by looking into it", async (t) => {
  const database = join(temporaryFolder(t), "typo.db");
  for (const argv of [["jobs", "list"], ["keys", "list"], ["secret"]]) {
    const { code, stderr } = await ran([...argv, "--database", database]);
    assert.equal(code, 1);
    assert.match(stderr, /there is no database at .*typo\.db; name it with --database \(POSTHORN_DATABASE\)/);
  }
});

test("jobs of every task are listed, shown and rerun by their task", async (t) => {
  const receipt = newJob({ task: "send-receipt", lane: "send-receipt", ties: { key: "receipt:42" } });
  const other = newJob(delivery());
  const { jobs, json } = await databaseWith(t, (store) => failedJobs(store, [receipt, other], NOW - SECOND));
  assert.match(
    (await jobs("list", "--task", "send-receipt")).stdout,
    new RegExp(`^JOB .*\\n${receipt.id} +send-receipt +failed .* receipt:42 .*\\n$`),
  );
  assert.match((await jobs("show", receipt.id)).stdout, /^lane +send-receipt\nkey +receipt:42$/m);
  assert.equal((await json("show", receipt.id)).key, "receipt:42");
  assert.deepEqual(await json("rerun", "--task", "send-receipt"), { rerun: 1, finished: true });
  assert.equal((await json("show", receipt.id)).status, "queued");
  assert.equal((await json("show", other.id)).status, "failed");
  assert.match(
    (await jobs("list", "--task", "send-receipt", "--target", TARGET)).stderr,
    /only jobs of webhook\.deliver have a --target/,
  );
});

test("a job whose key a live one has is not run again, and the live one is named", async (t) => {
  const ties = { key: "receipt:42" };
  const first = newJob({ task: "send-receipt", ties });
  const second = newJob({ task: "send-receipt", ties });
  const { jobs } = await databaseWith(t, async (store) => {
    await failedJobs(store, [first], NOW - SECOND);
    await enqueue(store, [second]);
  });
  const { code, stderr } = await jobs("rerun", first.id);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`its key is taken by the live job ${second.id}`));
});
