import type { Database, Statement } from "../driver/database.ts";
import type { Live, Queued } from "./queued.ts";

interface NextRow extends Live {
  readonly job: number;
  readonly run_at: number;
}

/** Lanes whose jobs go one at a time: the head goes, and the others stand in line behind it, parked. */
export class OrderedLanes {
  readonly #queued: Queued;
  readonly #enter: Statement<{ head: number; last_place: number }>;
  readonly #head: Statement<{ head: number }>;
  readonly #takeNext: Statement<NextRow>;
  readonly #moveOn: Statement;
  readonly #leave: Statement;

  constructor(db: Database, queued: Queued) {
    this.#queued = queued;
    this.#enter = db.prepare(`
      insert into ordered_lanes (lane, head, last_place) values (?, ?, 0)
      on conflict (lane) do update set last_place = last_place + 1
      returning head, last_place`);
    this.#head = db.prepare("select head from ordered_lanes where lane = ?");
    this.#takeNext = db.prepare(`
      delete from parked
      where job = (select job from parked where lane = ? and place is not null order by place limit 1)
      returning job, run_at, priority, lane, attempts, failures, losses, started_at`);
    this.#moveOn = db.prepare("update ordered_lanes set head = ? where lane = ?");
    this.#leave = db.prepare("delete from ordered_lanes where lane = ?");
  }

  /** A job is added to the lane, new or again. Returns its place at the end of the line; undefined if it has its turn. */
  enter(lane: string, job: number): number | undefined {
    const entered = this.#enter.get(lane, job);
    return !entered || entered.head === job ? undefined : entered.last_place;
  }

  /** A job of the lane has ended: if it was the head, the next one has its turn. */
  ended(lane: string, job: number, now: number): void {
    if (this.#head.get(lane)?.head !== job) return;
    const next = this.#takeNext.get(lane);
    if (!next) {
      this.#leave.run(lane);
      return;
    }
    this.#moveOn.run(next.job, lane);
    this.#queued.put(next.job, next, next, next.started_at, next.run_at, now);
  }
}
