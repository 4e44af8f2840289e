import { type FinishedWeight, ROW_BYTES } from "../retention.ts";
import type { Database, Statement } from "./driver/database.ts";

interface WeightRow {
  readonly job: number;
  readonly created_at: number;
  readonly has_succeeded: number;
  readonly bytes: number;
}

/** How much finished jobs hold, the youngest first. Sizes stand before the values, which are not read. */
export class Weights {
  readonly #db: Database;
  readonly #page: Statement<WeightRow>;

  constructor(db: Database) {
    this.#db = db;
    this.#page = db.prepare(`
      select f.job, j.created_at, f.status = 'succeeded' as has_succeeded,
        octet_length(j.payload) + coalesce(octet_length(f.result), 0) + coalesce(octet_length(f.error), 0)
          + coalesce(octet_length(f.excerpt), 0)
          + coalesce((
            select sum(coalesce(octet_length(a.error), 0) + coalesce(octet_length(a.excerpt), 0) + coalesce(octet_length(a.detail), 0))
            from attempts a
            where a.job = f.job
          ), 0)
          + coalesce((select octet_length(e.payload) / max(e.jobs, 1) from events e where e.id = j.event), 0) as bytes
      from finished f
      cross join jobs j on j.seq = f.job
      where f.job < ? and f.expires_at is null
      order by f.job desc
      limit ?`);
  }

  page(after: string | null, limit: number): Promise<readonly FinishedWeight[]> {
    return this.#db.read(() =>
      this.#page.all(Number(after ?? Number.MAX_SAFE_INTEGER), limit).map((row) => ({
        mark: String(row.job),
        createdAt: row.created_at,
        hasSucceeded: row.has_succeeded === 1,
        bytes: row.bytes + ROW_BYTES,
      })),
    );
  }
}
