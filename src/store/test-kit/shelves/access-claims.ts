import assert from "node:assert/strict";
import type { ApiKey } from "../../shelves/api-keys.ts";
import { NOW, SECOND, type StoreClaim } from "../store-under-test.ts";

function apiKey(id: string, fields: Partial<ApiKey> = {}): ApiKey {
  return {
    id,
    name: "ci",
    role: "send",
    hash: "ab".repeat(32),
    createdAt: NOW,
    revokedAt: null,
    tenant: null,
    mode: null,
    payloads: null,
    expiresAt: null,
    lastUsedAt: null,
    ...fields,
  };
}

export function accessClaims(states: StoreClaim): void {
  states("an API key is found by its id as it was added, and an unknown one is undefined", async (store) => {
    const key = apiKey("key_a", { role: "manage", name: "für Ops", tenant: "app_1", mode: "test" });
    await store.keys.add(key);
    assert.deepEqual(await store.keys.find("key_a"), key);
    assert.equal(await store.keys.find("key_b"), undefined);
  });

  states("keys are listed newest first, revoked ones too", async (store) => {
    const keys = [apiKey("key_1"), apiKey("key_2", { role: "read" }), apiKey("key_3")];
    for (const key of keys) await store.keys.add(key);
    await store.keys.revoke("key_2", NOW + SECOND);
    const listed = await store.keys.list();
    assert.deepEqual(
      listed.map(({ id, revokedAt }) => [id, revokedAt]),
      [
        ["key_3", null],
        ["key_2", NOW + SECOND],
        ["key_1", null],
      ],
    );
  });

  states("a key revoked twice keeps its first date", async (store) => {
    await store.keys.add(apiKey("key_a"));
    const revoked = apiKey("key_a", { revokedAt: NOW + SECOND });
    assert.deepEqual(await store.keys.revoke("key_a", NOW + SECOND), revoked);
    assert.deepEqual(await store.keys.revoke("key_a", NOW + 2 * SECOND), revoked);
    assert.deepEqual(await store.keys.find("key_a"), revoked);
    assert.equal(await store.keys.revoke("key_b", NOW), undefined);
  });

  states("when a key was last used is written, unless that was done recently", async (store) => {
    await store.keys.add(apiKey("key_a", { payloads: "none", expiresAt: NOW }));
    await store.keys.used("key_a", NOW, NOW - SECOND);
    await store.keys.used("key_a", NOW + SECOND / 2, NOW - SECOND / 2);
    assert.deepEqual(
      await store.keys.find("key_a"),
      apiKey("key_a", { payloads: "none", expiresAt: NOW, lastUsedAt: NOW }),
    );
    await store.keys.used("key_a", NOW + SECOND, NOW);
    assert.equal((await store.keys.find("key_a"))?.lastUsedAt, NOW + SECOND);
  });

  states("a secret is kept once: the second to come gets the first one's", async (store, opened) => {
    const other = await opened.another();
    assert.equal(await store.secrets.get("signing"), undefined);
    const kept = await Promise.all([
      store.secrets.putOnce("signing", "one"),
      other.secrets.putOnce("signing", "two"),
    ]);
    assert.equal(kept[0], kept[1]);
    assert.equal(await store.secrets.get("signing"), kept[0]);
    assert.equal(await store.secrets.get("other"), undefined);
  });
}
