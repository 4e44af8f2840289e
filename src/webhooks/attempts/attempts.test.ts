import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { AttemptSlice, AttemptsPage } from "../../store/attempt-records.ts";
import { Attempts, type AttemptsParts } from "./attempts.ts";

test("the endpoints of a tenant are searched a few at a time, each for a share, and others get their turn in between", async () => {
  const endpoints = Array.from({ length: 40 }, (_, n) => ({ id: `ep_${n}`, tenantId: "app_1" }));
  const pages: AttemptsPage[] = [];
  const turns: number[] = [];
  let turn = 0;
  const ofEndpoint = async (_: string, page: AttemptsPage): Promise<AttemptSlice> => {
    pages.push(page);
    turns.push(turn);
    return { attempts: [], hasMore: false, searchedTo: null };
  };
  const parts = {
    store: { attempts: { ofEndpoint } },
    endpoints: { list: async () => ({ data: endpoints }) },
  };
  const attempts = new Attempts(parts as unknown as AttemptsParts); // no more of them is asked
  const listing = attempts.ofTenant("acme", { status: "failed" });
  let isListed = false;
  const listed = listing.then((page) => {
    isListed = true;
    return page;
  });
  while (!isListed) {
    await nextTurn();
    turn++;
  }
  assert.equal((await listed).isComplete, true);
  assert.deepEqual(
    [...new Set(turns)].map((each) => turns.filter((other) => other === each).length),
    new Array(10).fill(4),
  );
  assert.ok(pages.every(({ lookedAt }) => lookedAt === 250));
});
