import { LONGEST_TIMER_MS } from "../core/clock.ts";
import type { Engine } from "../engine/engine.ts";
import { type Part, startAll, stopAll } from "../engine/part.ts";
import type { Threads } from "../tasks/threads/threads.ts";
import type { EndpointWatch } from "../webhooks/breaker/endpoint-watch.ts";
import type { Endpoints } from "../webhooks/endpoints/endpoints.ts";
import type { Observation } from "./observation.ts";
import type { Parts } from "./parts.ts";

interface Works {
  readonly engine: Engine;
  readonly endpoints: Pick<Endpoints, "settled">;
  readonly threads: Pick<Threads, "close">;
  readonly observed: Pick<Observation, "stop">;
  /** What counts, from before there is anything to count until the last attempt has ended. */
  readonly counting: readonly Part[];
  /** What makes jobs by itself, or looks at them: it stops before the engine. */
  readonly feeding: readonly Part[];
  /** Attempts tell it how endpoints answer until the last one has ended. */
  readonly watch: EndpointWatch;
}

/**
 * Begins to work.
 * @returns what stops all of it, and closes what it worked with. Idempotent.
 */
export async function work(
  { store, destinations, drainMs, ...parts }: Parts,
  { engine, endpoints, threads, observed, counting, feeding, watch }: Works,
): Promise<() => Promise<void>> {
  await startAll(counting); // before what dead workers held is taken back
  if (parts.worker) await engine.start();
  else await engine.watch();
  await startAll([...feeding, watch]);
  // a program that only runs jobs waits for them, and should not end because it has nothing else to do
  const keepAlive = parts.keepsAlive ? setInterval(() => {}, LONGEST_TIMER_MS) : undefined;
  const stop = async () => {
    try {
      await stopAll(feeding);
      await engine.stop(drainMs);
      await endpoints.settled();
      await watch.stop();
      await stopAll(counting);
    } finally {
      clearInterval(keepAlive);
      observed.stop();
      await Promise.allSettled([destinations.close(), threads.close()]);
      await store.close();
    }
  };
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= stop();
    return closing;
  };
}
