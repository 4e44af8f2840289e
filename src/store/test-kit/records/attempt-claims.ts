import assert from "node:assert/strict";
import { attemptIdOf } from "../../../core/attempt-id.ts";
import { newId } from "../../../core/id.ts";
import type { Attempt } from "../../../core/job.ts";
import { ERASED_EXCERPT } from "../../../core/outcome.ts";
import type { AttemptConditions, AttemptSlice, AttemptsPage } from "../../attempt-records.ts";
import type { LeasedJob } from "../../queue.ts";
import type { Event } from "../../shelves/events.ts";
import type { Store } from "../../store.ts";
import { RECORD_KINDS, type RecordTypes, recordKey } from "../../transfer.ts";
import { newEvent } from "../shelves/event-claims.ts";
import { HOUR, NOW, SECOND, type StoreClaim, WORKER } from "../store-under-test.ts";
import { claim, commit, endedBefore, newJob, settle, settlement } from "../stored-jobs.ts";

const TENANT = newId("app", NOW);

function newLane(): string {
  return `${TENANT}/${newId("ep", NOW)}`;
}

/** An event's jobs, claimed, one in each lane. */
async function deliveries(store: Store, lanes: readonly string[], fields: Partial<Event> = {}) {
  const event = newEvent({ tenant: TENANT, jobs: lanes.length, ...fields });
  const origin = { tenant: TENANT, event: event.id };
  const jobs = lanes.map((lane) => newJob({ lane, payload: "", createdAt: event.createdAt, origin }));
  await commit(store, { submissions: [{ event, jobs }] });
  return { event, leases: await claim(store, { limit: jobs.length }) };
}

async function delivery(store: Store, lane: string, fields: Partial<Event> = {}): Promise<LeasedJob> {
  const [lease] = (await deliveries(store, [lane], fields)).leases;
  assert.ok(lease);
  return lease;
}

function succeedAt(store: Store, lease: LeasedJob, startedAt: number, attempt: Partial<Attempt> = {}) {
  const next = { status: "succeeded", result: null } as const;
  return settle(
    store,
    settlement(lease, next, "succeeded", { startedAt, code: 200, class: "2xx", ...attempt }),
  );
}

function failAt(store: Store, lease: LeasedJob, startedAt: number, attempt: Partial<Attempt> = {}) {
  const next = { status: "failed", error: "it broke" } as const;
  return settle(store, settlement(lease, next, "failed", { startedAt, code: 500, class: "5xx", ...attempt }));
}

const idOf = ({ id, attempts }: LeasedJob, startedAt: number) =>
  attemptIdOf({ jobId: id, n: attempts, startedAt });

const ids = ({ attempts }: AttemptSlice) => attempts.map(({ id }) => id);

/** Every page of an endpoint's list, forwards, and then backwards from the last. */
async function bothWays(store: Store, lane: string, filter: AttemptConditions, limit: number) {
  const list = (page: Partial<AttemptsPage>) => store.attempts.ofEndpoint(lane, { limit, filter, ...page });
  const forwards: string[] = [];
  let last: string[] = [];
  for (let slice = await list({}); ; slice = await list({ after: last.at(-1) })) {
    last = ids(slice);
    forwards.push(...last);
    if (!slice.hasMore) break;
  }
  const backwards = [...last];
  for (let first = last[0]; first !== undefined; ) {
    const slice = await list({ before: first });
    backwards.unshift(...ids(slice));
    first = slice.hasMore ? slice.attempts[0]?.id : undefined;
  }
  return { forwards, backwards };
}

