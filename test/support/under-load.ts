import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { Receiver } from "./receiver.ts";
import type { Server } from "./server.ts";
import { until } from "./until.ts";

/** Does something while a server accepts deliveries without a pause; returns also the ids of jobs that it had accepted before. */
export async function underLoad<Result>(
  t: TestContext,
  server: Server,
  act: () => Promise<Result>,
): Promise<{ result: Result; before: readonly string[] }> {
  const receiver = await Receiver.start(t);
  const accepted: string[] = [];
  let isOver = false;
  const pump = async () => {
    while (!isOver)
      accepted.push(await server.api.deliver({ target_url: receiver.url, payload: "x".repeat(1_000) }));
  };
  const pumps = Array.from({ length: 8 }, pump);
  await until("there is something to lose", () => accepted.length > 150);
  const before = [...accepted];
  const result = await act();
  const during = accepted.length - before.length;
  isOver = true;
  await Promise.all(pumps);
  assert.ok(during > 0, "jobs were accepted meanwhile");
  return { result, before };
}
