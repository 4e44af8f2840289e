import type { TestContext } from "node:test";
import { systemClock } from "../../src/core/clock.ts";

const SHORTEST_ROUND_MS = 1_000;

/**
 * Until the test ends, what comes at regular intervals (looks, heartbeats, upkeep) does not come, and no time limit runs out. On a
 * busy machine there would be some in most of what a test counts. Call it before anything is opened.
 */
export function withoutRounds(t: TestContext): void {
  const { after } = systemClock;
  t.mock.method(systemClock, "after", (ms: number, action: () => void, keepsAlive?: boolean) =>
    ms < SHORTEST_ROUND_MS ? after(ms, action, keepsAlive) : () => {},
  );
}
