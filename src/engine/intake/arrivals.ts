import { OverloadedError } from "../../core/errors.ts";
import type { Enqueue, Enqueued, Submission, Submitted } from "../../store/queue.ts";

/** When this much is waiting for a commit, more is refused, so that memory stays bounded when the database is slow or locked. */
export const MAX_WAITING_JOBS = 10_000;
export const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** The most new jobs in one commit, unless a single submission is larger: about ten milliseconds. */
const MOST_AT_ONCE = 1_000;
const MOST_BYTES_AT_ONCE = 4 * 1024 * 1024;

/** A request whose caller waits for the answer. */
export interface Waiting<Asked, Answer> {
  readonly asked: Asked;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** The arrivals that one commit accepts, together with whatever else it was asked for. */
export interface Arrived {
  readonly enqueues: readonly Waiting<Enqueue, Enqueued>[];
  readonly submissions: readonly Waiting<Submission, Submitted>[];
  readonly jobs: number;
  readonly bytes: number;
}

/** New jobs on their way to a commit, in order of arrival: bounded by their number and bytes until they are answered. */
export class Arrivals {
  #waiting: (Waiting<Enqueue, Enqueued> | Waiting<Submission, Submitted>)[] = [];
  #jobs = 0;
  #bytes = 0;

  /** How many wait to be taken. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Reserves room until `release`. If nothing is waiting, a request of any size finds room; otherwise a large one never would.
   * @throws OverloadedError when there is no room.
   */
  reserve(jobs: number, bytes: number): void {
    const isFull = this.#jobs > 0 && this.#jobs + jobs > MAX_WAITING_JOBS;
    const isHeavy = this.#bytes > 0 && this.#bytes + bytes > MAX_WAITING_BYTES;
    if (isFull || isHeavy)
      throw new OverloadedError("too many requests are waiting for the database; try again shortly");
    this.#jobs += jobs;
    this.#bytes += bytes;
  }

  /** Gives room back once the request has its answer. */
  release(jobs: number, bytes: number): void {
    this.#jobs -= jobs;
    this.#bytes -= bytes;
  }

  /** Adds a request whose room has been reserved. */
  add(waiting: Waiting<Enqueue, Enqueued> | Waiting<Submission, Submitted>): void {
    this.#waiting.push(waiting);
  }

  /** Takes as many requests as one commit should hold, because a commit holds up everything else. The rest go into the next one. */
  take(): Arrived {
    const enqueues: Waiting<Enqueue, Enqueued>[] = [];
    const submissions: Waiting<Submission, Submitted>[] = [];
    let jobs = 0;
    let bytes = 0;
    let taken = 0;
    for (const waiting of this.#waiting) {
      const isSingle = isOne(waiting);
      const count = isSingle ? 1 : waiting.asked.jobs.length;
      if (taken > 0 && (jobs + count > MOST_AT_ONCE || bytes >= MOST_BYTES_AT_ONCE)) break;
      taken++;
      jobs += count;
      if (isSingle) {
        bytes += waiting.asked.job.payload.length;
        enqueues.push(waiting);
      } else {
        bytes += bytesOf(waiting.asked);
        submissions.push(waiting);
      }
    }
    this.#waiting = taken === this.#waiting.length ? [] : this.#waiting.slice(taken);
    return { enqueues, submissions, jobs, bytes };
  }
}

/** How much of memory the payloads of a submission take: an event's in bytes, jobs' in UTF-16 units, which is near enough. */
export function bytesOf({ jobs, event }: Pick<Submission, "jobs" | "event">): number {
  let bytes = event?.payload?.byteLength ?? 0;
  for (const { payload } of jobs) bytes += payload.length;
  return bytes;
}

function isOne(
  waiting: Waiting<Enqueue, Enqueued> | Waiting<Submission, Submitted>,
): waiting is Waiting<Enqueue, Enqueued> {
  return "job" in waiting.asked;
}
