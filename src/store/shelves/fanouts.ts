import { firstIdAt } from "../../core/id.ts";
import { count, eventId, json, name, nullable, time } from "./tables/column.ts";
import { inPlaces, PLACE_COUNT, PLACES } from "./tables/places.ts";
import type { Call, Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/** Fan-outs: events with more endpoints than the accepting transaction created jobs for, and how far the rest has come. */
export interface FanoutShelf {
  /** Oldest first; from after that event. */
  next(after: string | null, limit: number): Promise<Fanout[]>;
  /** Those of these events whose jobs are still being made. */
  among(events: readonly string[]): Promise<ReadonlySet<string>>;
  /** Writes one, with its event. */
  insertion(fanout: Fanout): Call<Fanout>;
  /** Moves the cursor, and gives a row, where it still stands at `from`. */
  advancing(event: string, from: number, to: number): Call<FanoutStep>;
  /** Ends it, and gives a row, where its cursor still stands at `from`. */
  finishing(event: string, from: number): Call<FanoutStep>;
}

export const FANOUTS = new Table("fanouts", ["event"], {
  event: eventId,
  tenant: name,
  /** The ids of all its endpoints, in a list. */
  endpoints: json,
  /** How many of them have their jobs. */
  cursor: count,
  /** When its jobs are to run, where that is later. */
  run_at: nullable(time),
  /** Of its event. */
  tags: nullable(json),
  created_at: time,
});

export type Fanout = FieldsOf<typeof FANOUTS>;

/** Without the endpoints: a list of ten thousand is 320 KB, and there are hundreds of steps. */
type FanoutStep = Pick<Fanout, "event">;

const INSERT = FANOUTS.statement(FANOUTS.insertion, { takes: FANOUTS.kinds, bringsWork: true });

const ADVANCE = FANOUTS.statement(
  `
  update posthorn.fanouts
  set cursor = ?
  where event = ? and cursor = ?
  returning event`,
  { takes: ["count", "event_id"] },
);

const FINISH = FANOUTS.statement(
  `
  delete from posthorn.fanouts
  where event = ? and cursor = ?
  returning event`,
  { takes: ["event_id"] },
);

const AMONG = FANOUTS.statement(`select event from posthorn.fanouts where event in (${PLACES})`, {
  takes: Array.from({ length: PLACE_COUNT }, () => "event_id" as const),
});

const NEXT = FANOUTS.statement(
  `
  select ${FANOUTS.fields}
  from posthorn.fanouts
  where event > ?
  order by event
  limit ?`,
  { takes: ["event_id"] },
);

/** Writes one, with its event. */
export function insertion(fanout: Fanout): Call<Fanout> {
  return INSERT.with(...FANOUTS.valuesOf(fanout));
}

/** Moves the cursor, and gives a row, where it still stands at `from`. */
export function advancing(event: string, from: number, to: number): Call<FanoutStep> {
  return ADVANCE.with(to, event, from);
}

/** Ends it, and gives a row, where its cursor still stands at `from`. */
export function finishing(event: string, from: number): Call<FanoutStep> {
  return FINISH.with(event, from);
}

export class Fanouts implements FanoutShelf {
  readonly insertion = insertion;
  readonly advancing = advancing;
  readonly finishing = finishing;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async among(events: readonly string[]): Promise<ReadonlySet<string>> {
    const reads = inPlaces(events).map((some) => this.#session.read(AMONG.with(...some)));
    return new Set((await Promise.all(reads)).flat().map(({ event }) => event));
  }

  next(after: string | null, limit: number): Promise<Fanout[]> {
    return this.#session.read(NEXT.with(after ?? firstIdAt("msg", 0), limit));
  }
}
