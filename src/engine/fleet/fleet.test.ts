import assert from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "./fleet.ts";

const MEMBERS = [
  { id: "wrk_a", tasks: ["mail", "report"] },
  { id: "wrk_b", tasks: ["report"] },
  { id: "wrk_c", tasks: ["mail"] },
];

/** The fleet as the worker of this id sees it, in whatever order the others come. */
function seenBy(id: string, members = MEMBERS): Fleet {
  return new Fleet(id, members.filter((member) => member.id !== id).reverse());
}

test("a task is shared by those that handle it, each with a rank of its own", () => {
  assert.deepEqual(seenBy("wrk_a").placeFor("mail"), { size: 2, rank: 0 });
  assert.deepEqual(seenBy("wrk_c").placeFor("mail"), { size: 2, rank: 1 });
  assert.deepEqual(seenBy("wrk_b").placeFor("report"), { size: 2, rank: 1 });
  assert.equal(seenBy("wrk_a").size, 3);
});

test("a worker alone, or alone with its task, has all of it", () => {
  assert.deepEqual(new Fleet("wrk_a").placeFor("mail"), { size: 1, rank: 0 });
  assert.deepEqual(seenBy("wrk_a").placeFor("of its own"), { size: 1, rank: 0 });
});

test("fleets are the same when the same others handle the same tasks", () => {
  assert.ok(seenBy("wrk_a").isSameAs(new Fleet("wrk_a", MEMBERS.slice(1))));
  assert.ok(!seenBy("wrk_a").isSameAs(new Fleet("wrk_a", MEMBERS.slice(2))));
  const more = MEMBERS.map(({ id, tasks }) => ({ id, tasks: [...tasks, "new"] }));
  assert.ok(!seenBy("wrk_a").isSameAs(seenBy("wrk_a", more)));
});

test("what cannot be divided is one worker's, and when one leaves only its own goes to others", () => {
  const names = Array.from({ length: 300 }, (_, n) => `lane ${n}`);
  const ownersIn = (members: typeof MEMBERS) =>
    names.map((name) => {
      const owners = members.filter(({ id }) => seenBy(id, members).owns("report", name));
      assert.equal(owners.length, 1);
      return owners[0]?.id;
    });
  const all = MEMBERS.map(({ id }) => ({ id, tasks: ["report"] }));
  const before = ownersIn(all);
  for (const { id } of all) assert.ok(before.filter((owner) => owner === id).length > 60);
  const after = ownersIn(all.slice(1));
  before.forEach((owner, n) => {
    if (owner !== "wrk_a") assert.equal(after[n], owner);
  });
  const alone = [...MEMBERS.slice(1), { id: "wrk_d", tasks: ["other"] }];
  assert.ok(
    names.every((name) => seenBy("wrk_b", alone).owns("report", name)),
    "a worker that does not handle the task has no part",
  );
});
