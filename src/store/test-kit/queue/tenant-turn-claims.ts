import assert from "node:assert/strict";
import { newId } from "../../../core/id.ts";
import type { LeasedJob } from "../../queue.ts";
import type { Store } from "../../store.ts";
import { NOW, type StoreClaim, WORKER } from "../store-under-test.ts";
import { claim, commit, enqueue, failForNow, newJob, newJobs } from "../stored-jobs.ts";

const TENANTS = ["a", "b", "c"].map((name) => `app_${name.repeat(26)}`);
const [CROWDED = "", SMALL = "", OTHER = ""] = TENANTS;

function endpointsOf(tenant: string, count: number): string[] {
  return Array.from({ length: count }, () => `${tenant}/${newId("ep", NOW)}`);
}

function tenantsOf(jobs: readonly LeasedJob[]): string[] {
  return jobs.map(({ lane }) => lane.split("/")[0] ?? "");
}

function countsOf(jobs: readonly LeasedJob[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const tenant of tenantsOf(jobs)) counts[tenant] = (counts[tenant] ?? 0) + 1;
  return counts;
}

async function enqueueEach(store: Store, lanes: readonly string[], jobs = 1): Promise<void> {
  await enqueue(
    store,
    lanes.flatMap((lane) => newJobs(jobs, { lane })),
  );
}

