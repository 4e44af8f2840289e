import type { EndedBefore, Retention } from "../../store/retention.ts";

export interface SizeRetentionParts {
  readonly retention: Retention;
  /** What the database may hold. */
  readonly mostBytes: number;
  /** How many jobs, or events, go at once. */
  readonly batch: number;
  /** Resolves when others have had their turn; whether to go on. */
  pause(): Promise<boolean>;
  tell(what: "jobs" | "events", count: number): void;
}

/**
 * Deletes the oldest of what has ended, before its time, as long as the database holds more than it may: first jobs that succeeded, then failed
 * and cancelled ones; with them the events that no job refers to any more. What waits or runs always stays.
 */
export async function pruneBySize(parts: SizeRetentionParts, now: number): Promise<void> {
  const { retention, mostBytes, batch, pause, tell } = parts;
  const isTooMuch = async () => ((await retention.usedBytes()) ?? 0) > mostBytes;
  let event: string | null = null;
  for (const before of [
    { succeeded: now, failed: 0 },
    { succeeded: now, failed: now },
  ] satisfies EndedBefore[]) {
    for (let job: string | null = null; await isTooMuch(); ) {
      const jobs = await retention.pruneJobs(before, job, batch);
      tell("jobs", jobs.pruned);
      const events = await retention.pruneEvents(now, event, batch);
      tell("events", events.pruned);
      // deleting makes room within the same batch; a batch in which everything is needed is skipped
      if (events.pruned === 0) event = events.last ?? event;
      if (!(await pause())) return;
      if (jobs.last === null && events.pruned === 0) break;
      job = jobs.last ?? job;
    }
  }
}
