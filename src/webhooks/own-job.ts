import { newId } from "../core/id.ts";
import type { NewJob } from "../store/queue.ts";

interface OwnJobOptions {
  readonly maxAttempts: number;
  readonly now: number;
  /** Default: at once. */
  readonly runAt?: number;
}

/** A job of one of the platform's own tasks, which go on with what a request began; each has a lane to itself. */
export function ownJob(
  task: string,
  payload: unknown,
  { maxAttempts, now, runAt = now }: OwnJobOptions,
): NewJob {
  return {
    ...{ id: newId("job", now), task, lane: task, priority: 0, options: "{}" },
    ...{ payload: JSON.stringify(payload), maxAttempts, createdAt: now, runAt },
  };
}
