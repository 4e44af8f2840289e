import type { ClaimRequest, LeasedJob } from "../store.ts";

/**
 * A walk passes this many lanes at the most: thousands of lanes that have work and no room (at rest, say) would hold the
 * database for 3 µs each.
 */
const MAX_STEPS = 1_000;

/** One claim under way: what it took, and what it still may take. */
export class ClaimRound {
  readonly request: ClaimRequest;
  readonly now: number;
  readonly claimed: LeasedJob[] = [];
  #steps = 0;
  #bytes = 0;
  readonly #taken = new Map<string, number>();

  constructor(request: ClaimRequest, now: number) {
    this.request = request;
    this.now = now;
  }

  /** How many more jobs it may take. */
  get left(): number {
    return this.#bytes < this.request.maxBytes ? this.request.limit - this.claimed.length : 0;
  }

  /** Whether the walk may go on to another lane. */
  step(): boolean {
    this.#steps++;
    return !this.cutShort;
  }

  /** There may be lanes with work and room that it has not come to. */
  get cutShort(): boolean {
    return this.#steps > MAX_STEPS;
  }

  /** How many more of the lane it may take. */
  roomOf(lane: string): number {
    const { byDefault, except } = this.request.room;
    const room = (except.get(lane) ?? byDefault) - (this.#taken.get(lane) ?? 0);
    return Math.min(room, this.left);
  }

  took(job: LeasedJob): void {
    this.claimed.push(job);
    this.#bytes += job.payload.length;
    this.#taken.set(job.lane, (this.#taken.get(job.lane) ?? 0) + 1);
  }
}
