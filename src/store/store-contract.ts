import { describe } from "node:test";
import { accessClaims } from "./test-kit/access-claims.ts";
import { byHandClaims } from "./test-kit/by-hand-claims.ts";
import { claimingClaims } from "./test-kit/claiming-claims.ts";
import { enqueueClaims } from "./test-kit/enqueue-claims.ts";
import { fairnessClaims } from "./test-kit/fairness-claims.ts";
import { idempotencyClaims } from "./test-kit/idempotency-claims.ts";
import { recordClaims } from "./test-kit/record-claims.ts";
import { retentionClaims } from "./test-kit/retention-claims.ts";
import { scheduleClaims } from "./test-kit/schedule-claims.ts";
import { settleClaims } from "./test-kit/settle-claims.ts";
import { type OpenStore, storeClaims } from "./test-kit/store-under-test.ts";
import { workerClaims } from "./test-kit/worker-claims.ts";

/** What every store must pass, whichever database it stands on: written against the contract in store.ts alone. */
export function describeStore(name: string, open: OpenStore): void {
  const parts = {
    "enqueues and commits": enqueueClaims,
    "idempotency keys": idempotencyClaims,
    claiming: claimingClaims,
    "fairness between lanes": fairnessClaims,
    settling: settleClaims,
    "scheduled jobs": scheduleClaims,
    "jobs and attempts looked up": recordClaims,
    "retry and cancel by hand": byHandClaims,
    workers: workerClaims,
    retention: retentionClaims,
    "API keys and secrets": accessClaims,
  };
  describe(name, () => {
    for (const [part, stateClaims] of Object.entries(parts))
      describe(part, () => stateClaims(storeClaims(open)));
  });
}
