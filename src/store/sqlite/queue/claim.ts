import { parseOrigin } from "../../../core/origin.ts";
import { parseTies } from "../../../core/ties.ts";
import type { Database, Statement } from "../driver/database.ts";
import type { ClaimRound } from "./claim-round.ts";
import type { Leasable, Leases } from "./leases.ts";
import { ORIGIN } from "./origin.ts";
import { FIRST_TURN, LATER_TURN } from "./queued.ts";

/** One stop of the walk: a lane's first attempts, or its later ones. */
interface Stop {
  readonly lane: string;
  readonly turn: number;
}

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

/** Payloads can be large; what is read and then not taken should be little. */
const READ_AT_ONCE = 8;

/** Sorts before every lane. */
const START = "";

/**
 * Claims jobs by walking the lanes that have work, a few jobs from each, from where the last claim stopped: a lane with
 * 100 000 jobs costs its neighbours nothing. Each step of the walk is one seek in the primary key of `ready`.
 */
export class Claims {
  readonly #leases: Leases;
  readonly #nextPriority: Statement<{ priority: number }>;
  readonly #nextLane: Statement<{ lane: string }>;
  readonly #readyJobs: Statement<ReadyRow>;
  readonly #leaveReady: Statement;
  /** By priority and turn: the lane at which the last walk stopped. */
  readonly #stoppedAt = new Map<string, string>();

  /** By priority: whose turn it was last. */
  readonly #lastTurn = new Map<number, number>();

  constructor(db: Database, leases: Leases) {
    this.#leases = leases;
    this.#nextPriority = db.prepare(
      "select priority from ready where priority > ? order by priority limit 1",
    );
    // one seek: with `(turn, lane) > (?, ?)` SQLite would step over every job of the lane
    this.#nextLane = db.prepare(`
      select lane from ready
      where priority = ? and turn = ? and lane > ?
      order by lane
      limit 1`);
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

  /** Takes what it may. Unless it was cut short, what room it leaves is in lanes that have nothing ready. */
  walk(round: ClaimRound): void {
    let next = this.#nextPriority.get(Number.MIN_SAFE_INTEGER);
    while (next && round.left > 0) {
      this.#walkPriority(next.priority, round);
      next = this.#nextPriority.get(next.priority);
    }
  }

  #walkPriority(priority: number, round: ClaimRound): void {
    let stops = this.#stops(priority, round);
    while (stops.length > 0 && round.left > 0) {
      const isAll = stops.length < round.left; // as many as there are to claim may be the first of more
      // rounded down, so that each stop gives something before any gives more; the rest comes in the next pass
      const share = Math.max(1, Math.floor(round.left / stops.length));
      const unfinished: Stop[] = [];
      for (const stop of stops) {
        const wanted = Math.min(share, READ_AT_ONCE, round.roomOf(stop.lane));
        if (wanted <= 0) continue;
        this.#stoppedAt.set(`${priority} ${stop.turn}`, stop.lane);
        this.#lastTurn.set(priority, stop.turn);
        if (this.#take(priority, stop, wanted, round) === wanted) unfinished.push(stop);
      }
      stops = isAll ? unfinished : this.#stops(priority, round);
    }
  }

  /** First and later attempts by turns, no more than there are jobs to claim. */
  #stops(priority: number, round: ClaimRound): Stop[] {
    const turns = [FIRST_TURN, LATER_TURN];
    if (this.#lastTurn.get(priority) === FIRST_TURN) turns.reverse();
    const [one = [], other = []] = turns.map((turn) => this.#lanes(priority, turn, round));
    const stops: Stop[] = [];
    for (let at = 0; at < Math.max(one.length, other.length); at++) {
      stops.push(...one.slice(at, at + 1), ...other.slice(at, at + 1));
    }
    return stops.slice(0, round.left);
  }

  /** The lanes with work and room, once round from where the last walk stopped. */
  #lanes(priority: number, turn: number, round: ClaimRound): Stop[] {
    const key = `${priority} ${turn}`;
    const stoppedAt = this.#stoppedAt.get(key) ?? START;
    const stops: Stop[] = [];
    let wrapped = false;
    round.beginWalk();
    let at = stoppedAt;
    while (stops.length < round.left) {
      if (!round.step()) {
        this.#stoppedAt.set(key, at); // the next claim goes on from here
        break;
      }
      const lane = this.#nextLane.get(priority, turn, at)?.lane;
      if (lane === undefined) {
        if (wrapped || stoppedAt === START) break;
        wrapped = true;
        at = START;
        continue;
      }
      if (wrapped && isAfter(lane, stoppedAt)) break;
      if (round.roomOf(lane) > 0) stops.push({ lane, turn });
      at = lane;
    }
    return stops;
  }

  #take(priority: number, { lane, turn }: Stop, wanted: number, round: ClaimRound): number {
    const rows = this.#readyJobs.all(priority, turn, lane, wanted);
    for (const row of rows) {
      if (round.left <= 0) break; // of bytes
      this.#leaveReady.run(priority, turn, lane, row.due_at, row.key);
      this.#leases.take(leasable(row, priority, lane, round.now), round);
    }
    return rows.length;
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
    startedAt: row.started_at ?? now,
    attempts: row.attempts,
    failures: row.failures,
    losses: row.losses,
    ties: parseTies(row.ties),
    origin: parseOrigin(row.origin),
  };
}

/** In the order of the index, which compares the bytes of UTF-8. */
function isAfter(a: string, b: string): boolean {
  return a !== b && Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;
}
