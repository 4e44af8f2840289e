import assert from "node:assert/strict";
import { test } from "node:test";
import { JOB_STATUSES } from "../../../core/job.ts";
import type { JobFilter, RerunFilter } from "../../job-records.ts";
import { listJobs } from "../../list-jobs.ts";
import type { KeyPage } from "../../shelves/tables/keyset.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW } from "../store-under-test.ts";

/** Jobs made one a millisecond until now: so many milliseconds are as many jobs. Each fifth is of one status, in the order of `JOB_STATUSES`. */
export const MANY = 200_000;
export const FIRST_AT = NOW - MANY;
/** The one job of its task, lane and tag: the oldest of each status. Every second job is tagged `old`, and so are these. The oldest entry of the audit alone has its action. */
export const RARE = { task: "rare", lane: "rare", tag: "rare", action: "rare" };
/** Of the audit. */
export const MANY_ENTRIES = 5_000;

/** What is looked at for one page, at most, of the places where jobs of a status stand. */
const MOST_ROWS = 11_000;

/** What holds however many jobs there are that do not fit. */
export function longSearchClaims(filled: () => Store): void {
  for (const status of [undefined, ...JOB_STATUSES]) {
    const filter: JobFilter = { tasks: [RARE.task], ...(status && { status }) };
    test(`a page of ${status ?? "all"} jobs ends after a bounded number of them, however few fit`, async () => {
      const { jobs, searchedTo } = await filled().records.list(filter, { limit: 50 });
      assert.deepEqual(jobs, []);
      assert.ok(searchedTo);
      const looked = (NOW - searchedTo.createdAt) / (status ? JOB_STATUSES.length : 1);
      assert.ok(looked > 500 && looked <= MOST_ROWS, `${looked} were looked at`);
    });

    test(`page after page, the ${status ?? "newest"} job at the far end is found`, async () => {
      let pages = 0;
      const records = {
        list: (...given: Parameters<Store["records"]["list"]>) => {
          pages++;
          return filled().records.list(...given);
        },
      };
      const found = await listJobs(records, filter, { limit: 1 });
      assert.deepEqual([found.length, found[0]?.task], [1, RARE.task]);
      const ofStatus = status ? MANY / JOB_STATUSES.length : MANY - JOB_STATUSES.length;
      assert.ok(pages >= Math.floor(ofStatus / MOST_ROWS), `${pages} pages`);
    });
  }

  test("a page that is full looks no further", async () => {
    const { jobs, searchedTo } = await filled().records.list({ tasks: ["mail.send"] }, { limit: 50 });
    assert.deepEqual([jobs.length, searchedTo], [50, null]);
  });

  test("jobs that wait or run are found without a look at those that have ended", async () => {
    const reach = async (filter: JobFilter) => {
      const { searchedTo } = await filled().records.list({ ...filter, tasks: ["none"] }, { limit: 50 });
      assert.ok(searchedTo);
      return NOW - searchedTo.createdAt;
    };
    const [live, all] = [await reach({ statuses: ["queued", "running"] }), await reach({})];
    assert.ok(live >= all * 1.2, `back by ${live} jobs, and by ${all} where every job is looked at`);
  });

  test("jobs of a lane are found without a look at those of others", async () => {
    const { jobs, searchedTo } = await filled().records.list({ lane: RARE.lane }, { limit: 50 });
    assert.deepEqual([jobs.length, searchedTo], [JOB_STATUSES.length, null]);
  });

  test("jobs of a tag are found without a look at others", async () => {
    const page = (filter: JobFilter) => filled().records.list(filter, { limit: 50 });
    const { jobs, searchedTo } = await page({ tag: RARE.tag });
    assert.deepEqual([jobs.length, searchedTo], [JOB_STATUSES.length, null]);
    for (const status of JOB_STATUSES) {
      const one = await page({ tag: RARE.tag, status, lane: RARE.lane });
      assert.deepEqual([one.jobs.map((job) => job.status), one.searchedTo], [[status], null]);
    }
    const common = await page({ tag: "old" });
    assert.deepEqual([common.jobs.length, common.searchedTo], [50, null]);
    const none = await page({ tag: "old", tasks: ["none"] });
    assert.ok(none.searchedTo, "it ends after a bounded number of those that have the tag");
    assert.ok(NOW - none.searchedTo.createdAt <= 2 * MOST_ROWS);
  });

  test("a lane's jobs among those that failed alike are searched for in a bounded number of these", async () => {
    const filter: JobFilter = { fingerprint: "alike", status: "failed", lane: RARE.lane };
    const { jobs, searchedTo } = await filled().records.list(filter, { limit: 50 });
    assert.deepEqual(jobs, []);
    assert.ok(searchedTo);
    const looked = (NOW - searchedTo.createdAt) / JOB_STATUSES.length;
    assert.ok(looked <= MOST_ROWS, `${looked} were looked at`);
  });

  test("an entry of the audit is found page after page, each of which looks at a bounded number, and back from there", async () => {
    const page = (place: Partial<KeyPage>) =>
      filled().audit.list({ limit: 50, order: "descending", actions: [RARE.action], ...place });
    const places: string[] = [];
    let found = await page({});
    for (; found.searchedTo !== null; found = await page({ after: places.at(-1) })) {
      assert.deepEqual([found.rows, found.hasMore], [[], false]);
      places.push(found.searchedTo);
    }
    assert.deepEqual([found.rows.length, found.hasMore, places.length], [1, false, 2]);
    const back = await page({ before: found.rows[0]?.id });
    assert.deepEqual([back.rows, back.hasMore], [[], false]);
    assert.equal(back.searchedTo, `adt_${String(2_000).padStart(26, "0")}`);
    const all = await filled().audit.list({ limit: 50, order: "descending", actions: ["often"] });
    assert.deepEqual([all.rows.length, all.hasMore, all.searchedTo], [50, true, null]);
  });

  test("many searches at once are all answered, and each can continue", async () => {
    const pages = await Promise.all(
      Array.from({ length: 30 }, () => filled().records.list({ tasks: ["none"] }, { limit: 50 })),
    );
    for (const { jobs, searchedTo } of pages) {
      assert.deepEqual(jobs, []);
      assert.ok(searchedTo && searchedTo.createdAt < NOW);
    }
  });

  test("a batch of retries by filter ends after a bounded number of jobs, and says where to continue", async () => {
    const store = filled();
    const filter: RerunFilter = {
      task: RARE.task,
      status: "failed",
      finishedBefore: NOW + HOUR,
      createdFrom: FIRST_AT + 1_000,
    };
    let batches = 0;
    for (let after: string | null | undefined; after !== null; batches++) {
      const batch = await store.byHand.rerunMany(
        after === undefined ? filter : { ...filter, after },
        500,
        NOW,
      );
      assert.equal(batch.rerun, 0);
      after = batch.last;
    }
    assert.ok(batches >= Math.floor(MANY / JOB_STATUSES.length / MOST_ROWS), `${batches} batches`);
  });
}
