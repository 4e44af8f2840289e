import assert from "node:assert/strict";
import { test } from "node:test";
import type { Found } from "./bulk-source.ts";
import { DEFAULT_PACE, LanePaces, MOST_PACE } from "./lane-paces.ts";

const PARTS_A_SECOND = 5;
const PART_MS = 1_000 / PARTS_A_SECOND;
const NO_RATE = async () => undefined;

const again = (lane: string, n: number): Found[] =>
  Array.from({ length: n }, (_, at) => {
    const id = `job_${lane}_${at}`;
    return { id, lane, class: null, createdAt: 0, decision: { kind: "again", jobId: id } };
  });

/** How many of a lane are taken in each part of a second, of as many as there are. */
async function takenInParts(pace: number | null, rateOf: (lane: string) => Promise<number | undefined>) {
  const taken: number[] = [];
  for (let part = 0; part < PARTS_A_SECOND; part++) {
    const paces = new LanePaces(pace, rateOf, part * PART_MS + 17);
    taken.push((await paces.take(again("a", MOST_PACE))).length);
  }
  return taken;
}

test("no part of a second takes more of a lane than mostOfLane says, and one of them takes as many", async () => {
  for (const pace of [null, 1, 2, 4, 5, 6, 7, 49, 50, 51, 999, MOST_PACE]) {
    const taken = await takenInParts(pace, NO_RATE);
    const { mostOfLane } = new LanePaces(pace, NO_RATE, 0);
    assert.equal(Math.max(...taken), mostOfLane, `at ${pace}`);
    assert.equal(
      taken.reduce((sum, n) => sum + n),
      pace ?? DEFAULT_PACE,
    );
  }
});

test("a lane with a rate of its own that is lower is given that, and mostOfLane stays an upper bound", async () => {
  const taken = await takenInParts(50, async () => 10);
  assert.deepEqual(taken, [2, 2, 2, 2, 2]);
  assert.equal(new LanePaces(50, async () => 10, 0).mostOfLane, 10);
  assert.deepEqual(await takenInParts(10, async () => 1_000), [2, 2, 2, 2, 2]);
});

test("nothing is passed over: what is behind a lane that has had its share waits, and what is sent to nobody takes no share", async () => {
  const paces = new LanePaces(5, NO_RATE, 0);
  const decision = { kind: "skip", reason: "deleted" } as const;
  const skipped: Found = { id: "job_c", lane: "a", class: null, createdAt: 0, decision };
  const [first, second] = again("a", 2);
  assert.ok(first && second);
  const found = [skipped, first, skipped, second, ...again("b", 1)];
  assert.deepEqual(await paces.take(found), [skipped, first, skipped]);
  assert.deepEqual(await paces.take(again("b", 2)), again("b", 1));
  assert.equal(paces.nextAt, PART_MS);
});

test("of one lane no more is worth reading than a part may take and one more, unless all that was read last is skipped", async () => {
  const paces = new LanePaces(50, NO_RATE, 0);
  const skipped = again("a", 11).map(
    (each): Found => ({ ...each, decision: { kind: "skip", reason: "type" } }),
  );
  assert.equal(paces.worthReading, 11);
  for (const found of [skipped, []]) {
    await paces.take(found);
    assert.equal(paces.worthReading, Number.POSITIVE_INFINITY);
  }
  await paces.take([...skipped, ...again("a", 1)]);
  assert.equal(paces.worthReading, 11);
});

test("a part is spread evenly over its steps, and one that comes late makes up for those that were missed", async () => {
  const steps = async (...times: number[]) => {
    const paces = new LanePaces(50, NO_RATE, 1_000);
    const taken: number[] = [];
    for (const now of times) taken.push((await paces.take(again("a", 11), paces.mostOfStep(now))).length);
    return taken;
  };
  assert.deepEqual(await steps(1_000, 1_100), [5, 5]);
  assert.deepEqual(await steps(1_010, 1_199), [5, 5]);
  assert.deepEqual(await steps(1_160, 1_160), [10, 0]);
  const paces = new LanePaces(50, NO_RATE, 1_000);
  assert.deepEqual(
    [paces.stepAfter(1_000), paces.stepAfter(1_030), paces.stepAfter(1_199)],
    [1_100, 1_100, paces.nextAt],
  );
});
