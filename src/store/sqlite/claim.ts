import type { ClaimRound } from "./claim-round.ts";
import type { Database, Statement } from "./database.ts";
import type { Leases } from "./leases.ts";

/** One stop of the walk: a lane's first attempts, or its later ones. */
interface Turn {
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
}

/** Sorts before every turn. */
const START: Turn = { lane: "", turn: -1 };

/**
 * Claims jobs by walking the lanes that have work, a few jobs from each, from where the last claim stopped: a lane with
 * 100 000 jobs costs its neighbours nothing. Each step of the walk is a seek or two in the primary key of `ready`.
 */
export class Claims {
  readonly #leases: Leases;
  readonly #nextPriority: Statement<{ priority: number }>;
  readonly #nextTurnOfLane: Statement<Turn>;
  readonly #nextLane: Statement<Turn>;
  readonly #readyJobs: Statement<ReadyRow>;
  readonly #leaveReady: Statement;
  /** Where the last walk of each priority stopped. */
  readonly #stoppedAt = new Map<number, Turn>();

  constructor(db: Database, leases: Leases) {
    this.#leases = leases;
    this.#nextPriority = db.prepare(
      "select priority from ready where priority > ? order by priority limit 1",
    );
    // two seeks, because `(lane, turn) > (?, ?)` steps over every job of the lane: 10 ms for 100 000 of them, against 3 µs
    this.#nextTurnOfLane = db.prepare(`
      select lane, turn from ready
      where priority = ? and lane = ? and turn > ?
      order by turn
      limit 1`);
    this.#nextLane = db.prepare(`
      select lane, turn from ready
      where priority = ? and lane > ?
      order by lane, turn
      limit 1`);
    this.#readyJobs = db.prepare(`
      select r.due_at, r.job as key, r.attempts, r.failures, r.losses, r.started_at,
        j.id, j.task, j.options, j.payload, j.max_attempts as maxAttempts, j.created_at as createdAt
      from ready r
      cross join jobs j on j.seq = r.job
      where r.priority = ? and r.lane = ? and r.turn = ?
      order by r.due_at, r.job
      limit ?`);
    this.#leaveReady = db.prepare(`
      delete from ready where priority = ? and lane = ? and turn = ? and due_at = ? and job = ?`);
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
    let turns = this.#turns(priority, round);
    while (turns.length > 0 && round.left > 0) {
      const isAll = turns.length < round.left; // as many as there are to claim may be the first of more
      // rounded down, so that each turn gets something before any gets more; the rest goes in the next pass
      const share = Math.max(1, Math.floor(round.left / turns.length));
      const unfinished: Turn[] = [];
      for (const turn of turns) {
        const wanted = Math.min(share, round.roomOf(turn.lane));
        if (wanted <= 0) continue;
        this.#stoppedAt.set(priority, turn);
        if (this.#take(priority, turn, wanted, round) === wanted) unfinished.push(turn);
      }
      turns = isAll ? unfinished : this.#turns(priority, round);
    }
  }

  /** The turns with work and room, once round from where the last walk stopped, no more than there are jobs to claim. */
  #turns(priority: number, round: ClaimRound): Turn[] {
    const stoppedAt = this.#stoppedAt.get(priority) ?? START;
    const turns: Turn[] = [];
    let wrapped = false;
    let at = stoppedAt;
    while (turns.length < round.left) {
      if (!round.step()) {
        this.#stoppedAt.set(priority, at); // the next claim goes on from here
        break;
      }
      const next = this.#turnAfter(priority, at);
      if (!next) {
        if (wrapped || stoppedAt === START) break;
        wrapped = true;
        at = START;
        continue;
      }
      if (wrapped && isAfter(next, stoppedAt)) break;
      if (round.roomOf(next.lane) > 0) turns.push(next);
      at = next;
    }
    return turns;
  }

  #turnAfter(priority: number, { lane, turn }: Turn): Turn | undefined {
    return this.#nextTurnOfLane.get(priority, lane, turn) ?? this.#nextLane.get(priority, lane);
  }

  #take(priority: number, { lane, turn }: Turn, wanted: number, round: ClaimRound): number {
    const rows = this.#readyJobs.all(priority, lane, turn, wanted);
    for (const row of rows) {
      this.#leaveReady.run(priority, lane, turn, row.due_at, row.key);
      this.#leases.take({ ...row, priority, lane, startedAt: row.started_at ?? round.now }, round);
    }
    return rows.length;
  }
}

/** In the order of the index, which compares the bytes of UTF-8. */
function isAfter(a: Turn, b: Turn): boolean {
  return a.lane === b.lane ? a.turn > b.turn : Buffer.compare(Buffer.from(a.lane), Buffer.from(b.lane)) > 0;
}
