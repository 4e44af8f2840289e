import type { SQLInputValue } from "node:sqlite";
import { firstIdAt } from "../../../core/id.ts";
import type { Database, Statement } from "../driver/database.ts";

/**
 * Jobs are numbered as they are accepted, a moment after they are created, and in several processes: between the order of
 * their numbers and that of their times lies at most this. It only widens where a walk begins and ends; what is given out
 * is compared by its time.
 */
export const SKEW_MS = 60_000;

/** That a job failed or was cancelled, with the condition of the partial indexes: the planner uses them only where it reads it. */
export function isDead(status: string, is: "failed" | "cancelled"): string {
  return `${status} = '${is}' and ${status} in ('failed', 'cancelled')`;
}

/** Lists job keys by conditions known only at run time. The texts are few, and each is prepared once. */
export class Query {
  readonly #db: Database;
  readonly #prepared: Map<string, Statement<{ key: number }>>;
  readonly #from: string;
  readonly #conditions: string[] = [];
  readonly #values: SQLInputValue[] = [];

  constructor(db: Database, prepared = new Map<string, Statement<{ key: number }>>(), from = "") {
    this.#db = db;
    this.#prepared = prepared;
    this.#from = from;
  }

  /** A new query that shares the prepared statements. */
  from(tables: string): Query {
    return new Query(this.#db, this.#prepared, tables);
  }

  where(condition: string, ...values: SQLInputValue[]): this {
    this.#conditions.push(condition);
    this.#values.push(...values);
    return this;
  }

  /** Ids hold the millisecond they were made in, so a span of time is a span of ids, and about one of keys. */
  createdBetween(
    key: string,
    span: { readonly createdFrom?: number; readonly createdBefore?: number },
  ): this {
    const { createdFrom, createdBefore } = span;
    // the bounds are jobs outside the span: of those inside, any may have the lowest or the highest number
    if (createdFrom !== undefined) {
      const earlier = "select seq from jobs where id < ? order by id desc limit 1";
      this.where(`${key} > coalesce((${earlier}), 0)`, firstIdAt("job", createdFrom - SKEW_MS));
      this.where("j.created_at >= ?", createdFrom);
    }
    if (createdBefore !== undefined) {
      const later = "select seq from jobs where id >= ? order by id limit 1";
      this.where(`${key} < coalesce((${later}), 9e15)`, firstIdAt("job", createdBefore + SKEW_MS));
      this.where("j.created_at < ?", createdBefore);
    }
    return this;
  }

  keys(key: string, order: "asc" | "desc", limit: number): number[] {
    const where = this.#conditions.length > 0 ? `where ${this.#conditions.join(" and ")}` : "";
    const sql = `select ${key} as key from ${this.#from} ${where} order by ${key} ${order} limit ?`;
    let statement = this.#prepared.get(sql);
    if (!statement) {
      statement = this.#db.prepare<{ key: number }>(sql);
      this.#prepared.set(sql, statement);
    }
    return statement.all(...this.#values, limit).map((row) => row.key);
  }
}
