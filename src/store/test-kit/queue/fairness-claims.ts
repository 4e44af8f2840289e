import assert from "node:assert/strict";
import type { LeasedJob } from "../../queue.ts";
import { NOW, type StoreClaim } from "../store-under-test.ts";
import { claim, claimOne, enqueue, enqueueAndClaim, failForNow, newJob, newJobs } from "../stored-jobs.ts";

/** How many jobs each lane got. */
function countByLane(jobs: readonly { readonly lane: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { lane } of jobs) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  return counts;
}

const lanes = (count: number) =>
  Array.from({ length: count }, (_, n) => `lane ${String(n).padStart(3, "0")}`);

export function fairnessClaims(states: StoreClaim): void {
  states(
    "a lane with 5 000 jobs leaves its 60 neighbours a place in the first claim of 64",
    async (store) => {
      const small = lanes(60);
      await enqueue(store, [
        ...newJobs(5_000, { lane: "lane 030 crowded" }),
        ...small.flatMap((lane) => newJobs(4, { lane })),
      ]);
      const counts = countByLane(await claim(store, { limit: 64 }));
      assert.deepEqual([...counts.keys()].sort(), [...small, "lane 030 crowded"].sort());
    },
  );

  states("a claim shares its limit evenly among the lanes that have enough", async (store) => {
    await enqueue(
      store,
      ["a", "b", "c"].flatMap((lane) => newJobs(20, { lane })),
    );
    const counts = countByLane(await claim(store, { limit: 30 }));
    assert.deepEqual([...counts.values()], [10, 10, 10]);
  });

  states("what short lanes leave of the limit goes to the long ones", async (store) => {
    await enqueue(store, [
      ...newJobs(1, { lane: "a" }),
      ...newJobs(50, { lane: "b" }),
      ...newJobs(2, { lane: "c" }),
    ]);
    const counts = countByLane(await claim(store, { limit: 30 }));
    assert.deepEqual(Object.fromEntries(counts), { a: 1, b: 27, c: 2 });
  });

  states(
    "with more lanes than the limit, claims go round: each lane has its turn before any has a second",
    async (store) => {
      const all = lanes(10);
      await enqueue(
        store,
        all.flatMap((lane) => newJobs(3, { lane })),
      );
      const order: string[] = [];
      for (let n = 0; n < 10; n++) order.push(...(await claim(store, { limit: 3 })).map(({ lane }) => lane));
      assert.equal(order.length, 30);
      for (let round = 0; round < 3; round++) {
        assert.deepEqual(order.slice(round * 10, round * 10 + 10).sort(), all);
      }
    },
  );

  states(
    "the round goes on rightly where names of lanes sort differently as bytes and as UTF-16",
    async (store) => {
      // U+FFFD sorts below U+1F4EF as UTF-8, above it as UTF-16
      const all = ["a", "\ufffd", "\u{1f4ef}", "\u{1f4ef}z"];
      await enqueue(
        store,
        all.flatMap((lane) => newJobs(2, { lane })),
      );
      const order: string[] = [];
      for (let n = 0; n < 8; n++) order.push((await claimOne(store, { limit: 1 })).lane);
      assert.deepEqual(new Set(order.slice(0, 4)), new Set(all));
      assert.deepEqual(new Set(order.slice(4)), new Set(all));
    },
  );

  states("a lane that is new, or had nothing, gets its turn in the next round", async (store) => {
    await enqueue(store, newJobs(10, { lane: "m" }));
    await claim(store, { limit: 2 });
    await enqueue(store, [newJob({ lane: "a" }), newJob({ lane: "z" })]);
    const counts = countByLane(await claim(store, { limit: 3 }));
    assert.deepEqual(Object.fromEntries(counts), { a: 1, m: 1, z: 1 });
  });

  states("no lane gets more than the room it has by default", async (store) => {
    await enqueue(
      store,
      ["a", "b"].flatMap((lane) => newJobs(10, { lane })),
    );
    const counts = countByLane(await claim(store, { room: { byDefault: 3, except: new Map() } }));
    assert.deepEqual(Object.fromEntries(counts), { a: 3, b: 3 });
  });

  states(
    "a lane's own room goes before the default, and a lane without room is passed over",
    async (store) => {
      await enqueue(
        store,
        ["a", "b", "c"].flatMap((lane) => newJobs(10, { lane })),
      );
      const except = new Map([
        ["a", 0],
        ["b", 7],
      ]);
      const counts = countByLane(await claim(store, { room: { byDefault: 2, except } }));
      assert.deepEqual(Object.fromEntries(counts), { b: 7, c: 2 });
    },
  );

  states("lanes without room take no share of the limit from the others", async (store) => {
    const all = lanes(40);
    await enqueue(
      store,
      all.flatMap((lane) => newJobs(2, { lane })),
    );
    const except = new Map(all.slice(0, 39).map((lane) => [lane, 0]));
    assert.equal((await claim(store, { limit: 2, room: { byDefault: 9, except } })).length, 2);
  });

  states("a lane's room counts its first and its later attempts together", async (store) => {
    await enqueue(store, newJobs(10));
    for (const lease of await claim(store, { limit: 5 })) await failForNow(store, lease, NOW, NOW);
    const claimed = await claim(store, { room: { byDefault: 4, except: new Map() } });
    assert.equal(claimed.length, 4);
  });

  states(
    "a lane whose room its first attempts use up leaves the rest of the limit to others",
    async (store) => {
      await enqueue(store, newJobs(6, { lane: "a" }));
      for (const lease of await claim(store, { limit: 3 })) await failForNow(store, lease, NOW, NOW);
      await enqueue(store, newJobs(3, { lane: "b" }));
      const claimed = await claim(store, { limit: 2, room: { byDefault: 1, except: new Map() } });
      assert.deepEqual(claimed.map(({ lane }) => lane).sort(), ["a", "b"]);
    },
  );

  states("neither first attempts nor later ones starve the other, however many there are", async (store) => {
    await enqueue(store, newJobs(40));
    for (const lease of await claim(store, { limit: 20 })) await failForNow(store, lease, NOW, NOW);
    const claimed = await claim(store, { limit: 10 });
    assert.equal(claimed.filter(({ attempts }) => attempts === 1).length, 5);
    assert.equal(claimed.filter(({ attempts }) => attempts === 2).length, 5);
  });

  states(
    "thousands of lanes that rest do not keep a lane from its work, first or later attempts",
    async (store) => {
      const resting = lanes(1_200);
      const retried = await enqueueAndClaim(store, { lane: "works" });
      await enqueue(
        store,
        resting.map((lane) => newJob({ lane })),
      );
      const busy: LeasedJob[] = [];
      while (busy.length < resting.length) busy.push(...(await claim(store)));
      for (const lease of [retried, ...busy]) await failForNow(store, lease, NOW, NOW);
      await enqueue(
        store,
        resting.map((lane) => newJob({ lane })),
      );
      await enqueue(store, newJobs(1, { lane: "works" }));
      const room = { byDefault: 9, except: new Map(resting.map((lane) => [lane, 0])) };
      const claimed = [];
      for (let round = 0; round < 6; round++) claimed.push(...(await claim(store, { room, limit: 9 })));
      assert.deepEqual(claimed.map(({ attempts }) => attempts).sort(), [1, 2]);
    },
  );

  states("they take turns from claim to claim too", async (store) => {
    const retried = await enqueueAndClaim(store);
    await enqueue(store, newJobs(5));
    await failForNow(store, retried, NOW, NOW);
    const firstTwo = [await claimOne(store, { limit: 1 }), await claimOne(store, { limit: 1 })];
    assert.deepEqual(firstTwo.map(({ attempts }) => attempts).sort(), [1, 2]);
  });
}
