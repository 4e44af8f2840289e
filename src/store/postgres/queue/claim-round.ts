import type { ClaimRequest, LeasedJob } from "../../queue.ts";

/** One claim under way: what it took, and what it still may take. */
export class ClaimRound {
  readonly request: ClaimRequest;
  readonly now: number;
  readonly claimed: LeasedJob[] = [];
  /** There may be lanes with work and room that no walk has come to. */
  cutShort = false;
  #bytes = 0;
  readonly #taken = new Map<string, number>();

  constructor(request: ClaimRequest, now: number) {
    this.request = request;
    this.now = now;
  }

  /** How many more jobs it may take. */
  get left(): number {
    return this.bytesLeft > 0 ? this.request.limit - this.claimed.length : 0;
  }

  /** Once none are left it takes no more; the last job may exceed it. */
  get bytesLeft(): number {
    return this.request.maxBytes - this.#bytes;
  }

  /** Whether there may be more that it could have taken: it passed too many lanes, or has enough bytes for once. */
  get isUnfinished(): boolean {
    return this.cutShort || (this.left === 0 && this.claimed.length < this.request.limit);
  }

  /** How many more of the lane it may take. */
  roomOf(lane: string): number {
    const { byDefault, except } = this.request.room;
    return Math.min((except.get(lane) ?? byDefault) - (this.#taken.get(lane) ?? 0), this.left);
  }

  /** The lanes whose room is not the default one, as JSON. */
  rooms(): string {
    const { byDefault, except } = this.request.room;
    const rooms: Record<string, number> = Object.create(null); // a lane may be named __proto__
    for (const [lane, room] of except) rooms[lane] = room;
    for (const [lane, taken] of this.#taken) rooms[lane] = (except.get(lane) ?? byDefault) - taken;
    return JSON.stringify(rooms);
  }

  took(job: LeasedJob): void {
    this.claimed.push(job);
    this.#bytes += job.payload.length;
    this.#taken.set(job.lane, (this.#taken.get(job.lane) ?? 0) + 1);
  }
}
