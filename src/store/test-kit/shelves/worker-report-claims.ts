import assert from "node:assert/strict";
import { HOUR, NOW, SECOND, type StoreClaim } from "../store-under-test.ts";

const TOLD = {
  ...{ worker: "wrk_a", reportedAt: NOW, running: 3, claimed: 40, windowMs: 5_000, loopDelayMs: 2 },
};
const WORKER = {
  ...{ id: "wrk_a", machine: "host", pid: 1, startedAt: NOW, deadline: NOW + HOUR, concurrency: 8 },
  ...{ slotsHeld: 0, version: "1.0.0", tasks: ["mail"] },
};

export function workerReportClaims(states: StoreClaim): void {
  states(
    "what a worker tells of itself is written in place of the last one, and goes with it or an hour after it",
    async ({ workerReports, workers }) => {
      await workers.announce(WORKER);
      await workerReports.put(TOLD);
      await workerReports.put({ ...TOLD, worker: "wrk_gone" });
      const later = { ...TOLD, reportedAt: NOW + SECOND, running: 0, loopDelayMs: null };
      await workerReports.put(later);
      const both = await workerReports.list();
      assert.deepEqual(both[0], { ...later, drainAskedAt: null });
      assert.equal(both.length, 2);
      await workerReports.put({ ...TOLD, worker: "wrk_b", reportedAt: NOW + HOUR + SECOND });
      const kept = async () => (await workerReports.list()).map(({ worker }) => worker);
      assert.deepEqual(await kept(), ["wrk_a", "wrk_b"]);
      await workerReports.forget("wrk_a");
      assert.deepEqual(await kept(), ["wrk_b"]);
    },
  );

  states(
    "a worker is asked to drain once, and what it tells after that does not take it back",
    async ({ workerReports, audit }) => {
      const entry = {
        ...{
          id: "adt_1",
          at: NOW,
          actor: "ana",
          actorId: null,
          role: null,
          via: "library" as const,
          ip: null,
        },
        ...{
          action: "worker.drain",
          target: "wrk_a",
          tenant: null,
          change: "{}",
          note: null,
          requestId: null,
        },
      };
      const recorded = async () => (await audit.list({ limit: 9, order: "descending" })).rows.length;
      assert.equal(await workerReports.askToDrain("wrk_a", NOW, audit.entry(entry)), undefined);
      assert.equal(await recorded(), 0);
      await workerReports.put(TOLD);
      assert.equal(await workerReports.drainAskedAt("wrk_a"), undefined);
      assert.equal(await workerReports.askToDrain("wrk_a", NOW, audit.entry(entry)), NOW);
      assert.equal(await recorded(), 1);
      const again = audit.entry({ ...entry, id: "adt_2" });
      assert.equal(await workerReports.askToDrain("wrk_a", NOW + SECOND, again), NOW);
      assert.equal(await recorded(), 1);
      await workerReports.put({ ...TOLD, reportedAt: NOW + SECOND });
      assert.equal(await workerReports.drainAskedAt("wrk_a"), NOW);
    },
  );
}
