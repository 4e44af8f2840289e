import { tenantOf } from "./lane-order.ts";
import type { ClaimRequest, LeasedJob } from "./queue.ts";

/**
 * A walk (of first attempts, or of later ones) passes at most this many lanes: thousands of lanes with work but no room (because they rest,
 * for instance) would hold up the database for 3 µs each on SQLite, and the claim for 10 µs each on PostgreSQL.
 */
export const MAX_STEPS = 500;

/** One claim under way: what it took, and what it still may take. */
export class ClaimRound {
  readonly request: ClaimRequest;
  readonly now: number;
  readonly claimed: LeasedJob[] = [];
  /** There may be lanes with work and room that no walk has reached. */
  cutShort = false;
  #steps = 0;
  #bytes = 0;
  readonly #taken = new Map<string, number>();
  /** How many more of limited tenants. */
  readonly #tenants: Map<string, number> | undefined;

  constructor(request: ClaimRequest, now: number) {
    this.request = request;
    this.now = now;
    const { tenants } = request.room;
    this.#tenants = tenants && new Map(tenants);
  }

  /** How many more jobs it may take. */
  get left(): number {
    return this.bytesLeft > 0 ? this.request.limit - this.claimed.length : 0;
  }

  /** How many more bytes it may take; the last job may exceed this. */
  get bytesLeft(): number {
    return this.request.maxBytes - this.#bytes;
  }

  beginWalk(): void {
    this.#steps = 0;
  }

  /** Whether the walk may go on to another lane. */
  step(): boolean {
    this.#steps++;
    if (this.#steps > MAX_STEPS) this.cutShort = true;
    return this.#steps <= MAX_STEPS;
  }

  /** Whether it may have missed something, because it passed too many lanes or has taken enough bytes. */
  get isUnfinished(): boolean {
    return this.cutShort || (this.left === 0 && this.claimed.length < this.request.limit);
  }

  /** How many more of the lane it may take. */
  roomOf(lane: string): number {
    const { byDefault, except } = this.request.room;
    const room = (except.get(lane) ?? byDefault) - (this.#taken.get(lane) ?? 0);
    return Math.min(room, this.left, this.#roomOfTenantOf(lane));
  }

  /** Whether it may take more of a tenant's lanes, by their prefix. */
  hasRoomFor(tenant: string): boolean {
    return (this.#tenants?.get(tenant) ?? 1) > 0;
  }

  #roomOfTenantOf(lane: string): number {
    const tenant = this.#tenants && tenantOf(lane);
    return (tenant === undefined ? undefined : this.#tenants?.get(tenant)) ?? Number.POSITIVE_INFINITY;
  }

  /** The lanes whose room is not the default one, and the limited tenants. */
  rooms(): Record<string, number> {
    const { byDefault, except } = this.request.room;
    const rooms: Record<string, number> = Object.create(null); // a lane may be named __proto__
    for (const [lane, room] of except) rooms[lane] = room;
    for (const [lane, taken] of this.#taken) rooms[lane] = (except.get(lane) ?? byDefault) - taken;
    for (const [tenant, room] of this.#tenants ?? []) rooms[tenant] = room;
    return rooms;
  }

  took(job: LeasedJob): void {
    this.claimed.push(job);
    this.#bytes += job.payload.length;
    this.#taken.set(job.lane, (this.#taken.get(job.lane) ?? 0) + 1);
    const tenant = this.#tenants && tenantOf(job.lane);
    const room = tenant === undefined ? undefined : this.#tenants?.get(tenant);
    if (tenant !== undefined && room !== undefined) this.#tenants?.set(tenant, room - 1);
  }
}
