import assert from "node:assert/strict";
import { newId } from "../../../core/id.ts";
import { JOB_STATUSES, type JobStatus } from "../../../core/job.ts";
import type { JobFilter, Page } from "../../job-records.ts";
import { listJobs } from "../../list-jobs.ts";
import type { LeasedJob } from "../../queue.ts";
import type { Store } from "../../store.ts";
import { newTenant } from "../shelves/registered.ts";
import { HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import {
  claim,
  claimOne,
  enqueue,
  enqueueAndClaim,
  fail,
  failForNow,
  idsOf,
  newJob,
  newJobs,
  succeed,
} from "../stored-jobs.ts";

/** Two jobs in each status; of those queued one is due and one scheduled. */
async function twoOfEach(store: Store, lane = "lane"): Promise<Record<JobStatus, string[]>> {
  const leased = async () => [await enqueueAndClaim(store, { lane }), await enqueueAndClaim(store, { lane })];
  const ended = async (end: (lease: LeasedJob) => Promise<unknown>) => {
    const leases = await leased();
    for (const lease of leases) await end(lease);
    return idsOf(leases);
  };
  const byStatus = {
    succeeded: await ended((lease) => succeed(store, lease)),
    failed: await ended((lease) => fail(store, lease)),
    cancelled: await ended(({ id }) => store.byHand.cancel(id, NOW)),
    running: idsOf(await leased()),
  };
  const queued = [newJob({ lane }), newJob({ lane, runAt: NOW + HOUR })];
  await enqueue(store, queued);
  return { ...byStatus, queued: idsOf(queued) };
}

/** Every page of a list, one after the other. */
async function pages(store: Store, filter: JobFilter, limit: number): Promise<string[][]> {
  const found: string[][] = [];
  let page: Page = { limit };
  for (;;) {
    const ids = idsOf(await listJobs(store.records, filter, page));
    if (ids.length === 0) return found;
    found.push(ids);
    const before = ids.at(-1);
    if (before !== undefined) page = { limit, before };
  }
}

const newestFirst = (ids: readonly string[]) => [...ids].sort().reverse();

export function recordClaims(states: StoreClaim): void {
  states("a job's input is found as it was written", async (store) => {
    const job = newJob({ payload: '{"b":1.0,"a":9007199254740993}' });
    await enqueue(store, [job]);
    assert.equal(await store.records.input(job.id), '{"b":1.0,"a":9007199254740993}');
    assert.equal(await store.records.input(newId("job")), undefined);
  });

  states("the inputs of several jobs are found at once, except empty and large ones", async (store) => {
    const [small, large, empty] = [
      newJob({ payload: '"é 1"' }),
      newJob({ payload: `"${"x".repeat(90)}"` }),
      newJob({ payload: "" }),
    ];
    await enqueue(store, [small, large, empty]);
    const ids = [small.id, large.id, empty.id, newId("job"), "nobody"];
    assert.deepEqual([...(await store.records.inputs(ids, 91))], [[small.id, '"é 1"']]);
    assert.equal((await store.records.inputs(ids, 92)).size, 2);
    assert.equal((await store.records.inputs([small.id], 5)).size, 0, "bytes are counted, not characters");
    assert.equal((await store.records.inputs([], 92)).size, 0);
  });

  states("an unknown job is undefined, and has no attempts", async (store) => {
    assert.equal(await store.records.get("job_unknown"), undefined);
    assert.deepEqual(await store.records.attempts("job_unknown", { limit: 9 }), []);
    assert.deepEqual(await listJobs(store.records, {}, { limit: 9 }), []);
  });

  states(
    "every status is shown when looked up and when listed, and lists give what a look-up gives",
    async (store) => {
      const byStatus = await twoOfEach(store);
      for (const status of JOB_STATUSES) {
        for (const id of byStatus[status]) assert.equal((await store.records.get(id))?.status, status);
        const listed = await listJobs(store.records, { status }, { limit: 9 });
        assert.deepEqual(idsOf(listed), newestFirst(byStatus[status]));
        for (const job of listed) assert.deepEqual(job, await store.records.get(job.id));
      }
    },
  );

  states(
    "a list without a filter holds the jobs of every status, newest first, up to its limit",
    async (store) => {
      const all = newestFirst(Object.values(await twoOfEach(store)).flat());
      assert.deepEqual(idsOf(await listJobs(store.records, {}, { limit: 100 })), all);
      assert.deepEqual(idsOf(await listJobs(store.records, {}, { limit: 3 })), all.slice(0, 3));
      const queued = await listJobs(store.records, { status: "queued" }, { limit: 1 });
      assert.deepEqual(idsOf(queued), all.slice(0, 1));
    },
  );

  states("a list holds the jobs of one lane only, in each status", async (store) => {
    const here = await twoOfEach(store, "here");
    await twoOfEach(store, "there");
    assert.deepEqual(
      idsOf(await listJobs(store.records, { lane: "here" }, { limit: 100 })),
      newestFirst(Object.values(here).flat()),
    );
    for (const status of JOB_STATUSES) {
      assert.deepEqual(
        idsOf(await listJobs(store.records, { lane: "here", status }, { limit: 9 })),
        newestFirst(here[status]),
      );
    }
  });

  states("the list of a lane is the same before, during and after upkeep", async (store) => {
    const lanes = ["one", "two", "three"];
    const jobs = Array.from({ length: 3_300 }, (_, n) => newJob({ lane: lanes[n % 3] ?? "" }));
    await enqueue(store, jobs);
    const leases = await claim(store, { limit: 5, room: { byDefault: 0, except: new Map([["two", 5]]) } });
    for (const lease of leases) await succeed(store, lease);
    const twos = newestFirst(jobs.filter((job) => job.lane === "two").map((job) => job.id));
    const listed = async (filter: JobFilter) => {
      const ids: string[] = [];
      for (let page = await listJobs(store.records, filter, { limit: 400 }); page.length > 0; ) {
        ids.push(...idsOf(page));
        page = await listJobs(store.records, filter, { limit: 400, before: ids.at(-1) ?? "" });
      }
      return ids;
    };
    do {
      assert.deepEqual(await listed({ lane: "two" }), twos);
      assert.deepEqual(await listed({ lane: "two", status: "succeeded" }), newestFirst(idsOf(leases)));
    } while (await store.retention.maintain());
    const late = newJob({ lane: "two" });
    await enqueue(store, [late]);
    assert.deepEqual(await listed({ lane: "two" }), [late.id, ...twos]);
    assert.equal(await store.retention.maintain(), false, "a few jobs are not worth it");
  });

  states("a list holds the jobs of the tasks asked for, and none when none are", async (store) => {
    const [a, b, c] = [newJob({ task: "a" }), newJob({ task: "b" }), newJob({ task: "c" })];
    await enqueue(store, [a, b, c]);
    assert.deepEqual(idsOf(await listJobs(store.records, { tasks: ["a"] }, { limit: 9 })), [a.id]);
    assert.deepEqual(
      idsOf(await listJobs(store.records, { tasks: ["c", "a"], status: "queued" }, { limit: 9 })),
      idsOf([c, a]),
    );
    assert.deepEqual(await listJobs(store.records, { tasks: [] }, { limit: 9 }), []);
  });

  states("a list holds the jobs of a tenant, of an event, or of tenants of a mode", async (store) => {
    const [acme, trial] = [newTenant(), newTenant({ mode: "test" })];
    await store.tenants.create(acme);
    await store.tenants.create(trial);
    const [paid, sent] = [newId("msg", NOW), newId("msg", NOW)];
    const of = (tenant: string, event: string) =>
      newJob({ lane: `${tenant}/ep_1`, origin: { tenant, event } });
    const jobs = [of(acme.id, paid), of(acme.id, paid), of(acme.id, sent), of(trial.id, sent), newJob()];
    await enqueue(store, jobs);
    const [first, second, third, fourth] = idsOf(jobs);
    await store.byHand.cancel(second ?? "", NOW);
    const found = async (filter: JobFilter) => idsOf(await listJobs(store.records, filter, { limit: 9 }));
    assert.deepEqual(await found({ event: paid }), [second, first]);
    assert.deepEqual(await found({ event: paid, status: "cancelled" }), [second]);
    assert.deepEqual(await found({ event: sent, tenant: acme.id }), [third]);
    assert.deepEqual(await found({ event: paid, tenant: trial.id }), []);
    assert.deepEqual(await found({ tenant: acme.id }), [third, second, first]);
    assert.deepEqual(await found({ tenant: acme.id, status: "queued" }), [third, first]);
    assert.deepEqual(await found({ mode: "test" }), [fourth]);
    assert.deepEqual(await found({ mode: "live" }), [third, second, first]);
    assert.deepEqual(await pages(store, { event: paid }, 1), [[second], [first]]);
  });

  states("a list holds the jobs made from a moment on, and before another", async (store) => {
    const jobs = [0, 1, 2, 3].map((seconds) => newJob({ createdAt: NOW + seconds * SECOND }));
    await enqueue(store, jobs);
    const [first, second, third, fourth] = idsOf(jobs);
    const listed = async (filter: JobFilter) => idsOf(await listJobs(store.records, filter, { limit: 9 }));
    assert.deepEqual(await listed({ createdFrom: NOW + SECOND }), [fourth, third, second]);
    assert.deepEqual(await listed({ createdBefore: NOW + SECOND }), [first]);
    const span = { createdFrom: NOW + SECOND, createdBefore: NOW + 3 * SECOND };
    assert.deepEqual(await listed(span), [third, second]);
    assert.deepEqual(await listed({ ...span, status: "queued", lane: "lane", tasks: ["mail.send"] }), [
      third,
      second,
    ]);
  });

  states(
    "a list holds what is due from a moment on, and before another, and what waits for the same",
    async (store) => {
      const { queued, ...others } = await twoOfEach(store);
      const [now, later] = queued;
      const listed = async (filter: JobFilter) => idsOf(await listJobs(store.records, filter, { limit: 9 }));
      assert.deepEqual(await listed({ dueFrom: 0 }), [later, now]);
      assert.deepEqual(await listed({ dueFrom: NOW + 1 }), [later]);
      assert.deepEqual(await listed({ dueBefore: NOW + HOUR }), [now]);
      assert.deepEqual(await listed({ dueFrom: NOW, dueBefore: NOW + HOUR + 1 }), [later, now]);
      assert.deepEqual(await listed({ dueFrom: NOW + HOUR, dueBefore: NOW + HOUR }), []);
      const span = { dueFrom: NOW, dueBefore: NOW + HOUR + 1 };
      assert.deepEqual(await listed({ waiting: "ready" }), [now]);
      assert.deepEqual(await listed({ waiting: "scheduled", lane: "lane" }), [later]);
      assert.deepEqual(await listed({ waiting: "scheduled", statuses: ["failed", "queued"] }), [later]);
      assert.deepEqual(await listed({ waiting: "ready", ids: [...queued, ...others.running] }), [now]);
      assert.deepEqual(await listed({ waiting: "ready", status: "failed" }), []);
      assert.deepEqual(await listed({ waiting: "held" }), []);
      await store.parking.park("lane", "paused", 9, NOW);
      assert.deepEqual(await listed({ waiting: "held" }), [now]);
      assert.deepEqual(await listed({ waiting: "ready" }), []);
      await store.parking.unpark("lane", 9, NOW, "paused");
      assert.deepEqual(await listed({ ...span, statuses: ["failed", "queued"] }), [later, now]);
      assert.deepEqual(await listed({ ...span, lane: "lane", statuses: ["queued"] }), [later, now]);
      assert.deepEqual(await listed({ ...span, statuses: ["failed", "running"] }), []);
      assert.deepEqual(await listed({ ...span, ids: [now ?? "", ...others.running] }), [now]);
    },
  );

  states("pages cover every job once, whatever the filter", async (store) => {
    const all = Object.values(await twoOfEach(store)).flat();
    const live = newJobs(7);
    await enqueue(store, live);
    for (const limit of [1, 2, 5]) {
      assert.deepEqual((await pages(store, {}, limit)).flat(), newestFirst([...all, ...idsOf(live)]));
      const queued = (await pages(store, { status: "queued" }, limit)).flat();
      assert.equal(queued.length, 9);
      assert.deepEqual(queued, newestFirst([...new Set(queued)]));
    }
  });

  states("jobs that arrive while pages are read are on none of them, and move nothing", async (store) => {
    const old = newJobs(25);
    await enqueue(store, old);
    const seen: string[] = [];
    let page: Page = { limit: 4 };
    for (;;) {
      const ids = idsOf(await listJobs(store.records, {}, page));
      await enqueue(store, newJobs(3, { createdAt: NOW + SECOND }));
      const before = ids.at(-1);
      if (before === undefined) break;
      seen.push(...ids);
      page = { limit: 4, before };
    }
    assert.deepEqual(seen, newestFirst(idsOf(old)));
  });

  states("attempts come newest first, page by page", async (store) => {
    let lease = await enqueueAndClaim(store);
    for (let n = 1; n < 5; n++) {
      await failForNow(store, lease, NOW, NOW);
      lease = await claimOne(store);
    }
    await succeed(store, lease);
    const numbers = async (page: { limit: number; before?: number }) =>
      (await store.records.attempts(lease.id, page)).map(({ n }) => n);
    assert.deepEqual(await numbers({ limit: 2 }), [5, 4]);
    assert.deepEqual(await numbers({ limit: 2, before: 4 }), [3, 2]);
    assert.deepEqual(await numbers({ limit: 2, before: 2 }), [1]);
    assert.deepEqual(await numbers({ limit: 2, before: 1 }), []);
  });
}
