import { ConfigurationError } from "../../core/errors.ts";
import { mayLive } from "../../engine/fleet/liveness.ts";
import type { Store } from "../../store/store.ts";

/**
 * What is moved should stand still: a worker's changes would be moved in part, and both sides would run its jobs.
 * @param otherwise what else can be done.
 * @throws ConfigurationError
 */
export async function refuseWhileWorking(store: Store, database: string, otherwise: string): Promise<void> {
  const now = store.clock.now();
  const living = (await store.workers.list()).filter((worker) => mayLive(worker, now, store.isShared));
  if (living.length === 0) return;
  const named = living.map(({ machine, pid }) => `process ${pid} on ${machine.split(" ")[0]}`).join(", ");
  throw new ConfigurationError(
    `${living.length === 1 ? "a worker runs" : `${living.length} workers run`} jobs of ${database} (${named}); ` +
      `stop every server and worker first, or ${otherwise}`,
  );
}
