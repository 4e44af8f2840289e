import { HOUR_MS } from "../../../core/duration.ts";
import { count, name, time } from "../tables/column.ts";
import { inPlaces, PLACES } from "../tables/places.ts";
import type { Call, Session } from "../tables/session.ts";
import { type FieldsOf, Table } from "../tables/table.ts";

/** How many failures each group had in which hour. They are written with the groups, and are in no export. */
export interface FailureHourShelf {
  /** Of these groups, from an hour on; in no order. */
  since(fingerprints: readonly string[], hour: number): Promise<FailureHour[]>;
  /** Deletes what is older, some at a time; whether there may be more. */
  forget(before: number): Promise<boolean>;
}

const FAILURE_HOURS = new Table("failure_hours", ["fingerprint", "hour"], {
  fingerprint: name,
  /** When it begins. */
  hour: time,
  n: count,
});

export type FailureHour = FieldsOf<typeof FAILURE_HOURS>;

interface CountedAlike {
  readonly fingerprint: string;
  readonly lastAt: number;
  readonly n: number;
}

const MOST_FORGOTTEN = 1_000;

const ADD = FAILURE_HOURS.statement(`
  ${FAILURE_HOURS.insertionWhere("exists (select 1 from posthorn.failure_groups where fingerprint = ?)")}
  on conflict (fingerprint, hour) do update
  set n = failure_hours.n + excluded.n`);

const SINCE = FAILURE_HOURS.statement(`
  select ${FAILURE_HOURS.fields}
  from posthorn.failure_hours
  where fingerprint in (${PLACES}) and hour >= ?`);

const FORGET = FAILURE_HOURS.statement(`
  delete from posthorn.failure_hours
  where (fingerprint, hour) in (
    select fingerprint, hour
    from posthorn.failure_hours
    where hour < ?
    order by hour
    limit ${MOST_FORGOTTEN}
  )
  returning hour`);

/** Adds failures of a group that is there to the hour of the last one. */
export function countingHour({ fingerprint, lastAt, n }: CountedAlike): Call<unknown> {
  return ADD.with(
    ...FAILURE_HOURS.valuesOf({ fingerprint, hour: lastAt - (lastAt % HOUR_MS), n }),
    fingerprint,
  );
}

export class FailureHours implements FailureHourShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async since(fingerprints: readonly string[], hour: number): Promise<FailureHour[]> {
    const found = await Promise.all(
      inPlaces(fingerprints).map((some) => this.#session.read(SINCE.with(...some, hour))),
    );
    return found.flat();
  }

  async forget(before: number): Promise<boolean> {
    const [gone] = await this.#session.write(FORGET.with(before));
    return gone.length === MOST_FORGOTTEN;
  }
}
