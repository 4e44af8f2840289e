import { name, time } from "./tables/column.ts";
import type { Session } from "./tables/session.ts";
import { Table } from "./tables/table.ts";

/**
 * When jobs of slow lanes last started (lanes that belong to one worker), so that the next worker, or this one after a restart, continues
 * where it stopped. Kept for a few days only, and not exported.
 */
export interface LaneBeginShelf {
  /** Undefined when it is not known, or long ago. */
  last(lane: string): Promise<number | undefined>;
  /** They began then, by their lanes. What is older than `before` is forgotten, bit by bit. */
  note(begins: ReadonlyMap<string, number>, before: number): Promise<void>;
}

const LANE_BEGINS = new Table("lane_begins", ["lane"], { lane: name, began_at: time });

const LAST = LANE_BEGINS.statement(`
  select ${LANE_BEGINS.fields}
  from posthorn.lane_begins
  where lane = ?`);

const NOTE = LANE_BEGINS.statement(`
  insert into posthorn.lane_begins as kept (lane, began_at)
  values (?, ?)
  on conflict (lane) do update
  set began_at = excluded.began_at
  where kept.began_at < excluded.began_at`);

const FORGET = LANE_BEGINS.statement(`
  delete from posthorn.lane_begins
  where lane in (select lane from posthorn.lane_begins where began_at < ? order by began_at limit 50)`);

export class LaneBegins implements LaneBeginShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async last(lane: string): Promise<number | undefined> {
    return (await this.#session.read(LAST.with(lane)))[0]?.beganAt;
  }

  async note(begins: ReadonlyMap<string, number>, before: number): Promise<void> {
    // in one order, so that no two writers wait for each other
    const sorted = [...begins].sort(([one], [other]) => (one < other ? -1 : 1));
    await this.#session.write(...sorted.map((begin) => NOTE.with(...begin)), FORGET.with(before));
  }
}
