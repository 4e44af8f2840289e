import { SKEW_MS } from "../../../core/clock.ts";
import { firstIdAt } from "../../../core/id.ts";
import { storable, type Value } from "../driver/statement.ts";
import { uuidOf } from "../job-id.ts";

export const FIRST_UUID = "00000000-0000-0000-0000-000000000000";
export const LAST_UUID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

interface CreatedSpan {
  readonly createdFrom?: number;
  readonly createdBefore?: number;
}

/** Of a walk through jobs. */
export interface Bounds {
  readonly before?: string | undefined;
  readonly upTo?: string | undefined;
  readonly after?: string | undefined;
}

/** The conditions of a statement that is put together for the occasion. */
export class Filter {
  readonly values: Value[];
  readonly #conditions: string[] = [];

  constructor(values: Value[] = []) {
    this.values = values;
  }

  /** Another one of the same statement, which shares its values. */
  begin(): Filter {
    return new Filter(this.values);
  }

  /** The values' places are written `?`, in their order. */
  where(condition: string, ...values: Value[]): this {
    this.#conditions.push(
      condition.replace(/\?/g, () => {
        const value = values.shift() ?? null;
        this.values.push(typeof value === "string" ? storable(value) : value); // what is not stored is not found
        return `$${this.values.length}`;
      }),
    );
    return this;
  }

  /**
   * Those of a lane, as a span of the index on both, to be read in the order of both: by an equality and the order of the
   * jobs alone, the planner might walk all jobs to find one lane's.
   * @param laneKey what the index holds of the lane, made of the column `laneColumn`.
   */
  ofLane(
    laneKey: string,
    laneColumn: string,
    job: string,
    lane: string,
    { before, after, upTo }: Bounds,
  ): this {
    const key = `(${laneKey}, ${job})`;
    const wanted = laneKey.replace(laneColumn, "?::text");
    this.where(`${key} > (${wanted}, ?::uuid)`, lane, after ?? FIRST_UUID);
    if (upTo !== undefined) return this.where(`${key} <= (${wanted}, ?::uuid)`, lane, upTo);
    return this.where(`${key} < (${wanted}, ?::uuid)`, lane, before ?? LAST_UUID);
  }

  /**
   * The span of ids in which jobs of that time are: an id holds the millisecond it was made in, by the clock of its machine. It only widens
   * where a walk begins and ends; what is given out is compared by its time.
   * @param job the column of the job's UUID.
   */
  createdAbout(job: string, { createdFrom, createdBefore }: CreatedSpan): this {
    if (createdFrom !== undefined)
      this.where(`${job} >= ?::uuid`, uuidOf(firstIdAt("job", createdFrom - SKEW_MS)));
    if (createdBefore !== undefined)
      this.where(`${job} < ?::uuid`, uuidOf(firstIdAt("job", createdBefore + SKEW_MS)));
    return this;
  }

  get isEmpty(): boolean {
    return this.#conditions.length === 0;
  }

  get text(): string {
    return this.#conditions.length > 0 ? `where ${this.#conditions.join(" and ")}` : "";
  }
}

/** That a job failed or was cancelled, with the condition of the partial indexes: they are used only where it reads it. */
export function isDead(status: string, is: "failed" | "cancelled"): string {
  return `${status} = '${is}' and ${status} in ('failed', 'cancelled')`;
}
