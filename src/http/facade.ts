import type { Jobs } from "../engine/jobs.ts";
import type { Store } from "../store/store.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";

/** What the API asks of Posthorn. */
export interface Facade {
  readonly webhooks: Pick<Webhooks, "deliver" | "retryMany">;
  readonly jobs: Pick<Jobs, "get" | "list" | "attempts" | "retry" | "cancel" | "waitUntilEnded">;
  readonly store: Pick<Store, "check">;
}