export function tenantTurnClaims(states: StoreClaim): void {
  states("a tenant of 1 000 endpoints and one of a single one have their turns alike", async (store) => {
    await enqueueEach(store, endpointsOf(CROWDED, 1_000));
    await enqueueEach(store, endpointsOf(SMALL, 1), 60);
    await enqueueEach(store, ["plain lane"], 60);
    assert.deepEqual(countsOf(await claim(store, { limit: 60 })), {
      [CROWDED]: 20,
      [SMALL]: 20,
      "plain lane": 20,
    });
  });

  states(
    "with more tenants than the limit, claims go round them, whatever endpoints each has",
    async (store) => {
      for (const [at, tenant] of TENANTS.entries())
        await enqueueEach(store, endpointsOf(tenant, 1 + 4 * at), 4);
      const order: string[] = [];
      for (let n = 0; n < 6; n++) order.push(...tenantsOf(await claim(store, { limit: 2 })));
      for (let round = 0; round < 4; round++)
        assert.deepEqual(order.slice(3 * round, 3 * round + 3).sort(), TENANTS, `round ${round}`);
    },
  );

  states(
    "no more of a limited tenant is claimed than it has room for, over all its endpoints",
    async (store) => {
      await enqueueEach(store, [...endpointsOf(CROWDED, 40), ...endpointsOf(SMALL, 1)], 3);
      await enqueueEach(store, ["plain lane"], 3);
      const room = (tenants: Record<string, number>) => ({
        ...{ byDefault: 9, except: new Map(), tenants: new Map(Object.entries(tenants)) },
      });
      const first = await claim(store, { room: room({ [`${CROWDED}/`]: 5, [`${SMALL}/`]: 2 }) });
      assert.deepEqual(countsOf(first), { [CROWDED]: 5, [SMALL]: 2, "plain lane": 3 });
      const none = { [`${CROWDED}/`]: 0, [`${SMALL}/`]: 0, [`${OTHER}/`]: 0 };
      assert.deepEqual(await claim(store, { room: room(none) }), []);
      const job = newJob({ lane: endpointsOf(OTHER, 1)[0] ?? "" });
      const request = { worker: WORKER, limit: 9, maxBytes: 1e9, room: room(none) };
      assert.deepEqual((await commit(store, { enqueues: [{ job }], claim: request })).claimed, []);
      const rest = await claim(store, { room: room({ [`${OTHER}/`]: 1 }) });
      assert.deepEqual(countsOf(rest), { [CROWDED]: 115, [SMALL]: 1, [OTHER]: 1 });
    },
  );

  states("a tenant without room is stepped over at once, however many endpoints it has", async (store) => {
    await enqueueEach(store, endpointsOf(CROWDED, 600));
    await enqueueEach(store, ["plain lane"]);
    const room = { byDefault: 9, except: new Map(), tenants: new Map([[`${CROWDED}/`, 0]]) };
    assert.deepEqual(tenantsOf(await claim(store, { limit: 5, room })), ["plain lane"]);
  });

  states(
    "the endpoints of a tenant have their turns one after the other, from claim to claim",
    async (store) => {
      const endpoints = endpointsOf(CROWDED, 5);
      await enqueueEach(store, endpoints, 3);
      await enqueueEach(store, endpointsOf(SMALL, 2), 20);
      const order: string[] = [];
      for (let n = 0; n < 15; n++) {
        const claimed = await claim(store, { limit: 2 });
        order.push(...claimed.map(({ lane }) => lane).filter((lane) => lane.startsWith(CROWDED)));
      }
      assert.equal(order.length, 15);
      for (let round = 0; round < 3; round++)
        assert.deepEqual(
          new Set(order.slice(5 * round, 5 * round + 5)),
          new Set(endpoints),
          `round ${round}`,
        );
    },
  );

  states(
    "an event to 1 000 endpoints of one tenant is claimed by as many as the limit at a time",
    async (store) => {
      await enqueueEach(store, endpointsOf(CROWDED, 1_000));
      const lanes = new Set<string>();
      for (const size of [...Array<number>(15).fill(64), 40]) {
        const claimed = await claim(store, { limit: 64 });
        assert.equal(claimed.length, size);
        for (const { lane } of claimed) lanes.add(lane);
      }
      assert.equal(lanes.size, 1_000);
    },
  );

  states(
    "endpoints without room are passed over, and take nothing from their tenant's others",
    async (store) => {
      const [resting, working] = [endpointsOf(CROWDED, 700), endpointsOf(CROWDED, 3)];
      await enqueueEach(store, [...resting, ...working]);
      await enqueueEach(store, endpointsOf(OTHER, 1));
      const room = { byDefault: 9, except: new Map(resting.map((lane) => [lane, 0])) };
      const claimed = [];
      for (let round = 0; round < 4; round++) claimed.push(...(await claim(store, { room, limit: 9 })));
      assert.deepEqual(tenantsOf(claimed).sort(), [CROWDED, CROWDED, CROWDED, OTHER]);
    },
  );

  states(
    "a tenant that had one endpoint when the last claim stopped, and now has several, has one turn",
    async (store) => {
      const [first = "", middle = "", ...later] = endpointsOf(CROWDED, 4).sort();
      await enqueueEach(store, [middle], 2);
      assert.equal((await claim(store, { limit: 1 })).length, 1);
      await enqueueEach(store, [first, ...later], 3);
      const claimed = await claim(store, { limit: 50 });
      assert.deepEqual(countsOf(claimed), { [CROWDED]: 10 });
      assert.equal(new Set(claimed.map(({ id }) => id)).size, 10);
    },
  );

  states("first attempts and later ones of a tenant's endpoints both have their turns", async (store) => {
    const [first = "", ...others] = endpointsOf(CROWDED, 3);
    await enqueueEach(store, [first], 5);
    for (const lease of await claim(store)) await failForNow(store, lease, NOW, NOW);
    await enqueueEach(store, others, 10);
    const claimed = await claim(store, { limit: 8 });
    assert.deepEqual(claimed.map(({ attempts }) => attempts).sort(), [1, 1, 1, 1, 2, 2, 2, 2]);
  });

  states("a plain lane that sorts between a tenant's lanes and the next's has its turn", async (store) => {
    const lanes = [`${CROWDED}`, `${CROWDED}0`, `${CROWDED}.`, ...endpointsOf(CROWDED, 2), `${CROWDED}/ünï`];
    await enqueueEach(store, lanes, 2);
    const claimed = [];
    for (let n = 0; n < lanes.length; n++) claimed.push(...(await claim(store, { limit: 2 })));
    assert.equal(claimed.length, 2 * lanes.length);
    assert.deepEqual(new Set(claimed.map(({ lane }) => lane)), new Set(lanes));
    assert.deepEqual(await claim(store), []);
    await enqueue(store, [newJob({ lane: `${CROWDED}0` })]);
    assert.equal((await claim(store)).length, 1);
  });
}
