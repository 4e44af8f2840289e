import type { Instrument } from "../../observe/instrument.ts";
import type { LeasedJob } from "../../store/queue.ts";
import type { Task } from "../task.ts";

interface Unprepared {
  readonly task: Task;
  readonly job: LeasedJob;
}

export interface PreparationOptions {
  readonly instrument: Instrument;
  /** Their tasks have loaded what they need. */
  readonly prepared: (jobs: readonly Unprepared[]) => void;
  /** It could not be loaded. */
  readonly failed: (jobs: readonly LeasedJob[]) => void;
}

/** Claimed jobs that wait for their tasks to load what their limits and attempts need: all of a claim at once. */
export class Preparation {
  readonly #options: PreparationOptions;
  readonly #underway = new Set<LeasedJob>();
  #fresh: Unprepared[] = [];

  constructor(options: PreparationOptions) {
    this.#options = options;
  }

  /** Whether the job has to wait for it. */
  has(job: LeasedJob): boolean {
    return this.#underway.size > 0 && this.#underway.has(job);
  }

  /** Whether the job, just claimed, has to be prepared; see `start`. */
  take(task: Task, job: LeasedJob): boolean {
    if (task.isPrepared === undefined || task.isPrepared(job)) return false;
    this.#underway.add(job);
    this.#fresh.push({ task, job });
    return true;
  }

  /** Prepares what was taken since the last time. */
  start(): void {
    if (this.#fresh.length === 0) return;
    const byTask = new Map<Task, Unprepared[]>();
    for (const each of this.#fresh) byTask.set(each.task, [...(byTask.get(each.task) ?? []), each]);
    this.#fresh = [];
    for (const [task, jobs] of byTask) void this.#prepare(task, jobs);
  }

  async #prepare(task: Task, unprepared: readonly Unprepared[]): Promise<void> {
    const jobs = unprepared.map(({ job }) => job);
    const { instrument, prepared, failed } = this.#options;
    try {
      await task.prepare?.(jobs);
    } catch (error) {
      instrument["step.failed"].publish({ step: "prepare", error, about: { jobs: jobs.length } });
      for (const job of jobs) this.#underway.delete(job);
      failed(jobs);
      return;
    }
    for (const job of jobs) this.#underway.delete(job);
    prepared(unprepared);
  }
}
