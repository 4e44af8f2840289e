import { newId } from "../../core/id.ts";
import type { LeasedJob } from "../../store/queue.ts";

/** A job in a worker's hands, for what is asked about one. */
export function leasedJob(fields: Partial<LeasedJob> = {}): LeasedJob {
  return {
    handle: 1,
    id: newId("job"),
    task: "controlled",
    lane: "lane",
    options: "{}",
    payload: "null",
    priority: 0,
    maxAttempts: 3,
    createdAt: 0,
    dueAt: 0,
    startedAt: 0,
    token: 1,
    ties: undefined,
    origin: undefined,
    attempts: 1,
    failures: 0,
    losses: 0,
    ...fields,
  };
}
