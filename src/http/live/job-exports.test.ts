import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../../../test/support/until.ts";
import { ManualClock } from "../../core/clock.ts";
import { OverloadedError } from "../../core/errors.ts";
import { newId } from "../../core/id.ts";
import type { Job } from "../../core/job.ts";
import type { JobPage, Page } from "../../store/job-records.ts";
import { jobOf } from "../test-kit/fake-posthorn.ts";
import { JobExports } from "./job-exports.ts";

const CALLER = { id: "key_1", actor: { name: "ana" }, payloads: "full" } as const;

function exportsOf(count: number, fields: Partial<Job> = {}) {
  const kept = Array.from({ length: count }, (_, n) => jobOf({ id: newId("job", count - n), ...fields }));
  const asked: Page[] = [];
  const jobs = {
    isAway: false,
    /** A page of as many as are looked at in one go. */
    async page(_: object, page: Page): Promise<JobPage> {
      if (jobs.isAway) throw new Error("away");
      asked.push(page);
      const from = page.before === undefined ? 0 : kept.findIndex(({ id }) => id === page.before) + 1;
      return { jobs: kept.slice(from, from + page.limit), searchedTo: null };
    },
    refusals: 0,
    search(filter: object, page: Page): Promise<JobPage> {
      if (jobs.refusals-- > 0) return Promise.reject(new OverloadedError("too many searches"));
      return jobs.page(filter, page);
    },
  };
  const clock = new ManualClock();
  const exports = new JobExports(jobs, clock);
  const open = (more: object = {}) =>
    exports.open({ filter: {}, limit: 100_000, after: undefined, caller: CALLER, ...more });
  return { jobs, asked, clock, exports, open };
}

test("an export is read from the database as it is read from the server, and has every job once", async () => {
  const { open, asked } = exportsOf(250);
  const body = open();
  assert.equal(asked.length, 0);
  const reader = body.getReader();
  let text = "";
  for (let pages = 1; ; pages++) {
    const { done, value } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
    assert.equal(asked.length, pages);
  }
  const lines = text.trimEnd().split("\n");
  const ids = lines.slice(0, -1).map((line) => JSON.parse(line).job_id);
  assert.deepEqual([ids.length, new Set(ids).size, asked.length], [250, 250, 4]);
  assert.deepEqual(JSON.parse(lines.at(-1) ?? ""), { end: true, jobs: 250, next_cursor: null });
});

test("an export reads few jobs at once where their results are large", async () => {
  const { open, asked } = exportsOf(40, { result: JSON.stringify("x".repeat(200_000)) });
  const reader = open().getReader();
  let sent = 0;
  for (let end = false; !end; ) {
    const { done, value } = await reader.read();
    end = done;
    sent += value?.length ?? 0;
    assert.ok((value?.length ?? 0) < 2_100_000, `${value?.length}`);
  }
  assert.ok(sent > 8_000_000);
  assert.deepEqual(
    asked.slice(0, 3).map(({ limit }) => limit - 1),
    [10, 5, 5],
  );
});

test("other requests are answered between the jobs of an export, also where the database never waits", async () => {
  const { open } = exportsOf(250);
  const reader = open().getReader();
  for (let pages = 1; pages <= 4; pages++) {
    let isAnswered = false;
    setImmediate(() => {
      isAnswered = true;
    });
    await reader.read();
    assert.ok(isAnswered, `before page ${pages}`);
  }
});

test("an export that nobody reads, whose key is revoked, or whose server stops, is cut off without its last line", async () => {
  const { open, clock, exports, jobs } = exportsOf(250);
  const stalled = open().getReader();
  await stalled.read();
  clock.advance(30_000);
  await assert.rejects(stalled.read(), /was not read in time/);

  let isAdmitted = true;
  const revoked = open({ caller: { ...CALLER, isStillAdmitted: async () => isAdmitted } }).getReader();
  await revoked.read();
  isAdmitted = false;
  await assert.rejects(revoked.read(), /its key was revoked/);

  const failed = open().getReader();
  jobs.isAway = true;
  await assert.rejects(failed.read(), /away/);
  jobs.isAway = false;

  const others = Array.from({ length: 10 }, () => open());
  assert.throws(() => open(), OverloadedError);
  await others[0]?.cancel();
  const stopped = open().getReader();
  exports.stop();
  await assert.rejects(stopped.read(), /the server is shutting down/);
  assert.throws(() => open(), OverloadedError);
});

test("an export of what a search finds waits while too many others search", async () => {
  const { open, clock, jobs } = exportsOf(3);
  jobs.refusals = 2;
  const reading = open({ sought: { text: "x" } })
    .getReader()
    .read();
  let isRead = false;
  void reading.then(() => {
    isRead = true;
  });
  await until("what was found is sent", () => {
    clock.advance(1_000);
    return isRead;
  });
  const lines = Buffer.from((await reading).value ?? [])
    .toString()
    .trimEnd()
    .split("\n");
  assert.deepEqual(JSON.parse(lines[3] ?? ""), { end: true, jobs: 3, next_cursor: null });
  assert.equal(jobs.refusals, -1);
});
