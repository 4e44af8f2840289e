import assert from "node:assert/strict";
import { test } from "node:test";
import { OverloadedError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import type { Page } from "../store/job-records.ts";
import type { Store } from "../store/store.ts";
import { JobSearch } from "./job-search.ts";

const JOBS = 12_000;

/** Jobs with the inputs 0, 1, 2, …, the newest first. */
function searchable() {
  const ids = Array.from({ length: JOBS }, (_, at) => `job_${String(at).padStart(6, "0")}`);
  const newestFirst = ids.toReversed();
  const asked: Page[] = [];
  let underway = 0;
  const most = { underway: 0 };
  const records = {
    list: async (_: object, page: Page) => {
      asked.push(page);
      most.underway = Math.max(most.underway, ++underway);
      await new Promise(setImmediate);
      underway--;
      const from = page.before === undefined ? 0 : newestFirst.indexOf(page.before) + 1;
      const jobs = newestFirst.slice(from, from + page.limit).map((id) => ({ id, createdAt: 1 }) as Job);
      return { jobs, searchedTo: null };
    },
    inputs: async (wanted: readonly string[]) =>
      new Map(wanted.map((id) => [id, String(Number(id.slice(4)))])),
  };
  const events = { getSmall: async () => [] };
  const store = { records, events } as unknown as Pick<Store, "records" | "events">; // all that it asks
  return { search: new JobSearch(store), asked, most };
}

test("jobs are found by their content, page by page, until all were looked at", async () => {
  const { search } = searchable();
  const found: string[] = [];
  let before: string | undefined;
  for (;;) {
    const page = await search.page({}, { limit: 2, ...(before && { before }) }, ({ input }) =>
      input.endsWith("999"),
    );
    found.push(...page.jobs.map(({ id }) => id));
    const full = page.jobs.length === 2 ? page.jobs.at(-1)?.id : undefined;
    before = full ?? page.searchedTo?.id;
    if (before === undefined) break;
  }
  assert.deepEqual(found, found.toSorted().toReversed());
  assert.equal(found.length, 12);
});

test("no page looks at more than a few thousand jobs, and it says how far it came", async () => {
  const { search, asked } = searchable();
  const { jobs, searchedTo } = await search.page({}, { limit: 50 }, () => false);
  assert.deepEqual(jobs, []);
  assert.ok(asked.length <= 50, `${asked.length} slices of 100`);
  assert.equal(searchedTo?.id, `job_${String(JOBS - asked.length * 100).padStart(6, "0")}`);
});

test("two pages are made at once, some wait for their turn, and more are refused", async () => {
  const { search, most } = searchable();
  const pages = Array.from({ length: 30 }, () =>
    search
      .page({}, { limit: 1 }, () => true)
      .then(
        () => "found",
        (error: unknown) => error instanceof OverloadedError && "refused",
      ),
  );
  const ended = await Promise.all(pages);
  assert.equal(most.underway, 2);
  assert.deepEqual([ended.filter((each) => each === "found").length, ended.at(-1)], [22, "refused"]);
  assert.equal((await search.page({}, { limit: 1 }, () => true)).jobs.length, 1);
});
