import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../../../core/id.ts";
import { ClaimRound } from "../../claim-round.ts";
import { WORKER } from "../../test-kit/store-under-test.ts";
import { UNLIMITED } from "../../test-kit/stored-jobs.ts";
import { LaneWalk } from "./lane-walk.ts";

const LIMIT = 64;

function roundOf(limit: number): ClaimRound {
  return new ClaimRound({ worker: WORKER, limit, maxBytes: 1_000, room: UNLIMITED }, 0);
}

/** A walk over these lanes that counts its seeks. */
function walkOver(lanes: readonly string[]) {
  const sorted = [...lanes].sort();
  const counted = { seeks: 0 };
  const walk = new LaneWalk((_priority, _turn, from) => {
    counted.seeks++;
    return sorted.find((lane) => lane >= from);
  });
  return { walk, counted };
}

const tenant = () => newId("app");
const endpoints = (of: string, count: number) => Array.from({ length: count }, () => `${of}/${newId("ep")}`);

test("a lane that belongs to nobody costs one seek, and so does a tenant of one endpoint", () => {
  const plain = walkOver(Array.from({ length: 1_000 }, () => `https://${newId("ep")}.example`));
  assert.equal(plain.walk.visits(0, 0, roundOf(LIMIT)).length, LIMIT);
  assert.equal(plain.counted.seeks, LIMIT);

  const tenants = walkOver(Array.from({ length: 1_000 }, () => endpoints(tenant(), 1)).flat());
  assert.equal(tenants.walk.visits(0, 0, roundOf(LIMIT)).length, LIMIT);
  assert.equal(tenants.counted.seeks, LIMIT + 1); // the last one looked for another of its endpoints
});

test("a tenant's endpoints are stepped over by one seek, however many they are", () => {
  for (const count of [2, 1_000]) {
    const { walk, counted } = walkOver(
      Array.from({ length: LIMIT }, () => endpoints(tenant(), count)).flat(),
    );
    assert.equal(walk.visits(0, 0, roundOf(LIMIT)).length, LIMIT);
    assert.equal(counted.seeks, 3 * LIMIT);
  }
});

test("a walk that finds nothing stops after one round", () => {
  const lanes = Array.from({ length: 20 }, () => endpoints(tenant(), 2)).flat();
  const { walk } = walkOver([...lanes, "a", "z"]);
  const nothing = { byDefault: 0, except: new Map<string, number>() };
  const round = new ClaimRound({ worker: WORKER, limit: LIMIT, maxBytes: 1_000, room: nothing }, 0);
  assert.deepEqual(walk.visits(0, 0, round), []);
  assert.equal(round.cutShort, false);
});
