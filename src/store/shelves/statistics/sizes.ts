import { count, text, time } from "../tables/column.ts";
import type { Session } from "../tables/session.ts";
import { type FieldsOf, Table } from "../tables/table.ts";

/** The sizes of the database's parts, hour by hour, from which growth is computed. They are not exported. */
export interface SizeShelf {
  /** Keeps these as the sizes of their hour, unless some process has done so before, and forgets those of hours before `forgetBefore`. */
  keep(sizes: readonly KeptSize[], forgetBefore: number): Promise<void>;
  /** Those of the first hour from a moment on of which there are any. */
  first(from: number): Promise<KeptSize[]>;
}

const SIZES = new Table("sizes", ["hour"], {
  /** When it begins. */
  hour: time,
  /** As the doctor names it: a table, or a part of a file. */
  part: text,
  bytes: count,
  /** When it was looked at. */
  at: time,
});

export type KeptSize = FieldsOf<typeof SIZES>;

const KEEP = SIZES.statement(`
  ${SIZES.insertion}
  on conflict do nothing`);

const FORGET = SIZES.statement(`
  delete from posthorn.sizes
  where hour < ?`);

const FIRST = SIZES.statement(`
  select ${SIZES.fields}
  from posthorn.sizes
  where hour = (select min(hour) from posthorn.sizes where hour >= ?)`);

export class Sizes implements SizeShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async keep(sizes: readonly KeptSize[], forgetBefore: number): Promise<void> {
    await this.#session.write(
      FORGET.with(forgetBefore),
      ...sizes.map((size) => KEEP.with(...SIZES.valuesOf(size))),
    );
  }

  first(from: number): Promise<KeptSize[]> {
    return this.#session.read(FIRST.with(from));
  }
}
