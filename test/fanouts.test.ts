import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ManualClock } from "../src/core/clock.ts";
import { newId } from "../src/core/id.ts";
import { Engine } from "../src/engine/engine.ts";
import { Instrument } from "../src/observe/instrument.ts";
import { openForTest } from "../src/store/sqlite/test-kit/scratch.ts";
import { newEndpoint, newTenant } from "../src/store/test-kit/shelves/registered.ts";
import { Fanouts } from "../src/webhooks/events/fanouts.ts";
import { Registry } from "../src/webhooks/registry/registry.ts";
import { until } from "./support/until.ts";

const HOUR_MS = 3_600_000;
const ENDPOINTS = 90;
/** Of those, how many have their jobs when it begins. */
const MADE = 20;

/** How many jobs each step of a fan-out makes. @param others come in along with each step. */
async function stepsOf(context: TestContext, others: number): Promise<number[]> {
  const clock = new ManualClock();
  const store = await openForTest(context, { file: ":memory:" });
  const instrument = new Instrument();
  const idempotency = { keyRetentionMs: HOUR_MS, duplicateKeys: "replay" } as const;
  const engine = new Engine({
    store,
    tasks: [],
    retention: { jobsMs: 1e12 },
    clock,
    instrument,
    idempotency,
  });
  const tenant = newTenant();
  await store.tenants.create(tenant);
  const endpoints = Array.from({ length: ENDPOINTS }, () => newEndpoint(tenant.id));
  for (const endpoint of endpoints) await store.endpoints.create(endpoint);
  const event = newId("msg", clock.now());
  const insertion = store.fanouts.insertion({
    ...{ event, tenant: tenant.id, cursor: MADE, runAt: null, tags: null, createdAt: clock.now() },
    endpoints: JSON.stringify(endpoints.map(({ id }) => id)),
  });
  await engine.intake.submit({ jobs: [], guard: insertion });
  const steps: number[] = [];
  const fanouts = new Fanouts({
    ...{ store, registry: new Registry(store, clock), breakers: { heldUpBy: () => undefined } },
    ...{ clock, instrument },
    intake: {
      submit: (submission) => {
        steps.push(submission.jobs.length);
        instrument["commit.done"].publish({ enqueued: others, settled: 0, claimed: 0, ms: 1 });
        return engine.intake.submit(submission);
      },
    },
  });
  fanouts.wake(MADE);
  await until("it has ended", async () => (await store.fanouts.next(null, 1)).length === 0);
  await fanouts.stop();
  return steps;
}

test("a fan-out makes twenty jobs in each step, and ten while other jobs come in", async (context) => {
  assert.deepEqual(await stepsOf(context, 0), [20, 20, 20, 10]);
  assert.deepEqual(await stepsOf(context, 1), [20, 10, 10, 10, 10, 10]);
});
