import type { Failed, Outcome } from "../../core/outcome.ts";
import type { RetryPolicy } from "../../core/retry-policy.ts";
import type { LeasedJob } from "../../store/queue.ts";
import type { LaneLimits, LimitsOf, RunContext, Task } from "../task.ts";
import type { Pool } from "../working/pool.ts";

export const SUCCEEDED: Outcome = { kind: "succeeded" };
export const FAILED: Failed = { kind: "failed", error: "it broke", retry: true };

/** One run of its handler, which ends when the test says so. */
export interface ControlledRun {
  readonly job: LeasedJob;
  readonly signal: AbortSignal;
  readonly context: RunContext;
  end(outcome?: Outcome): void;
  fail(thrown: unknown): void;
}

/** A task whose handlers the test controls. They do not obey their signal by themselves. */
export class ControlledTask implements Task {
  readonly name: string;
  readonly limitsOf: LimitsOf | undefined;
  /** All runs so far, in the order in which they began. */
  readonly runs: ControlledRun[] = [];
  /** Those that have not ended. */
  readonly open = new Set<ControlledRun>();
  /** The most that were open at once, of all lanes and of one. */
  mostAtOnce = 0;
  mostOfOneLane = 0;

  readonly pool: Pool | undefined;

  constructor(name = "controlled", laneLimits?: LaneLimits, pool?: Pool) {
    this.name = name;
    this.limitsOf = laneLimits && (() => laneLimits);
    this.pool = pool;
  }

  retryPolicy(): RetryPolicy {
    return { delaysMs: [1_000, 10_000], jitter: 0.2 };
  }

  timeoutMs(): number {
    return 15_000;
  }

  run(job: LeasedJob, context: RunContext): Promise<Outcome> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const run: ControlledRun = {
      job,
      context,
      signal: context.signal,
      end: (outcome = SUCCEEDED) => {
        this.open.delete(run);
        resolve(outcome);
      },
      fail: (thrown) => {
        this.open.delete(run);
        reject(thrown);
      },
    };
    this.runs.push(run);
    this.open.add(run);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.open.size);
    this.mostOfOneLane = Math.max(this.mostOfOneLane, this.openOf(job.lane).length);
    return promise;
  }

  /** As if none had run so far. */
  forgetRuns(): void {
    this.runs.length = 0;
    this.mostAtOnce = 0;
    this.mostOfOneLane = 0;
  }

  openOf(lane: string): ControlledRun[] {
    return [...this.open].filter((run) => run.job.lane === lane);
  }

  /** The nth run, from 0. */
  at(n: number): ControlledRun {
    const run = this.runs[n];
    if (!run) throw new Error(`there were ${this.runs.length} runs; number ${n} is not among them`);
    return run;
  }

  endAll(outcome?: Outcome): void {
    for (const run of [...this.open]) run.end(outcome);
  }
}
