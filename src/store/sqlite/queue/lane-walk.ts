import type { ClaimRound } from "../../claim-round.ts";
import { afterTenant, TenantPositions, tenantOf } from "../../lane-order.ts";

/** One stop of the walk: a lane's first attempts, or its later ones. */
export interface Stop {
  readonly lane: string;
  readonly turn: number;
  /** Whose turn it is. */
  readonly visit: Visit;
}

/** A tenant that has its turn, or a lane without a tenant. */
export interface Visit {
  readonly turn: number;
  /** Where the walk goes on after it. */
  readonly goesOnAt: string;
  /** Of a tenant of several lanes. */
  readonly tenant?: string;
  /** Its first lane with room. */
  readonly lane: string;
  /** Those after it. */
  readonly others?: Iterator<string, void>;
}

/** The first lane with work that is not before `from`: one seek. */
export type Seek = (priority: number, turn: number, from: string) => string | undefined;

/** Sorts before every lane. */
const START = "";

/**
 * The walk over the lanes that have work, tenant by tenant, from where the last one stopped. Of each tenant one lane has its
 * turn, and further ones only where the tenants are fewer than the jobs to be taken.
 */
export class LaneWalk {
  readonly #seek: Seek;
  /** By priority and turn: where the next walk begins. */
  readonly #from = new Map<string, string>();
  readonly #positions = new Map<string, TenantPositions>();

  constructor(seek: Seek) {
    this.#seek = seek;
  }

  /** The tenants that have their turn: at most once round, and no more than there are jobs to claim. */
  visits(priority: number, turn: number, round: ClaimRound): Visit[] {
    const place = `${priority} ${turn}`;
    const from = this.#from.get(place) ?? START;
    const visits: Visit[] = [];
    let at = from;
    let isSecondHalf = from === START;
    let ahead: string | undefined;
    round.beginWalk();
    while (visits.length < round.left) {
      if (!round.step()) {
        this.#from.set(place, at); // the next claim goes on from here
        break;
      }
      const lane: string | undefined = ahead ?? this.#seek(priority, turn, at);
      ahead = undefined;
      if (lane === undefined && isSecondHalf) break;
      if (lane === undefined) {
        isSecondHalf = true;
        at = START;
        continue;
      }
      if (isSecondHalf && from !== START && !isBefore(lane, from)) break;
      at = after(lane);
      const tenant = tenantOf(lane);
      // of a tenant of one lane, the look for another has found the one that is next
      ahead = tenant === undefined ? undefined : this.#seek(priority, turn, at);
      if (tenant === undefined || !ahead?.startsWith(tenant)) {
        if (round.roomOf(lane) > 0) visits.push({ turn, lane, goesOnAt: at });
        continue;
      }
      ahead = undefined;
      at = afterTenant(tenant);
      if (!round.hasRoomFor(tenant)) continue;
      const others = this.#lanesOf(priority, turn, tenant, round);
      const first = others.next().value;
      if (typeof first === "string") visits.push({ turn, tenant, lane: first, others, goesOnAt: at });
    }
    return visits;
  }

  /** A lane has given jobs. */
  visited(priority: number, { lane, turn, visit }: Stop): void {
    const place = `${priority} ${turn}`;
    this.#from.set(place, visit.goesOnAt);
    if (visit.tenant !== undefined) this.#positionsAt(place).set(visit.tenant, after(lane));
  }

  /** A tenant's lanes that have room, once round from where its last turn came to. */
  *#lanesOf(priority: number, turn: number, tenant: string, round: ClaimRound): Generator<string, void> {
    const positions = this.#positionsAt(`${priority} ${turn}`);
    const from = positions.of(tenant);
    let at = from;
    let isSecondHalf = from === tenant;
    for (;;) {
      const lane = this.#seek(priority, turn, at);
      if (!lane?.startsWith(tenant)) {
        if (isSecondHalf) return;
        isSecondHalf = true;
        at = tenant;
        continue;
      }
      if (isSecondHalf && from !== tenant && !isBefore(lane, from)) return;
      at = after(lane);
      if (round.roomOf(lane) > 0) {
        yield lane;
      } else if (!round.step()) {
        positions.set(tenant, at);
        return;
      }
    }
  }

  #positionsAt(place: string): TenantPositions {
    const known = this.#positions.get(place);
    if (known) return known;
    const positions = new TenantPositions();
    this.#positions.set(place, positions);
    return positions;
  }
}

/** The first lane there could be after it. */
function after(lane: string): string {
  return `${lane}\0`;
}

/** In the order of the index, which compares the bytes of UTF-8. */
function isBefore(a: string, b: string): boolean {
  return a !== b && Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}
