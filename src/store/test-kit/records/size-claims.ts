import assert from "node:assert/strict";
import { HOUR, NOW, type StoreClaim } from "../store-under-test.ts";

export function sizeClaims(states: StoreClaim): void {
  states(
    "sizes are kept once an hour, whichever process is first, and old ones go",
    async (store, opened) => {
      const other = await opened.another();
      const size = (hours: number, part: string, bytes: number) => ({
        ...{ hour: NOW + hours * HOUR, at: NOW + hours * HOUR + 7, part, bytes },
      });
      await store.sizes.keep([size(0, "data", 10), size(0, "free", 2)], 0);
      await other.sizes.keep([size(0, "data", 11)], 0);
      await other.sizes.keep([size(2, "data", 30)], 0);
      const first = async (hours: number) =>
        (await store.sizes.first(NOW + hours * HOUR))
          .sort((a, b) => (a.part < b.part ? -1 : 1))
          .map(({ part, bytes, at }) => [part, bytes, at - NOW]);
      assert.deepEqual(await first(0), [
        ["data", 10, 7],
        ["free", 2, 7],
      ]);
      assert.deepEqual(await first(1), [["data", 30, 2 * HOUR + 7]]);
      assert.deepEqual(await first(3), []);
      await store.sizes.keep([], NOW + HOUR);
      assert.deepEqual(await first(0), [["data", 30, 2 * HOUR + 7]]);
    },
  );
}
