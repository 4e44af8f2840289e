import type { Database } from "../driver/database.ts";
import { quickStatement } from "../driver/statement.ts";

const LOOK = quickStatement<{ writes: number; is_waiting: boolean; now: number }>(`
  select
    (select last_value from posthorn.writes) as writes,
    exists (select from posthorn.ready) as is_waiting,
    (extract(epoch from clock_timestamp()) * 1000)::float8 as now`);

/**
 * A writer may be lost between its commit and its telling, and a caller's own transaction tells before it commits: while
 * something is ready, it is looked at this often also when nobody told.
 */
const FLOOR_MS = 2_000;

/** Notices what other processes write: each draws from one sequence after its commits, and knows how often it did so itself. */
export class Watch {
  readonly #db: Database;
  #others = Number.NaN;
  #lookedAt = performance.now();
  #unsureUntil = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** A transaction of a caller's is under way, and nobody tells when it commits. */
  expectFor(ms: number): void {
    this.#unsureUntil = performance.now() + ms;
  }

  async changedElsewhere(): Promise<boolean> {
    const sentAt = performance.now();
    const own = this.#db.ownWrites;
    const [look] = await this.#db.run(LOOK);
    if (!look) return false;
    this.#db.clock.observe(look.now, sentAt, performance.now());
    const others = look.writes - own;
    const now = performance.now();
    const isOverdue = look.is_waiting && now - this.#lookedAt >= FLOOR_MS;
    const changed = others !== this.#others || isOverdue || now < this.#unsureUntil;
    this.#others = others;
    if (changed) this.#lookedAt = now;
    return changed;
  }
}
