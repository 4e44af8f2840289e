import assert from "node:assert/strict";
import { test } from "node:test";
import type { AttemptSlice, AttemptsPage, EndpointAttempt } from "../../store/attempt-records.ts";
import { limitOfEach, lookedAtOfEach, merged } from "./merged.ts";

/** Of endpoint a, b or c, begun in this order. */
const ALL = ["a1", "b2", "a3", "c4", "b5", "a6", "a7", "c8", "b9"];

const attempt = (name: string) => ({ id: name.slice(1), lane: name[0] }) as EndpointAttempt; // of which no more is read
const nameOf = ({ lane, id }: EndpointAttempt) => `${lane}${id}`;

/** As a store answers for one endpoint. */
function sliceOf(lane: string, { limit, after, before }: AttemptsPage, looksAt = 99): AttemptSlice {
  const own = ALL.filter((name) => name[0] === lane).map(attempt);
  const rises = before !== undefined;
  const way = rises
    ? own.filter(({ id }) => id > before)
    : own.reverse().filter(({ id }) => after === undefined || id < after);
  const looked = way.slice(0, looksAt);
  const attempts = looked.slice(0, limit);
  const hasMore = looked.length > limit;
  const isCut = !hasMore && looked.length < way.length;
  return {
    attempts: rises ? attempts.toReversed() : attempts,
    hasMore,
    searchedTo: isCut ? (looked.at(-1)?.id ?? null) : null,
  };
}

const lanes = ["a", "b", "c"];
const pageFrom = (page: Partial<AttemptsPage>): AttemptsPage => ({ limit: 3, filter: {}, ...page });

test("the pages of several endpoints make one, newest first, and none is left out or comes twice", () => {
  for (const limit of [1, 2, 3, 4, 9, 20]) {
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = pageFrom({ limit, after });
      const { attempts, hasMore } = merged(
        lanes.map((lane) => sliceOf(lane, page)),
        page,
      );
      seen.push(...attempts.map(nameOf));
      if (!hasMore) break;
      after = attempts.at(-1)?.id;
    }
    assert.deepEqual(seen, ALL.toReversed(), `${limit} a page`);
  }
});

test("of many endpoints a few attempts each are looked up, and still none is left out or comes twice", () => {
  assert.deepEqual(
    [1, 2, 10, 100].map((endpoints) => limitOfEach({ limit: 50 }, endpoints)),
    [50, 50, 20, 10],
  );
  assert.deepEqual([0, 1, 20, 100, 1_000].map(lookedAtOfEach), [1_000, 1_000, 500, 100, 100]);
  for (const each of [1, 2]) {
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = pageFrom({ limit: 9, after });
      const slices = lanes.map((lane) => sliceOf(lane, { ...page, limit: each }));
      const { attempts, hasMore, searchedTo } = merged(slices, page);
      seen.push(...attempts.map(nameOf));
      const next = hasMore ? attempts.at(-1)?.id : searchedTo;
      if (!next) break;
      after = next;
    }
    assert.deepEqual(seen, ALL.toReversed(), `${each} of each`);
  }
  const back = pageFrom({ limit: 9, before: "3" });
  const slices = lanes.map((lane) => sliceOf(lane, { ...back, limit: 1 }));
  const { attempts, searchedTo } = merged(slices, back);
  assert.deepEqual([attempts.map(nameOf), searchedTo], [["c4"], "4"]);
});

test("a page before another holds those next to it", () => {
  const page = pageFrom({ before: "3" });
  const { attempts, hasMore } = merged(
    lanes.map((lane) => sliceOf(lane, page)),
    page,
  );
  assert.deepEqual([attempts.map(nameOf), hasMore], [["a6", "b5", "c4"], true]);
});

test("a page ends where the look at one of the endpoints did", () => {
  const page = pageFrom({ limit: 9 });
  const slices = [sliceOf("a", page, 1), sliceOf("b", page), sliceOf("c", page)];
  const { attempts, hasMore, searchedTo } = merged(slices, page);
  assert.deepEqual([attempts.map(nameOf), hasMore, searchedTo], [["b9", "c8", "a7"], false, "7"]);
});

test("no endpoints have no attempts", () => {
  assert.deepEqual(merged([], pageFrom({})), { attempts: [], hasMore: false, searchedTo: null });
});
