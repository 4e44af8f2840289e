import assert from "node:assert/strict";
import { test } from "node:test";
import { attemptIdOf, firstAttemptIdAt, isNamed, readAttemptId } from "./attempt-id.ts";
import { newId } from "./id.ts";

const NOW = Date.UTC(2030, 0, 31);

test("an attempt's id says when it began, which job it is of, and its number", () => {
  const place = { jobId: newId("job", NOW - 86_400_000), n: 35, startedAt: NOW };
  const id = attemptIdOf(place);
  assert.match(id, /^atmpt_[0-9a-z]{27}$/);
  const parts = readAttemptId(id);
  assert.ok(parts);
  assert.equal(parts.startedAt, NOW);
  assert.ok(place.jobId.startsWith(parts.jobIdStart));
  assert.ok(isNamed(parts, place));
  for (const other of [{ n: 36 }, { startedAt: NOW + 1 }, { jobId: newId("job", NOW) }])
    assert.equal(isNamed(parts, { ...place, ...other }), false);
});

test("the ids of attempts sort by when they began, whenever their jobs were made", () => {
  const [old, young] = [newId("job", NOW - 1_000), newId("job", NOW)];
  const ids = [
    firstAttemptIdAt(NOW),
    attemptIdOf({ jobId: young, n: 1, startedAt: NOW }),
    attemptIdOf({ jobId: old, n: 2, startedAt: NOW + 1 }),
    attemptIdOf({ jobId: young, n: 3, startedAt: NOW + 40_000 }),
  ];
  assert.deepEqual(ids.toSorted(), ids);
});

test("what is not the id of an attempt is recognised as such", () => {
  for (const text of ["", "atmpt_", newId("job", NOW), `atmpt_${"u".repeat(27)}`, `atmpt_${"0".repeat(26)}`])
    assert.equal(readAttemptId(text), undefined);
});
