import assert from "node:assert/strict";
import type { Submission } from "../../queue.ts";
import { SECRETS } from "../../shelves/secrets.ts";
import { newEvent, submissionOf } from "../shelves/event-claims.ts";
import { DAY, NOW, type StoreClaim } from "../store-under-test.ts";
import { claim, commit, idsOf, newJob } from "../stored-jobs.ts";

const IS_THERE = SECRETS.statement(`select ${SECRETS.fields} from posthorn.secrets where name = ?`);
const TAKE = SECRETS.statement(
  `${SECRETS.insertion} on conflict (name) do nothing returning ${SECRETS.fields}`,
);
const PUT = SECRETS.statement(SECRETS.insertion);

/** A submission that is made only if nobody has taken `name`. */
function guardedBy(name: string, fields: Partial<Submission> = {}): Submission {
  return { ...submissionOf(newEvent(), 1), guard: TAKE.with(name, ""), ...fields };
}

export function guardClaims(states: StoreClaim): void {
  states("of submissions with one guard that writes, only the first is made", async (store, opened) => {
    const [first, second] = [guardedBy("a"), guardedBy("a")];
    const free = guardedBy("b", { rows: [PUT.with("c", "kept")] });
    const { submitted } = await commit(store, { submissions: [first, second, free] });
    assert.deepEqual(
      submitted.map(({ kind }) => kind),
      ["created", "refused", "created"],
    );
    const other = await opened.another();
    assert.deepEqual((await commit(other, { submissions: [guardedBy("b")] })).submitted[0]?.kind, "refused");
    const made = [...first.jobs, ...free.jobs];
    assert.deepEqual(idsOf(await claim(store)), idsOf(made));
    assert.equal(await store.events.get(second.event?.id ?? ""), undefined);
    assert.equal(await store.secrets.get("c"), "kept");
  });

  states(
    "what a guard refuses leaves nothing: no rows, no group, and its key is free again",
    async (store) => {
      const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + DAY };
      const guard = IS_THERE.with("missing");
      const refused = { ...submissionOf(newEvent(), 1), idempotency, guard, rows: [PUT.with("row", "")] };
      const again = { ...submissionOf(newEvent(), 1), idempotency, guard };
      const both = await commit(store, { submissions: [refused, again] });
      assert.deepEqual(
        both.submitted.map(({ kind }) => kind),
        ["refused", "refused"],
      );
      assert.equal(await store.secrets.get("row"), undefined);
      await store.secrets.putOnce("missing", "");
      const retried = await commit(store, { submissions: [{ ...again, jobs: [newJob()] }] });
      assert.equal(retried.submitted[0]?.kind, "created");
    },
  );

  states("a repeated event is answered with the first one, and its guard is not run again", async (store) => {
    const idempotency = { scope: "s", key: "k", fingerprint: "f", expiresAt: NOW + DAY };
    const first = guardedBy("a", { idempotency });
    await commit(store, { submissions: [first] });
    const { submitted } = await commit(store, { submissions: [guardedBy("a", { idempotency })] });
    assert.deepEqual(submitted, [{ kind: "replayed", jobs: [], groupIds: [], made: first.event?.id }]);
  });

  states("a new job of a lane that is held up waits outside the claim until it is let in", async (store) => {
    const lane = "app_one/ep_one";
    const parked = newJob({ lane, parked: "paused", origin: { tenant: "app_one" } });
    const later = newJob({ lane, parked: "paused", runAt: NOW + DAY });
    const { submitted } = await commit(store, { submissions: [{ jobs: [parked, later] }] });
    assert.deepEqual(
      submitted[0]?.jobs.map(({ kind }) => kind),
      ["created", "created"],
    );
    assert.deepEqual(await claim(store), []);
    assert.equal((await store.records.get(parked.id))?.status, "queued");
    assert.equal(await store.parking.unpark(lane, 500, NOW), 2);
    assert.deepEqual(idsOf(await claim(store)), [parked.id]);
  });
}
