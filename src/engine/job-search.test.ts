import assert from "node:assert/strict";
import { test } from "node:test";
import { OverloadedError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import type { Holds, Sought } from "../core/job-content.ts";
import type { Page } from "../store/job-records.ts";
import { overlaid } from "../store/overlaid-store.ts";
import { openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { scratchFile } from "../store/sqlite/test-kit/scratch.ts";
import type { Store } from "../store/store.ts";
import { enqueue, newJob } from "../store/test-kit/stored-jobs.ts";
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
      new Map(wanted.map((id) => [id, `#${Number(id.slice(4))}#`])),
  };
  const events = { getSmall: async () => [] };
  const store = { records, events } as unknown as Pick<Store, "records" | "events">; // all that it asks
  return { search: new JobSearch(store), asked, most };
}

test("jobs are found by their content, page by page, until all were looked at", async () => {
  const { search } = searchable();
  const found: string[] = [];
  let lookedAt = 0;
  let before: string | undefined;
  for (;;) {
    const page = await search.page({}, { limit: 2, ...(before && { before }) }, { text: "999#" });
    found.push(...page.jobs.map(({ id }) => id));
    for (const [at, { id }] of page.jobs.entries())
      assert.equal(lookedAt + (page.places[at] ?? 0), JOBS - Number(id.slice(4)));
    lookedAt += page.lookedAt;
    const full = page.jobs.length === 2 ? page.jobs.at(-1)?.id : undefined;
    before = full ?? page.searchedTo?.id;
    if (before === undefined) break;
  }
  assert.deepEqual(found, found.toSorted().toReversed());
  assert.deepEqual([found.length, lookedAt], [12, JOBS]);
});

test("no page looks at more than a few thousand jobs, and it says how far it came", async () => {
  const { search, asked } = searchable();
  const { jobs, searchedTo, lookedAt } = await search.page({}, { limit: 50 }, { text: "in none" });
  assert.deepEqual([jobs, lookedAt], [[], asked.length * 100]);
  assert.ok(asked.length <= 50, `${asked.length} slices of 100`);
  assert.equal(searchedTo?.id, `job_${String(JOBS - asked.length * 100).padStart(6, "0")}`);
});

test("a file's jobs are looked through in a thread: the process reads none of their contents, but for those who are not shown everything", async (t) => {
  const real = await openSqliteStore({ file: scratchFile(t) });
  t.after(() => real.close());
  await enqueue(
    real,
    Array.from({ length: 600 }, (_, n) => newJob({ payload: `{"n":"#${n}#"}` })),
  );
  const read = { list: 0, inputs: 0 };
  const store = overlaid(real, {
    records: {
      list: (filter, page) => {
        read.list++;
        return real.records.list(filter, page);
      },
      inputs: (ids, most) => {
        read.inputs += ids.length;
        return real.records.inputs(ids, most);
      },
    },
  });
  const search = new JobSearch(store);
  const count = async (sought: Sought | Holds) => {
    let found = 0;
    let lookedAt = 0;
    for (let before: string | undefined; ; ) {
      const page = { limit: 50, ...(before && { before }) };
      const { jobs, searchedTo, ...looked } = await search.page({}, page, sought);
      found += jobs.length;
      lookedAt += looked.lookedAt;
      if (!searchedTo) return { found, lookedAt };
      before = searchedTo.id;
    }
  };
  assert.deepEqual(
    [await count({ text: "99#" }), read],
    [
      { found: 6, lookedAt: 600 },
      { list: 0, inputs: 0 },
    ],
  );
  assert.deepEqual(await count(({ input }) => input.includes("99#")), { found: 6, lookedAt: 600 });
  const first = await search.page({}, { limit: 2 }, { text: "99#" });
  assert.deepEqual([first.places, first.lookedAt], [[1, 101], 101]);
  assert.equal(read.inputs, 600);
});

test("two pages are made at once, some wait for their turn, and more are refused", async () => {
  const { search, most } = searchable();
  const pages = Array.from({ length: 30 }, () =>
    search.page({}, { limit: 1 }, { text: "#" }).then(
      () => "found",
      (error: unknown) => error instanceof OverloadedError && "refused",
    ),
  );
  const ended = await Promise.all(pages);
  assert.equal(most.underway, 2);
  assert.deepEqual([ended.filter((each) => each === "found").length, ended.at(-1)], [22, "refused"]);
  assert.equal((await search.page({}, { limit: 1 }, { text: "#" })).jobs.length, 1);
});
