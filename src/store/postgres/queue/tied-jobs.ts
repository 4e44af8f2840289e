import { followUpJob, settledJob } from "../../../core/follow-up.ts";
import type { Ties } from "../../../core/ties.ts";
import type { Ended, Transition } from "../../../core/transition.ts";
import type { NewJob } from "../../queue.ts";
import { heard, type Session } from "../driver/statement.ts";
import type { Groups } from "./groups.ts";
import type { LiveKey, LiveKeys } from "./live-keys.ts";
import { moveOn } from "./ordered-lanes.ts";

/** A job, and what it is tied to. */
export interface TiedJob {
  readonly id: string;
  readonly task: string;
  readonly lane: string;
  readonly ties: Ties | undefined;
}

/** How a job ended. */
export interface End {
  readonly job: TiedJob;
  readonly transition: Transition<Ended>;
}

/** What a job's end, and its coming back, mean for what it is tied to: its key, its group, its line, its follow-up. */
export class TiedJobs {
  readonly #keys: LiveKeys;
  readonly #groups: Groups;

  constructor(keys: LiveKeys, groups: Groups) {
    this.#keys = keys;
    this.#groups = groups;
  }

  /** @returns the jobs to be queued for it. */
  async ended(session: Session, ends: readonly End[], now: number): Promise<NewJob[]> {
    const others = await this.untie(session, ends, now);
    return [...followUpsOf(ends, now), ...others];
  }

  /**
   * What ends mean that the statements before this one write: whether they came about is found in what was written, so that
   * nobody has to wait for those statements' answers first.
   * @returns the jobs to be queued for keys and groups.
   */
  async untie(session: Session, ends: readonly End[], now: number): Promise<NewJob[]> {
    const jobs = ends.map(({ job }) => job);
    void moveOn(session, jobs, now);
    const freed: LiveKey[] = [];
    const counted: { groupId: string; jobId: string }[] = [];
    for (const { id: jobId, task, ties } of jobs) {
      if (ties?.key !== undefined) freed.push({ task, key: ties.key, jobId });
      if (ties?.groupId !== undefined) counted.push({ groupId: ties.groupId, jobId });
    }
    const freeing = freed.length > 0 ? heard(this.#keys.free(session, freed, now)) : NOTHING;
    const counting = counted.length > 0 ? heard(this.#groups.ended(session, counted, now)) : NOTHING;
    const followUps = [...(await freeing), ...(await counting)];
    return followUps;
  }

  /**
   * Gives a job that will be live again its key.
   * @returns the id of the live job that has it, and so keeps the job from coming back.
   */
  async takeKey(
    session: Session,
    { id, task, ties }: Pick<TiedJob, "id" | "task" | "ties">,
  ): Promise<string | undefined> {
    if (ties?.key === undefined) return undefined;
    const [holder] = await this.#keys.keep(session, [{ task, key: ties.key, jobId: id }]);
    return holder === id ? undefined : holder;
  }

  /** It is live again. */
  async cameBack(session: Session, { ties }: TiedJob, from: "failed" | "cancelled"): Promise<void> {
    if (ties?.groupId !== undefined) await this.#groups.reopened(session, ties.groupId, from);
  }
}

const NOTHING: readonly NewJob[] = [];

/** The jobs to be queued when these have ended. */
export function followUpsOf(ends: readonly End[], now: number): NewJob[] {
  return ends.flatMap(({ job, transition }) => {
    const followUp = job.ties?.onSettled;
    return followUp ? [followUpJob(followUp, settledJob(job, transition), now)] : [];
  });
}
