import assert from "node:assert/strict";
import type { Enqueue, IdempotencyClaim } from "../../queue.ts";
import { HOUR, NOW, type StoreClaim } from "../store-under-test.ts";
import { claim, commit, newJob } from "../stored-jobs.ts";

function keyed(idempotency: Partial<IdempotencyClaim> = {}): Enqueue {
  return {
    job: newJob(),
    idempotency: { scope: "caller", key: "key", fingerprint: "print", expiresAt: NOW + HOUR, ...idempotency },
  };
}

export function idempotencyClaims(states: StoreClaim): void {
  states(
    "the same request with the same key gives the first job again, in its batch and in later ones",
    async (store) => {
      const first = keyed();
      const { enqueued } = await commit(store, { enqueues: [first, keyed()] });
      const later = await commit(store, { enqueues: [keyed()] });
      assert.deepEqual(enqueued[0], { kind: "created", jobId: first.job.id });
      assert.deepEqual(enqueued[1], { kind: "replayed", jobId: first.job.id });
      assert.deepEqual(later.enqueued, [{ kind: "replayed", jobId: first.job.id }]);
      assert.equal((await claim(store)).length, 1);
    },
  );

  states("another request with the same key is a mismatch and makes no job", async (store) => {
    const first = keyed();
    const { enqueued } = await commit(store, { enqueues: [first, keyed({ fingerprint: "another" })] });
    assert.deepEqual(enqueued[1], { kind: "mismatch", jobId: first.job.id });
    assert.equal((await claim(store)).length, 1);
  });

  states("the same key in another scope, and another key, are other requests", async (store) => {
    const { enqueued } = await commit(store, {
      enqueues: [keyed(), keyed({ scope: "other" }), keyed({ key: "other" })],
    });
    assert.deepEqual(
      enqueued.map(({ kind }) => kind),
      ["created", "created", "created"],
    );
  });

  states("a hundred enqueues of one key in one batch make one job", async (store) => {
    const enqueues = Array.from({ length: 100 }, () => keyed());
    const { enqueued } = await commit(store, { enqueues });
    assert.deepEqual(new Set(enqueued.map(({ jobId }) => jobId)), new Set([enqueues[0]?.job.id]));
    assert.equal(enqueued.filter(({ kind }) => kind === "created").length, 1);
    assert.equal((await claim(store)).length, 1);
  });

  states("two processes that use one key at once make one job", async (store, opened) => {
    const other = await opened.another();
    const [here, there] = await Promise.all([
      commit(store, { enqueues: [keyed()] }),
      commit(other, { enqueues: [keyed()] }),
    ]);
    const kinds = [here.enqueued[0]?.kind, there.enqueued[0]?.kind];
    assert.deepEqual(kinds.sort(), ["created", "replayed"]);
  });

  states("a key is free again once it has expired, whatever request it was used for", async (store) => {
    await commit(store, { enqueues: [keyed({ expiresAt: NOW })] });
    const again = keyed({ fingerprint: "another", expiresAt: NOW + HOUR });
    const later = await commit(store, { enqueues: [again, keyed({ fingerprint: "another" })] });
    assert.deepEqual(later.enqueued, [
      { kind: "created", jobId: again.job.id },
      { kind: "replayed", jobId: again.job.id },
    ]);
  });
}