export function attemptClaims(states: StoreClaim): void {
  states(
    "an endpoint's attempts come by when they began, newest first, both ways, before and after upkeep",
    async (store) => {
      const [here, there] = [newLane(), newLane()];
      const expected: string[] = [];
      // in another order than that of their jobs, and two at one moment
      const times = Array.from({ length: 70 }, (_, n) => NOW + ((n * 37) % 69));
      for (const [n, startedAt] of times.entries()) {
        const lease = await delivery(store, here);
        await (n % 3 === 0 ? failAt : succeedAt)(store, lease, startedAt);
        expected.push(idOf(lease, startedAt));
      }
      await succeedAt(store, await delivery(store, there), NOW);
      expected.sort().reverse();
      const show = async () => {
        for (const limit of [1, 7, 250]) {
          const { forwards, backwards } = await bothWays(store, here, {}, limit);
          assert.deepEqual(forwards, expected);
          assert.deepEqual(backwards, expected);
        }
      };
      await show();
      while (await store.retention.maintain());
      await show();
      const late = await delivery(store, here);
      await succeedAt(store, late, NOW + HOUR);
      expected.unshift(idOf(late, NOW + HOUR));
      await show();
    },
  );

  states("each attempt says how it ended, and what it belongs to", async (store) => {
    const lane = newLane();
    const lease = await delivery(store, lane, { type: "invoice.paid", channels: '["a"]', tags: '["b"]' });
    const failed = {
      startedAt: NOW,
      durationMs: 7,
      error: "HTTP 500",
      excerpt: "oh",
      code: 500,
      class: "5xx",
    } as const;
    await settle(store, settlement(lease, { status: "queued", runAt: NOW }, "failed", failed), NOW);
    const [again] = await claim(store);
    assert.ok(again);
    await succeedAt(store, again, NOW + SECOND, { excerpt: "ok" });
    const { attempts } = await store.attempts.ofEndpoint(lane, { limit: 9, filter: {} });
    const [second, first] = attempts;
    assert.deepEqual(
      attempts.map(({ n, outcome, code }) => [n, outcome, code]),
      [
        [2, "succeeded", 200],
        [1, "failed", 500],
      ],
    );
    const of = { jobId: lease.id, lane, tenant: TENANT, event: lease.origin?.event, type: "invoice.paid" };
    for (const attempt of attempts)
      assert.deepEqual({ ...attempt, ...of, channels: ["a"], tags: ["b"], trigger: null }, attempt);
    assert.equal(first?.excerpt, "oh");
    assert.equal(first.error, "HTTP 500");
    assert.equal(second?.excerpt, "ok");
    for (const each of attempts) assert.deepEqual(await store.attempts.find(each.id), each);
    assert.equal(await store.attempts.find(idOf(again, NOW)), undefined);
    assert.equal(await store.attempts.find("atmpt_unknown"), undefined);
  });

  states("attempts are found by how they ended, by their event, and by when they began", async (store) => {
    const lane = newLane();
    const made = new Map<string, string>();
    const make = async (
      name: string,
      event: Partial<Event>,
      startedAt: number,
      attempt?: Partial<Attempt>,
    ) => {
      const lease = await delivery(store, lane, event);
      await (attempt ? failAt(store, lease, startedAt, attempt) : succeedAt(store, lease, startedAt));
      made.set(idOf(lease, startedAt), name);
    };
    await make("paid", { type: "invoice.paid", channels: '["eu","us"]' }, NOW);
    await make("sent", { type: "invoice.sent", tags: '["big"]' }, NOW + 1);
    await make("slow", { type: "invoice.paid" }, NOW + 2, { code: null, class: "timeout" });
    await make("gone", { type: "invoice.sent", channels: '["us"]' }, NOW + 3, { code: 410, class: "410" });
    const found = async (filter: AttemptConditions) => {
      const { attempts } = await store.attempts.ofEndpoint(lane, { limit: 9, filter });
      return attempts.map(({ id }) => made.get(id)).join();
    };
    assert.equal(await found({}), "gone,slow,sent,paid");
    assert.equal(await found({ status: "succeeded" }), "sent,paid");
    assert.equal(await found({ status: "failed" }), "gone,slow");
    assert.equal(await found({ class: "timeout" }), "slow");
    assert.equal(await found({ codeFrom: 400, codeBefore: 500 }), "gone");
    assert.equal(await found({ codeFrom: 0, codeBefore: 100 }), "slow");
    assert.equal(await found({ type: "invoice.sent" }), "gone,sent");
    assert.equal(await found({ channel: "us" }), "gone,paid");
    assert.equal(await found({ tag: "big" }), "sent");
    assert.equal(await found({ since: NOW + 1, until: NOW + 3 }), "slow,sent");
    assert.equal(await found({ type: "invoice.paid", status: "succeeded", since: NOW }), "paid");
    const span = { since: NOW, until: NOW + 3 };
    assert.deepEqual(await store.attempts.countOf(lane, span, 9), { succeeded: 2, failed: 1 });
    assert.deepEqual(await store.attempts.countOf(lane, span, 1), { succeeded: 1, failed: 1 });
    const first = await store.attempts.ofEndpoint(lane, {
      limit: 1,
      filter: { since: NOW + 1 },
      before: "atmpt_0",
    });
    assert.deepEqual(
      first.attempts.map(({ id }) => made.get(id)),
      ["sent"],
      "the ones nearest to the moment",
    );
  });

  states("the attempts of an event come newest first, of all its endpoints or of one", async (store) => {
    const lanes = [newLane(), newLane(), newLane()];
    const { event, leases } = await deliveries(store, lanes);
    await succeedAt(store, await delivery(store, lanes[0] ?? ""), NOW);
    const expected: string[] = [];
    for (const [n, lease] of leases.entries()) {
      await (n === 1 ? failAt : succeedAt)(store, lease, NOW + n);
      expected.unshift(idOf(lease, NOW + n));
    }
    const list = async (page: Partial<AttemptsPage>) =>
      store.attempts.ofEvent(event.id, { limit: 9, filter: {}, ...page });
    assert.deepEqual(ids(await list({})), expected);
    const page = await list({ limit: 2 });
    assert.deepEqual([ids(page), page.hasMore], [expected.slice(0, 2), true]);
    assert.deepEqual(ids(await list({ after: expected[1] })), expected.slice(2));
    const back = await list({ limit: 1, before: expected[2] });
    assert.deepEqual([ids(back), back.hasMore], [expected.slice(1, 2), true]);
    assert.deepEqual(ids(await list({ filter: { status: "failed" } })), expected.slice(1, 2));
    assert.deepEqual(ids(await list({ filter: { lane: `${lanes[0]}\0` } })), []);
    const [first] = leases;
    assert.deepEqual(ids(await list({ filter: { lane: first?.lane } })), expected.slice(2));
  });

  states("attempts that were lost or cancelled are listed, those of other jobs are not", async (store) => {
    const lane = newLane();
    await delivery(store, lane);
    await store.workers.reclaim(WORKER, NOW, "ended");
    const [again] = await claim(store);
    assert.ok(again);
    await store.byHand.cancel(again.id, NOW + SECOND);
    const { attempts } = await store.attempts.ofEndpoint(lane, { limit: 9, filter: { status: "failed" } });
    assert.deepEqual(attempts.map(({ outcome }) => outcome).sort(), ["cancelled", "lost"]);
    const plain = newJob();
    await commit(store, { enqueues: [{ job: plain }] });
    const [lease] = await claim(store);
    assert.ok(lease);
    await succeedAt(store, lease, NOW);
    assert.equal(await store.attempts.find(idOf(lease, NOW)), undefined);
  });

  states("what an endpoint answered can be erased", async (store) => {
    const lane = newLane();
    await succeedAt(store, await delivery(store, lane), NOW, { excerpt: "a name" });
    await failAt(store, await delivery(store, lane), NOW + 1, { excerpt: "another", detail: "{}" });
    const { attempts } = await store.attempts.ofEndpoint(lane, { limit: 9, filter: {} });
    for (const attempt of attempts) {
      assert.equal(await store.attempts.erase(attempt), true);
      const erased = { ...attempt, excerpt: ERASED_EXCERPT, detail: null };
      assert.deepEqual(await store.attempts.find(attempt.id), erased);
      assert.equal(await store.attempts.erase({ ...attempt, n: 9 }), false);
    }
  });

  states("attempts go with their jobs", async (store) => {
    const lane = newLane();
    const old = { createdAt: NOW - HOUR };
    const leases = [await delivery(store, lane, old), await delivery(store, lane, old)];
    for (const [n, lease] of leases.entries())
      await (n === 0 ? failAt : succeedAt)(store, lease, NOW - HOUR + n);
    for (let n = 0; n < 64; n++) await succeedAt(store, await delivery(store, newLane()), NOW);
    while (await store.retention.maintain());
    const young = await delivery(store, lane);
    await succeedAt(store, young, NOW);
    await store.retention.pruneJobs(endedBefore(NOW + HOUR), null, 2);
    const { attempts, hasMore } = await store.attempts.ofEndpoint(lane, { limit: 2, filter: {} });
    assert.deepEqual(
      attempts.map(({ jobId }) => jobId),
      [young.id],
    );
    assert.equal(hasMore, false);
    const gone = leases.map((lease, n) => store.attempts.find(idOf(lease, NOW - HOUR + n)));
    assert.deepEqual(await Promise.all(gone), [undefined, undefined]);
  });

  states("an export carries them: they have the same ids where they are imported", async (store, opened) => {
    const lane = newLane();
    await failAt(store, await delivery(store, lane), NOW);
    await succeedAt(store, await delivery(store, lane), NOW + 1);
    const other = await opened.empty();
    for (const kind of RECORD_KINDS)
      for (let after: string | null = null; ; ) {
        const records: RecordTypes[typeof kind][] = await store.transfer.page(kind, after, 100);
        await other.transfer.add(kind, records, NOW);
        const last = records.at(-1);
        if (!last) break;
        after = recordKey(kind, last);
      }
    const all = { limit: 9, filter: {} };
    assert.deepEqual(await other.attempts.ofEndpoint(lane, all), await store.attempts.ofEndpoint(lane, all));
  });

  states("a page looks at a bounded number of attempts, and says how far it came", async (store) => {
    const lane = newLane();
    const { leases } = await deliveries(store, Array<string>(1_005).fill(lane));
    await commit(store, {
      settlements: leases.map((lease, n) =>
        settlement(lease, { status: "succeeded", result: null }, "succeeded", {
          startedAt: NOW + n,
          code: n < 3 ? 204 : 200,
        }),
      ),
    });
    while (await store.retention.maintain());
    const filter = { codeFrom: 204 };
    const first = await store.attempts.ofEndpoint(lane, { limit: 2, filter });
    assert.deepEqual([first.attempts.length, first.hasMore], [0, false]);
    assert.ok(first.searchedTo);
    const second = await store.attempts.ofEndpoint(lane, { limit: 3, filter, after: first.searchedTo });
    assert.deepEqual([second.attempts.length, second.hasMore, second.searchedTo], [3, false, null]);
  });
}
