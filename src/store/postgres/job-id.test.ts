import assert from "node:assert/strict";
import { test } from "node:test";
import { firstIdAt, newId } from "../../core/id.ts";
import { findableUuid, jobIdOf, uuidOf } from "./job-id.ts";

test("an id is the same again after it was a UUID, and sorts as it does", () => {
  const ids = Array.from({ length: 5_000 }, (_, n) => newId("job", 1_700_000_000_000 + n * 7));
  assert.deepEqual(
    ids.map((id) => jobIdOf(uuidOf(id))),
    ids,
  );
  const uuids = ids.map(uuidOf);
  assert.deepEqual([...uuids].sort(), uuids);
});

test("the UUID is a version 7 one, and holds the moment the id was made at", () => {
  const uuid = uuidOf(newId("job", Date.UTC(2100, 0, 1)));
  assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Number.parseInt(uuid.replaceAll("-", "").slice(0, 12), 16), Date.UTC(2100, 0, 1));
});

test("the first and the last possible ids keep all their bits", () => {
  assert.equal(uuidOf(firstIdAt("job", 0)), "00000000-0000-0000-0000-000000000000");
  assert.equal(jobIdOf("ffffffff-ffff-ffff-ffff-ffffffffffff"), `job_7${"z".repeat(25)}`);
  assert.equal(uuidOf(`job_7${"z".repeat(25)}`), "ffffffff-ffff-ffff-ffff-ffffffffffff");
});

test("what does not have the form of a job's id has no UUID", () => {
  for (const text of ["job_unknown", "", newId("key"), `job_${"!".repeat(26)}`]) {
    assert.equal(findableUuid(text), undefined);
  }
});
