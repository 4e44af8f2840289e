import assert from "node:assert/strict";
import { DAY, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";

export function laneBeginClaims(states: StoreClaim): void {
  states(
    "the last start in a slow lane is kept, no matter who reports it last, and old ones are forgotten",
    async (store) => {
      const { laneBegins } = store;
      assert.equal(await laneBegins.last("lane"), undefined);
      const begins = { lane: NOW, other: NOW - 3 * DAY };
      await laneBegins.note(new Map(Object.entries(begins)), NOW - 9 * DAY);
      await laneBegins.note(new Map([["lane", NOW - SECOND]]), NOW - 9 * DAY);
      assert.deepEqual([await laneBegins.last("lane"), await laneBegins.last("other")], [NOW, NOW - 3 * DAY]);
      await laneBegins.note(new Map([["lane", NOW + SECOND]]), NOW - 2 * DAY);
      assert.deepEqual(
        [await laneBegins.last("lane"), await laneBegins.last("other")],
        [NOW + SECOND, undefined],
      );
    },
  );
}
