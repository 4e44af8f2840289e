import { HOUR_MS } from "../../core/duration.ts";
import { count, json, name, nullable, time } from "./tables/column.ts";
import type { Call, Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/**
 * Announcements to operators, until they become operational events. Each is written in the transaction of what it announces, and stays for
 * about a second; frequent ones wait longer, to be combined. Not exported: they are sent by the database that they were written in.
 */
export interface OperationalEventShelf {
  /** Writes one, in the transaction of what it announces. */
  writing(told: OperationalEvent): Call<OperationalEvent>;
  /** Adds these to those with the same keys that have not been announced yet; the data of the last one stay. */
  add(some: readonly OperationalEvent[]): Promise<void>;
  /** Those that are due, oldest first. */
  due(now: number, limit: number): Promise<OperationalEvent[]>;
  /** It was announced: forgets it, or, if its kind is combined, holds back the next ones with its key until `nextAt`. */
  taking(told: OperationalEvent, nextAt: number): Call<OperationalEvent>;
  /** The same in a transaction of its own, if it will not be announced after all. */
  take(told: OperationalEvent, nextAt: number): Promise<void>;
}

const OPERATIONAL_EVENTS = new Table("operational_events", ["key"], {
  /** Its id; for a kind that is combined, what and whom it is about. */
  key: name,
  type: name,
  /** Whom it is about. */
  tenant: nullable(name),
  endpoint: nullable(name),
  /** An object: the rest of what is announced. */
  data: json,
  /** How many it stands for; null for a kind that is not combined. */
  n: nullable(count),
  /** When it happened. */
  at: time,
  /** When it will be told. */
  due_at: time,
});

export type OperationalEvent = FieldsOf<typeof OPERATIONAL_EVENTS>;

const WRITE = OPERATIONAL_EVENTS.statement(OPERATIONAL_EVENTS.insertion);

const ADD = OPERATIONAL_EVENTS.statement(`
  ${OPERATIONAL_EVENTS.insertion}
  on conflict (key) do update
  set n = operational_events.n + excluded.n, data = excluded.data, at = excluded.at`);

/** What waits is due within minutes: what seems to be due later was written before the clock was set back. */
const LATEST_MS = HOUR_MS;

const DUE = OPERATIONAL_EVENTS.statement(`
  select ${OPERATIONAL_EVENTS.fields}
  from posthorn.operational_events
  where due_at <= ? or due_at > ?
  order by due_at
  limit ?`);

const FORGET = OPERATIONAL_EVENTS.statement(`
  delete from posthorn.operational_events
  where key = ? and due_at = ? and coalesce(n, 0) = 0
  returning ${OPERATIONAL_EVENTS.fields}`);

// what was added since it was read is announced next time
const REST = OPERATIONAL_EVENTS.statement(`
  update posthorn.operational_events
  set n = n - ?, due_at = ?
  where key = ? and due_at = ?
  returning ${OPERATIONAL_EVENTS.fields}`);

export class OperationalEvents implements OperationalEventShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  writing(told: OperationalEvent): Call<OperationalEvent> {
    return WRITE.with(...OPERATIONAL_EVENTS.valuesOf(told));
  }

  async add(some: readonly OperationalEvent[]): Promise<void> {
    await this.#session.write(...some.map((each) => ADD.with(...OPERATIONAL_EVENTS.valuesOf(each))));
  }

  due(now: number, limit: number): Promise<OperationalEvent[]> {
    return this.#session.read(DUE.with(now, now + LATEST_MS, limit));
  }

  taking({ key, n, dueAt }: OperationalEvent, nextAt: number): Call<OperationalEvent> {
    // one that none was added to since it was told need not be kept
    return n === null || n === 0 ? FORGET.with(key, dueAt) : REST.with(n, nextAt, key, dueAt);
  }

  async take(told: OperationalEvent, nextAt: number): Promise<void> {
    await this.#session.write(this.taking(told, nextAt));
  }
}
