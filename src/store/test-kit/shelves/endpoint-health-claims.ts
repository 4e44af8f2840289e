import assert from "node:assert/strict";
import type { Endpoint } from "../../shelves/endpoints.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";
import { newEndpoint, newHealth, newTenant } from "./registered.ts";

const TENANT = newTenant().id;
const STRANGER = newTenant().id;

async function saved(store: Store, tenant: string, fields: object = {}) {
  const health = await store.endpointHealth.save(newHealth(newEndpoint(tenant), fields));
  assert.ok(health);
  return health;
}

export function endpointHealthClaims(states: StoreClaim): void {
  states("of two processes that save an endpoint's health at once, one is first", async (store, opened) => {
    const other = await opened.another();
    const health = newHealth(newEndpoint(TENANT));
    const save = (each: typeof health) =>
      Promise.all([store, other].map((either) => either.endpointHealth.save(each)));
    const first = { ...health, version: 1 };
    assert.deepEqual((await save(health)).filter(Boolean), [first]);
    const open = { ...first, breaker: "open", failures: 10, openedAt: NOW, probeAt: NOW + HOUR } as const;
    assert.deepEqual((await save(open)).filter(Boolean), [{ ...open, version: 2 }]);
    assert.deepEqual(await store.endpointHealth.get(TENANT, health.endpoint), { ...open, version: 2 });
    assert.equal(await store.endpointHealth.get(STRANGER, health.endpoint), undefined);
    assert.equal(await store.endpointHealth.save({ ...open, version: 1 }), undefined);
  });

  states("endpoints are counted by state, each once, and to a bound", async (store) => {
    const create = (fields: Partial<Endpoint> = {}) => store.endpoints.create(newEndpoint(TENANT, fields));
    await store.tenants.create(newTenant({ id: TENANT }));
    const endpoints = [];
    for (const status of ["active", "active", "active", "active", "paused", "disabled", "disabled"] as const)
      endpoints.push(await create({ status }));
    const breakers = ["closed", "open", "half_open", "closed", "open"] as const;
    for (const [at, breaker] of breakers.entries()) {
      const endpoint = endpoints[at];
      assert.ok(typeof endpoint === "object");
      const probeAt = at === 3 ? null : NOW; // the first lets go what it held
      await store.endpointHealth.save(newHealth(endpoint, { breaker, probeAt }));
    }
    const health = () => store.endpointHealth.census(9);
    assert.deepEqual(await health(), { active: 2, paused: 1, disabled: 2, broken: 2 });
    assert.equal((await store.endpointHealth.census(1)).disabled, 1);
  });

  states("what is due to be probed is listed, what has waited longest first", async (store) => {
    const probes = [3, 1, 2, 4].map((seconds) => ({ breaker: "open", probeAt: NOW + seconds * SECOND }));
    for (const fields of [...probes, {}]) await saved(store, TENANT, fields);
    const due = await store.endpointHealth.due(NOW + 3 * SECOND, 2);
    assert.deepEqual(
      due.map(({ probeAt }) => probeAt),
      [NOW + SECOND, NOW + 2 * SECOND],
    );
    assert.equal((await store.endpointHealth.due(NOW + 3 * SECOND, 9)).length, 3);
    const watched = await store.endpointHealth.watched(3);
    assert.deepEqual(
      watched.map(({ probeAt }) => probeAt),
      [NOW + SECOND, NOW + 2 * SECOND, NOW + 3 * SECOND],
    );
  });

  states(
    "those that fail are listed, of one tenant or of all, and those of a page of endpoints",
    async (store) => {
      const a = await saved(store, TENANT);
      const b = await saved(store, STRANGER);
      const c = await saved(store, TENANT, { failingSince: null });
      const d = await saved(store, TENANT);
      const page = { limit: 2, order: "ascending" } as const;
      assert.deepEqual(await store.endpointHealth.failing(page), {
        rows: [a, b],
        hasMore: true,
        searchedTo: null,
      });
      const of = await store.endpointHealth.failing({ ...page, tenant: TENANT });
      assert.deepEqual(of, { rows: [a, d], hasMore: false, searchedTo: null });
      assert.deepEqual(await store.endpointHealth.between(TENANT, a.endpoint, c.endpoint), [a, c]);
      const keys = [a, c].map(({ endpoint: id, tenant }) => ({ tenant, id }));
      const askedFor = [...keys, { tenant: STRANGER, id: d.endpoint }, { tenant: TENANT, id: "ep_none" }];
      const found = await store.endpointHealth.of(askedFor);
      assert.deepEqual(found.map(({ endpoint }) => endpoint).sort(), [a.endpoint, c.endpoint].sort());
      assert.deepEqual(await store.endpointHealth.of([]), []);
    },
  );

  states("health is forgotten only as it was read", async (store) => {
    const { endpoint } = await saved(store, TENANT);
    assert.equal(await store.endpointHealth.remove(TENANT, endpoint, 2), false);
    assert.equal(await store.endpointHealth.remove(STRANGER, endpoint, 1), false);
    assert.equal(await store.endpointHealth.remove(TENANT, endpoint, 1), true);
    assert.equal(await store.endpointHealth.get(TENANT, endpoint), undefined);
  });
}
