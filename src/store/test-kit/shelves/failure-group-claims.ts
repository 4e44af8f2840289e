import assert from "node:assert/strict";
import type { FailedAlike, FailureGroup, FailurePage } from "../../shelves/statistics/failure-groups.ts";
import { cursorOf } from "../../shelves/statistics/failure-groups.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import { enqueueAndClaim, type newJob, settle, settlement } from "../stored-jobs.ts";
import { newTenant } from "./registered.ts";

const ALIKE: FailedAlike = {
  ...{ fingerprint: "00000000000000aa", task: "mail.send", lane: "mail", tenant: null, class: "5xx" },
  ...{ sample: "HTTP 503", sampleJob: "job_1", firstAt: NOW, lastAt: NOW, n: 2 },
};
const NEW = { state: "open", seenN: 0, note: null } as const;

async function listedBy(store: Store, page: Partial<FailurePage> = {}): Promise<string[]> {
  const { rows } = await store.failureGroups.list({ limit: 50, ...page });
  return rows.map(({ fingerprint }) => fingerprint.slice(-2));
}

export function failureGroupClaims(states: StoreClaim): void {
  states("failures that are alike are added up, with the last of them as the sample", async (store) => {
    const { failureGroups } = store;
    const earlier = { firstAt: NOW - SECOND, lastAt: NOW - SECOND, sample: "old", sampleJob: "job_0", n: 1 };
    const later = { firstAt: NOW, lastAt: NOW + SECOND, sample: "new", sampleJob: "job_9", n: 4 };
    await failureGroups.add([ALIKE]);
    await failureGroups.add([{ ...ALIKE, ...earlier }]);
    const first = { ...ALIKE, ...NEW, firstAt: NOW - SECOND, n: 3 };
    assert.deepEqual(await failureGroups.get(ALIKE.fingerprint), first);
    await failureGroups.add([
      { ...ALIKE, ...later },
      { ...ALIKE, fingerprint: "00000000000000bb" },
    ]);
    assert.deepEqual(await failureGroups.get(ALIKE.fingerprint), {
      ...first,
      ...later,
      firstAt: NOW - SECOND,
      n: 7,
    });
    assert.equal((await failureGroups.get("00000000000000bb"))?.n, 2);
    assert.equal(await failureGroups.get("00000000000000cc"), undefined);
  });

  states("failures are counted in the hour of the last one, until that is old", async (store) => {
    const { failureGroups, failureHours } = store;
    const hour = NOW - (NOW % HOUR);
    await failureGroups.add([ALIKE, { ...ALIKE, fingerprint: "00000000000000bb" }]);
    await failureGroups.add([{ ...ALIKE, n: 3 }]);
    await failureGroups.add([{ ...ALIKE, lastAt: NOW + HOUR, n: 5 }]);
    const of = async (...ends: string[]) => {
      const found = await failureHours.since(
        ends.map((end) => `00000000000000${end}`),
        hour,
      );
      return found.map((each) => [each.fingerprint.slice(-2), (each.hour - hour) / HOUR, each.n]).sort();
    };
    const all = [
      ["aa", 0, 5],
      ["aa", 1, 5],
      ["bb", 0, 2],
    ];
    assert.deepEqual(await of("aa", "bb", "cc"), all);
    assert.equal(await failureHours.forget(hour + HOUR), false);
    assert.deepEqual(await of("aa", "bb"), [all[1]]);
  });

  states(
    "what is counted a moment after its tenant was deleted is not kept, and brings nothing back",
    async (store) => {
      const { tenants, failureGroups, failureHours, endpointStats } = store;
      const tenant = newTenant();
      await tenants.create(tenant);
      const ofTenant = { ...ALIKE, tenant: tenant.id };
      const row = {
        ...{ tenant: tenant.id, endpoint: "ep_1", hour: 0, process: "wrk_1" },
        ...{ succeeded: 1, failed: 0, retried: 0, attempts: "[]" },
      };
      const kept = async () => [
        (await failureGroups.get(ALIKE.fingerprint))?.n,
        (await failureHours.since([ALIKE.fingerprint], 0)).length,
        (await endpointStats.since(tenant.id, "ep_1", 0)).length,
      ];
      await failureGroups.add([ofTenant]);
      await endpointStats.put([row]);
      assert.deepEqual(await kept(), [2, 1, 1]);
      await tenants.remove(tenant.id, NOW);
      await failureGroups.add([ofTenant]);
      assert.deepEqual(await kept(), [2, 1, 1], "it stays until the tenant is erased");
      await store.erasure.forgetRest(tenant.id);
      await failureGroups.add([ofTenant]);
      await endpointStats.put([
        { ...row, hour: HOUR },
        { ...row, tenant: "", endpoint: "" },
      ]);
      assert.deepEqual(await kept(), [undefined, 0, 1]);
      assert.equal((await endpointStats.since("", "", 0)).length, 1, "of all together it is kept");
    },
  );

  states("processes that count the same failures at once lose none of them", async (store, opened) => {
    const other = await opened.another();
    const all = ["aa", "bb", "cc", "dd"].map((end) => ({ ...ALIKE, fingerprint: `00000000000000${end}` }));
    await Promise.all(
      [store, other, store, other].map(({ failureGroups }, at) =>
        failureGroups.add(at % 2 === 0 ? all : [...all].reverse()),
      ),
    );
    const { rows } = await store.failureGroups.list({ limit: 50 });
    assert.deepEqual(
      rows.map(({ n }) => n),
      [8, 8, 8, 8],
    );
  });

  states(
    "an acknowledged group opens again once it has doubled, a resolved one with the next failure",
    async ({ failureGroups }) => {
      await failureGroups.add([ALIKE]);
      const stateOf = async () => (await failureGroups.get(ALIKE.fingerprint))?.state;
      const set = (state: FailureGroup["state"], was: FailureGroup["state"]) =>
        failureGroups.change({ fingerprint: ALIKE.fingerprint, state, note: "known" }, was);
      assert.deepEqual(await set("acknowledged", "open"), {
        ...{ ...ALIKE, state: "acknowledged", seenN: 2, note: "known" },
      });
      assert.equal(await set("resolved", "open"), undefined);
      await failureGroups.add([{ ...ALIKE, n: 1 }]);
      assert.equal((await set("acknowledged", "acknowledged"))?.seenN, 2, "another note is not another look");
      await failureGroups.add([{ ...ALIKE, n: 1 }]);
      assert.equal(await stateOf(), "open");
      assert.equal((await set("resolved", "open"))?.state, "resolved");
      await failureGroups.add([{ ...ALIKE, n: 1 }]);
      assert.equal(await stateOf(), "open");
    },
  );

  states(
    "groups are listed by their last failure, by what is asked for and seen, and paged both ways",
    async (store) => {
      const { tenants, failureGroups } = store;
      const [live, test] = [newTenant({ uid: "live" }), newTenant({ uid: "test", mode: "test" })];
      for (const tenant of [live, test]) assert.ok(await tenants.create(tenant));
      const group = (end: string, seconds: number, fields: Partial<FailedAlike> = {}): FailedAlike => ({
        ...{ ...ALIKE, fingerprint: `00000000000000${end}`, lastAt: NOW + seconds * SECOND },
        ...fields,
      });
      await failureGroups.add([
        group("aa", 0, { class: null }),
        group("bb", 1, { tenant: live.id, lane: `${live.id}/ep_1` }),
        group("cc", 1, { tenant: test.id }),
        group("dd", 3, { task: "mail.check" }),
      ]);
      await failureGroups.change({ fingerprint: "00000000000000aa", state: "resolved", note: null }, "open");
      assert.deepEqual(await listedBy(store), ["dd", "cc", "bb", "aa"]);
      assert.deepEqual(await listedBy(store, { tenant: live.id }), ["bb"]);
      assert.deepEqual(await listedBy(store, { mode: "test" }), ["cc"]);
      assert.deepEqual(await listedBy(store, { tenant: live.id, mode: "test" }), []);
      assert.deepEqual(await listedBy(store, { lane: `${live.id}/ep_1` }), ["bb"]);
      assert.deepEqual(await listedBy(store, { task: "mail.check" }), ["dd"]);
      assert.deepEqual(await listedBy(store, { state: "resolved" }), ["aa"]);
      assert.deepEqual(await listedBy(store, { firstSince: ALIKE.firstAt + 1 }), []);
      assert.deepEqual(await listedBy(store, { firstSince: ALIKE.firstAt }), ["dd", "cc", "bb", "aa"]);
      assert.deepEqual(await listedBy(store, { class: "5xx", since: NOW + 2 * SECOND }), ["dd"]);
      const cursor = async (end: string) => {
        const found = await failureGroups.get(`00000000000000${end}`);
        return found && cursorOf(found);
      };
      assert.deepEqual(await listedBy(store, { limit: 2, after: await cursor("dd") }), ["cc", "bb"]);
      assert.deepEqual(await listedBy(store, { limit: 2, before: await cursor("aa") }), ["cc", "bb"]);
      assert.equal(await failureGroups.get("00000000000000bb", { tenant: test.id }), undefined);
      assert.equal((await failureGroups.get("00000000000000bb", { mode: "live" }))?.tenant, live.id);
    },
  );

  states("a list finds the few groups that are asked for, however many stand between them", async (store) => {
    const many = Array.from({ length: 1_200 }, (_, n) => ({
      ...ALIKE,
      fingerprint: String(n).padStart(16, "0"),
      lastAt: NOW + n,
      ...((n === 0 || n === 1_199) && { task: "rare" }),
    }));
    await store.failureGroups.add(many);
    const list = async (page: Partial<FailurePage>) => {
      const { rows, hasMore } = await store.failureGroups.list({ limit: 50, task: "rare", ...page });
      return [...rows.map(({ lastAt }) => lastAt - NOW), hasMore];
    };
    assert.deepEqual(await list({}), [1_199, 0, false]);
    assert.deepEqual(await list({ limit: 1 }), [1_199, true]);
    assert.deepEqual(await list({ limit: 1, after: `${NOW + 1_199}_${"0".repeat(12)}1199` }), [0, false]);
    assert.deepEqual(await list({ before: `${NOW}_${"0".repeat(16)}` }), [1_199, false]);
    assert.deepEqual(await list({ since: NOW + 1 }), [1_199, false]);
    const rare = many.map((each, n) => ({ ...each, task: "all", sample: n % 600 === 5 ? "rare" : "usual" }));
    await store.failureGroups.add(rare);
    const holding = { task: ALIKE.task, fits: (sample: string) => sample === "rare" };
    assert.deepEqual(await list(holding), [605, 5, false]);
    assert.deepEqual(await list({ ...holding, limit: 1 }), [605, true]);
    assert.deepEqual(await list({ ...holding, before: `${NOW}_${"0".repeat(16)}` }), [605, 5, false]);
  });

  states("groups go that have not failed for long, and those beyond a number", async (store) => {
    const { failureGroups } = store;
    const ends = ["aa", "bb", "cc", "dd", "ee"];
    await failureGroups.add(
      ends.map((end, at) => ({
        ...ALIKE,
        fingerprint: `00000000000000${end}`,
        lastAt: NOW + at * SECOND,
      })),
    );
    assert.equal(await failureGroups.prune(NOW + SECOND, 9), 1);
    assert.equal(await failureGroups.pruneBeyond(4, 9), 0);
    assert.equal(await failureGroups.pruneBeyond(1, 2), 2);
    assert.deepEqual(await listedBy(store), ["ee", "dd"]);
  });

  states("the failed jobs of a group are found, and no others", async (store) => {
    const fail = async (fingerprint: string, fields: Parameters<typeof newJob>[0] = {}) => {
      const lease = await enqueueAndClaim(store, fields);
      await settle(
        store,
        settlement(lease, { status: "failed", error: "it broke" }, "failed", { fingerprint }),
      );
      return lease.id;
    };
    const alike = [await fail("f1", { lane: "a" }), await fail("f1", { lane: "b" })];
    await fail("f2");
    const filter = { status: "failed", fingerprint: "f1" } as const;
    const found = async (more = {}) =>
      (await store.bulkJobs.next({ ...filter, ...more }, { limit: 9, after: null })).jobs.map(({ id }) => id);
    assert.deepEqual(await found(), alike);
    assert.deepEqual(await found({ lane: "b" }), alike.slice(1));
    const { jobs } = await store.records.list({ statuses: ["failed"], fingerprint: "f1" }, { limit: 1 });
    assert.deepEqual(
      jobs.map(({ id }) => id),
      alike.slice(1),
    );
    assert.deepEqual(
      (await store.bulkJobs.next(filter, { limit: 1, after: alike[0] ?? null })).jobs[0]?.id,
      alike[1],
    );
    await store.byHand.rerun(alike[0] ?? "", NOW);
    assert.deepEqual(await found(), alike.slice(1));
  });
}
