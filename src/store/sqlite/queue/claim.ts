import { parseOrigin } from "../../../core/origin.ts";
import { parseTies } from "../../../core/ties.ts";
import type { ClaimRound } from "../../claim-round.ts";
import { FIRST_TURN, LATER_TURN } from "../../turns.ts";
import type { Database, Statement } from "../driver/database.ts";
import { LaneWalk, type Stop, type Visit } from "./lane-walk.ts";
import type { Leasable, Leases } from "./leases.ts";
import { ORIGIN } from "./origin.ts";

interface ReadyRow {
  readonly due_at: number;
  readonly key: number;
  readonly attempts: number;
  readonly failures: number;
  readonly losses: number;
  readonly started_at: number | null;
  readonly id: string;
  readonly task: string;
  readonly options: string;
  readonly payload: string;
  readonly maxAttempts: number;
  readonly createdAt: number;
  readonly ties: string | null;
  readonly origin: string | null;
}

/** Payloads can be large, so little should be read that is then not taken. */
const READ_AT_ONCE = 8;

/**
 * Claims jobs by walking the lanes that have work, a few jobs from each, from where the last claim stopped: a lane with
 * 100 000 jobs costs its neighbours nothing. Each step of the walk is one seek in the primary key of `ready`.
 */
export class Claims {
  readonly #leases: Leases;
  readonly #nextPriority: Statement<{ priority: number }>;
  readonly #readyJobs: Statement<ReadyRow>;
  readonly #leaveReady: Statement;
  readonly #lanes: LaneWalk;
  /** By priority: whose turn it was last. */
  readonly #lastTurn = new Map<number, number>();

  constructor(db: Database, leases: Leases) {
    this.#leases = leases;
    this.#nextPriority = db.prepare(
      "select priority from ready where priority > ? order by priority limit 1",
    );
    // one seek: with `(turn, lane) >= (?, ?)` SQLite would step over every job of the lane
    const firstLane = db.prepare<{ lane: string }>(`
      select lane from ready
      where priority = ? and turn = ? and lane >= ?
      order by lane
      limit 1`);
    this.#lanes = new LaneWalk((priority, turn, from) => firstLane.get(priority, turn, from)?.lane);
    this.#readyJobs = db.prepare(`
      select r.due_at, r.job as key, r.attempts, r.failures, r.losses, r.started_at,
        j.id, j.task, j.options, j.payload, j.max_attempts as maxAttempts, j.created_at as createdAt, j.ties, ${ORIGIN}
      from ready r
      cross join jobs j on j.seq = r.job
      where r.priority = ? and r.turn = ? and r.lane = ?
      order by r.due_at, r.job
      limit ?`);
    this.#leaveReady = db.prepare(`
      delete from ready where priority = ? and turn = ? and lane = ? and due_at = ? and job = ?`);
  }

  /** Whether anything is ready. */
  get hasWork(): boolean {
    return this.#nextPriority.get(Number.MIN_SAFE_INTEGER) !== undefined;
  }

  /** Claims as much as allowed. Unless it was cut short, the room left over belongs to lanes with nothing ready. */
  walk(round: ClaimRound): void {
    let next = this.#nextPriority.get(Number.MIN_SAFE_INTEGER);
    while (next && round.left > 0) {
      this.#walkPriority(next.priority, round);
      next = this.#nextPriority.get(next.priority);
    }
  }

  #walkPriority(priority: number, round: ClaimRound): void {
    let { stops, isAll } = this.#stops(priority, round);
    while (stops.length > 0 && round.left > 0) {
      const unfinished: Stop[] = [];
      const shares = sharesOf(stops, round.left);
      for (const stop of stops) {
        const wanted = Math.min(shares.get(stop.visit) ?? 1, round.roomOf(stop.lane));
        if (wanted <= 0) continue;
        this.#lanes.visited(priority, stop);
        this.#lastTurn.set(priority, stop.turn);
        if (this.#take(priority, stop, wanted, round) === wanted) unfinished.push(stop);
      }
      if (isAll) stops = unfinished;
      else ({ stops, isAll } = this.#stops(priority, round));
    }
  }

  /** One lane of each tenant that has its turn, then further ones while there is more to claim. */
  #stops(priority: number, round: ClaimRound): { stops: Stop[]; isAll: boolean } {
    const visits = this.#visits(priority, round);
    const share = shareOf(visits.length, round.left);
    const stops = visits.map((visit): Stop => ({ lane: visit.lane, turn: visit.turn, visit }));
    let isAll = visits.length < round.left; // as many as there are to claim may be the first of more
    let open = visits.filter(({ others }) => others !== undefined);
    for (let nth = 2; nth <= share && open.length > 0; nth++) {
      const more: Visit[] = [];
      for (const visit of open) {
        const lane = visit.others?.next().value;
        if (typeof lane !== "string") continue;
        stops.push({ lane, turn: visit.turn, visit });
        more.push(visit);
      }
      open = more;
    }
    if (open.length > 0) isAll = false;
    return { stops, isAll };
  }

  /** First and later attempts by turns, no more than there are jobs to claim. */
  #visits(priority: number, round: ClaimRound): Visit[] {
    const turns = [FIRST_TURN, LATER_TURN];
    if (this.#lastTurn.get(priority) === FIRST_TURN) turns.reverse();
    const [one = [], other = []] = turns.map((turn) => this.#lanes.visits(priority, turn, round));
    const visits: Visit[] = [];
    for (let at = 0; at < Math.max(one.length, other.length); at++) {
      visits.push(...one.slice(at, at + 1), ...other.slice(at, at + 1));
    }
    return visits.slice(0, round.left);
  }

  /** How many of the jobs wanted it had; not all were taken if they had too many bytes. */
  #take(priority: number, { lane, turn }: Stop, wanted: number, round: ClaimRound): number {
    let found = 0;
    while (found < wanted && round.left > 0) {
      const asked = Math.min(wanted - found, READ_AT_ONCE);
      const rows = this.#readyJobs.all(priority, turn, lane, asked);
      for (const row of rows) {
        if (round.left <= 0) break; // of bytes
        this.#leaveReady.run(priority, turn, lane, row.due_at, row.key);
        this.#leases.take(leasable(row, priority, lane, round.now), round);
      }
      found += rows.length;
      if (rows.length < asked) break;
    }
    return found;
  }
}

/** Spelled out, because to spread a row of SQLite's costs as much as to read it. */
function leasable(row: ReadyRow, priority: number, lane: string, now: number): Leasable {
  return {
    handle: row.key,
    id: row.id,
    task: row.task,
    lane,
    priority,
    options: row.options,
    payload: row.payload,
    maxAttempts: row.maxAttempts,
    createdAt: row.createdAt,
    dueAt: row.due_at,
    startedAt: row.started_at ?? now,
    attempts: row.attempts,
    failures: row.failures,
    losses: row.losses,
    ties: parseTies(row.ties),
    origin: parseOrigin(row.origin),
  };
}

/** Rounded down, so that each lane gives something before any gives more; the rest comes in the next pass. */
function shareOf(parts: number, whole: number): number {
  return Math.max(1, Math.floor(whole / Math.max(1, parts)));
}

/** How many jobs each stop of a visit may give: all visits get the same, however many stops they are. */
function sharesOf(stops: readonly Stop[], left: number): ReadonlyMap<Visit, number> {
  const counts = new Map<Visit, number>();
  for (const { visit } of stops) counts.set(visit, (counts.get(visit) ?? 0) + 1);
  const share = shareOf(counts.size, left);
  for (const [visit, count] of counts) counts.set(visit, shareOf(count, share));
  return counts;
}
