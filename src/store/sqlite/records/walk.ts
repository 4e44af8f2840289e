import type { SQLInputValue } from "node:sqlite";
import { SKEW_MS } from "../../../core/clock.ts";
import { firstIdAt } from "../../../core/id.ts";
import type { Database, Statement } from "../driver/database.ts";

/** That a job failed or was cancelled, with the condition of the partial indexes: the planner uses them only where it reads it. */
export function isDead(status: string, is: "failed" | "cancelled"): string {
  return `${status} = '${is}' and ${status} in ('failed', 'cancelled')`;
}

/** Where to go through jobs in the order of their keys. */
export interface Place {
  /** What is walked, in the order of its index or of itself. */
  readonly walked: string;
  readonly key: string;
  /** What is looked up for each row, in order to tell whether it fits. */
  readonly joined: string;
}

type Keys = Statement<{ key: number }>;

/** The texts are few, and each is prepared once. */
export class Walks {
  readonly #db: Database;
  readonly #prepared = new Map<string, Keys>();

  constructor(db: Database) {
    this.#db = db;
  }

  at(place: Place): Walk {
    return new Walk(place, (sql) => this.#prepare(sql));
  }

  #prepare(sql: string): Keys {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}

class Conditions {
  readonly texts: string[] = [];
  readonly values: SQLInputValue[] = [];

  add(text: string, values: readonly SQLInputValue[]): void {
    this.texts.push(text);
    this.values.push(...values);
  }
}

/** Lists job keys by conditions known only at run time. */
export class Walk {
  readonly #place: Place;
  readonly #prepare: (sql: string) => Keys;
  readonly #span = new Conditions();
  readonly #fits = new Conditions();

  constructor(place: Place, prepare: (sql: string) => Keys) {
    this.#place = place;
    this.#prepare = prepare;
  }

  /** A condition that the index answers: rows outside are not stepped over. */
  within(condition: string, ...values: SQLInputValue[]): this {
    this.#span.add(condition, values);
    return this;
  }

  /** A condition that each row is looked at for. */
  where(condition: string, ...values: SQLInputValue[]): this {
    this.#fits.add(condition, values);
    return this;
  }

  /**
   * Ids hold the millisecond they were made in, by the clock of their machine, so a span of time is about a span of ids, and of keys. It only
   * widens where a walk begins and ends; what is given out is compared by its time.
   */
  createdBetween(span: { readonly createdFrom?: number; readonly createdBefore?: number }): this {
    const { createdFrom, createdBefore } = span;
    const { key } = this.#place;
    // the bounds are jobs outside the span: of those inside, any may have the lowest or the highest number
    if (createdFrom !== undefined) {
      const earlier = "select seq from jobs where id < ? order by id desc limit 1";
      this.within(`${key} > coalesce((${earlier}), 0)`, firstIdAt("job", createdFrom - SKEW_MS));
      this.where("j.created_at >= ?", createdFrom);
    }
    if (createdBefore !== undefined) {
      const later = "select seq from jobs where id >= ? order by id limit 1";
      this.within(`${key} < coalesce((${later}), 9e15)`, firstIdAt("job", createdBefore + SKEW_MS));
      this.where("j.created_at < ?", createdBefore);
    }
    return this;
  }

  /** The key of the last row that a look at so many comes to; undefined where there are fewer, or where every row fits. */
  end(order: "asc" | "desc", rows: number): number | undefined {
    if (this.#fits.texts.length === 0) return undefined;
    const { walked, key } = this.#place;
    const { texts, values } = this.#span;
    const sql = `select ${key} as key from ${walked} ${where(texts)} order by ${key} ${order} limit 1 offset ?`;
    return this.#prepare(sql).get(...values, rows - 1)?.key;
  }

  /** @param end where to stop; undefined to go on until there are enough. */
  keys(order: "asc" | "desc", limit: number, end?: number): number[] {
    const { walked, key, joined } = this.#place;
    const conditions = [...this.#span.texts, ...this.#fits.texts];
    const values = [...this.#span.values, ...this.#fits.values];
    if (end !== undefined) {
      conditions.push(`${key} ${order === "asc" ? "<=" : ">="} ?`);
      values.push(end);
    }
    const from = this.#fits.texts.length > 0 ? `${walked} ${joined}` : walked;
    const sql = `select ${key} as key from ${from} ${where(conditions)} order by ${key} ${order} limit ?`;
    return this.#prepare(sql)
      .all(...values, limit)
      .map((row) => row.key);
  }
}

function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? `where ${conditions.join(" and ")}` : "";
}
