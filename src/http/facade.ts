import type { Jobs } from "../engine/jobs.ts";
import type { PublicWorker } from "../engine/public-worker.ts";
import type { Schedules } from "../tasks/schedules.ts";
import type { Tasks } from "../tasks/tasks.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";

/** A Posthorn as the API is given it: its jobs are found by `jobsOf`. */
export type Served = Omit<Facade, "jobs">;

/** What the API needs of Posthorn. */
export interface Facade {
  readonly webhooks: Pick<Webhooks, "deliver" | "redeliverMany" | "retryMany">;
  readonly tasks: Pick<Tasks, "find" | "list" | "enqueue">;
  readonly jobs: Pick<
    Jobs,
    "get" | "page" | "attempts" | "rerun" | "retry" | "cancel" | "waitUntilEnded" | "watch" | "group"
  >;
  readonly schedules: Pick<Schedules, "list" | "pause" | "resume" | "remove">;
  check(): Promise<void>;
  workers(): Promise<PublicWorker[]>;
}
