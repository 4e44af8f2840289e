import assert from "node:assert/strict";
import type { AccessToken } from "../../shelves/access-tokens.ts";
import type { Store } from "../../store.ts";
import { HOUR, NOW, type StoreClaim } from "../store-under-test.ts";
import { newEndpoint, newTenant } from "./registered.ts";

const BY = { actor: null, reason: null };

async function withToken(store: Store, tenant: string): Promise<AccessToken> {
  const endpoint = await store.endpoints.create(newEndpoint(tenant));
  assert.ok(typeof endpoint === "object");
  const token = await store.accessTokens.save({
    ...{ endpoint: endpoint.id, tenant, credentials: "of then", version: 0 },
    ...{ token: "v1.sealed", obtainedAt: NOW, expiresAt: NOW + HOUR, claimedUntil: null },
    ...{ refusedAt: null, error: null, errorClass: null, retryAt: null },
  });
  assert.ok(token);
  return token;
}

export function accessTokenClaims(states: StoreClaim): void {
  states("of two processes that claim the next access token at once, one is first", async (store, opened) => {
    const other = await opened.another();
    const { id: tenant } = newTenant();
    await store.tenants.create(newTenant({ id: tenant }));
    const kept = await withToken(store, tenant);
    assert.deepEqual(await other.accessTokens.get(kept.endpoint), kept);
    const claim = { ...kept, claimedUntil: NOW + 10, error: "none", errorClass: "auth", retryAt: NOW };
    const claims = await Promise.all([store, other].map((each) => each.accessTokens.save(claim)));
    assert.deepEqual(claims.filter(Boolean), [{ ...claim, version: kept.version + 1 }]);
    const first = await Promise.all(
      [store, other].map((each) => each.accessTokens.save({ ...kept, endpoint: "ep_new", version: 0 })),
    );
    assert.equal(first.filter(Boolean).length, 1);
  });

  states(
    "an access token goes with its endpoint, with its tenant, and with the credentials that got it",
    async (store) => {
      const { id: tenant } = newTenant();
      await store.tenants.create(newTenant({ id: tenant }));
      const [a, b, c] = [
        await withToken(store, tenant),
        await withToken(store, tenant),
        await withToken(store, tenant),
      ];
      const left = async () => {
        const all = await Promise.all([a, b, c].map(({ endpoint }) => store.accessTokens.get(endpoint)));
        return all.map((each) => each !== undefined);
      };
      const [endpoint] = await store.endpoints.known([{ tenant, id: a.endpoint }]);
      assert.ok(endpoint);
      const { tenantLimits: _, ...row } = endpoint;
      const renamed = await store.endpoints.change(row, { url: ["a", "b"] }, BY);
      assert.ok(typeof renamed === "object");
      assert.deepEqual(await left(), [true, true, true]);
      await store.endpoints.change(renamed, { auth: [null, { kind: "bearer" }] }, BY);
      assert.deepEqual(await left(), [false, true, true]);
      await store.endpoints.remove(tenant, b.endpoint, BY, NOW);
      assert.deepEqual(await left(), [false, false, true]);
      await store.tenants.remove(tenant, NOW);
      assert.deepEqual(await left(), [false, false, false]);
    },
  );
}
