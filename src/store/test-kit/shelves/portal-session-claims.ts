import assert from "node:assert/strict";
import type { PortalPass } from "../../shelves/portal-sessions.ts";
import { HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";

const MINUTE = 60 * SECOND;

const CODE: PortalPass = {
  id: "psc_1",
  tenant: "app_a",
  session: "pss_1",
  kind: "code",
  hash: "of the code",
  capabilities: '["view"]',
  featureFlags: '["beta"]',
  eventTypes: '["invoice.paid"]',
  refreshUrl: "https://app.example.com/webhooks",
  origin: "https://app.example.com",
  usableUntil: NOW + MINUTE,
  expiresAt: NOW + HOUR,
  createdAt: NOW,
};

export function portalSessionClaims(states: StoreClaim): void {
  states(
    "a portal's code becomes a token once, however many ask at the same time",
    async ({ portalSessions }) => {
      await portalSessions.add([CODE], NOW);
      assert.deepEqual(await portalSessions.find(CODE.id), CODE);
      assert.equal(await portalSessions.exchange(CODE.id, "of another", "of a token", NOW), undefined);
      const asked = await Promise.all(
        ["a", "b", "c"].map((hash) => portalSessions.exchange(CODE.id, CODE.hash, hash, NOW + SECOND)),
      );
      const given = asked.filter((pass) => pass !== undefined);
      assert.equal(given.length, 1);
      assert.deepEqual(given[0], {
        ...CODE,
        kind: "token",
        hash: given[0]?.hash,
        usableUntil: CODE.expiresAt,
      });
      assert.deepEqual(await portalSessions.find(CODE.id), given[0]);
    },
  );

  states("a portal's code is good for its time only, and forgotten after it", async ({ portalSessions }) => {
    await portalSessions.add([CODE], NOW);
    assert.equal(await portalSessions.exchange(CODE.id, CODE.hash, "late", NOW + MINUTE), undefined);
    await portalSessions.add([{ ...CODE, id: "psc_2" }], NOW + 2 * MINUTE);
    assert.equal(await portalSessions.find(CODE.id), undefined);
  });

  states(
    "one session of a tenant ends, or all of them, and no other tenant's",
    async ({ portalSessions }) => {
      const passes = [
        CODE,
        { ...CODE, id: "pst_1", kind: "token" },
        { ...CODE, id: "pst_2", session: "pss_2" },
        { ...CODE, id: "pst_3", session: "pss_3" },
        { ...CODE, id: "pst_4", tenant: "app_b" },
      ] as const;
      await portalSessions.add(passes, NOW);
      assert.equal(await portalSessions.end("app_a", "pss_1"), 2);
      assert.equal(await portalSessions.end("app_a", "pss_1"), 0);
      assert.equal(await portalSessions.end("app_a"), 2);
      assert.equal((await portalSessions.find("pst_4"))?.tenant, "app_b");
    },
  );
}
