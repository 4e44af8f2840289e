import type { Clock } from "../../core/clock.ts";
import { messageOf, shortened } from "../../core/errors.ts";
import type { Outcome } from "../../core/outcome.ts";
import { afterAttempt } from "../../core/transition.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { GroupCommit } from "../intake/group-commit.ts";
import type { Task } from "../task.ts";
import type { AttemptRun } from "./attempt.ts";
import { tellOfResult } from "./results.ts";

export interface RecorderParts {
  readonly clock: Clock;
  readonly instrument: Instrument;
  readonly random: () => number;
  readonly commits: Pick<GroupCommit, "settle">;
}

/** Records what runs came to. */
export class Recorder {
  readonly #parts: RecorderParts;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when it is recorded, or never will be.
   * @param mayWait whether it may be recorded a moment later, together with something else.
   */
  async record(
    task: Task,
    { job, startedAt, span }: AttemptRun,
    told: Outcome,
    mayWait: boolean,
  ): Promise<void> {
    const { clock, instrument, random, commits } = this.#parts;
    let outcome = told.kind === "failed" ? { ...told, error: shortened(told.error) } : told;
    for (let tries = 1; ; tries++) {
      const now = clock.now();
      const transition = afterAttempt(job, startedAt, outcome, task.retryPolicy(job), now, random);
      const settlement = { lease: job, transition };
      try {
        const isRecorded = await commits.settle(settlement, mayWait);
        tellOfResult(instrument, settlement, outcome, Math.max(0, now - startedAt), isRecorded, span);
        span?.end(outcome, transition.next.status, isRecorded);
        return;
      } catch (error) {
        const about = { job: job.id, attempt: job.attempts };
        instrument["step.failed"].publish({ step: "record result", error, about });
        if (tries === 2) {
          span?.end(outcome);
          return;
        }
        // if its lease stayed, the job would count as running for as long as this worker is alive
        const unrecorded = shortened(`its result could not be recorded: ${messageOf(error)}`);
        outcome = { kind: "failed", error: unrecorded, retry: true };
      }
    }
  }
}
