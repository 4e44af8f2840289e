import type { Clock } from "../../core/clock.ts";
import { DAY_MS, MINUTE_MS } from "../../core/duration.ts";
import type { Store } from "../../store/store.ts";
import { mayLive } from "../fleet/liveness.ts";
import type { KnownRetention } from "../retention/retention-periods.ts";
import type { Examined, ExaminedWorker, MasterKeyState } from "./finding.ts";
import { growthOf } from "./growth.ts";

export interface Examination {
  readonly store: Store;
  readonly clock: Clock;
  /** What the workers delete by. */
  readonly retention: KnownRetention;
  /** How long a transaction on PostgreSQL may be open. Default 5 minutes. */
  readonly maxTransactionMs?: number | undefined;
  /** Whether to check the whole of a SQLite file for damage. Default false. */
  readonly deep?: boolean;
  masterKey(): Promise<MasterKeyState>;
}

const MAX_TRANSACTION_MS = 5 * MINUTE_MS;

/** Reads everything that the checks judge. Each query reads a bounded number of rows, except with `deep`. */
export async function examine(asked: Examination): Promise<Examined> {
  const { store, retention, deep = false, maxTransactionMs = MAX_TRANSACTION_MS } = asked;
  const now = asked.clock.now();
  const endedBefore = { succeeded: now - retention.succeededMs, failed: now - retention.failedMs };
  const facts = await store.inspection.facts({ now, endedBefore, deep });
  const held = new Map(facts.leases.map(({ worker, jobs }) => [worker, jobs]));
  return {
    now,
    facts,
    workers: await examinedWorkers(store, now, held),
    schedules: await store.schedules.list(),
    growth: growthOf(now, facts.storage, await store.sizes.first(now - DAY_MS)),
    masterKey: await asked.masterKey(),
    retention,
    maxTransactionMs,
  };
}

async function examinedWorkers(
  store: Store,
  now: number,
  held: ReadonlyMap<string, number>,
): Promise<ExaminedWorker[]> {
  return (await store.workers.list()).map((worker) => ({
    id: worker.id,
    host: worker.machine.split(" ")[0] ?? "",
    pid: worker.pid,
    tasks: worker.tasks,
    concurrency: worker.concurrency,
    slotsHeld: worker.slotsHeld,
    mayLive: mayLive(worker, now, store.isShared),
    jobs: held.get(worker.id) ?? 0,
  }));
}
