import { count, json, text, time } from "../tables/column.ts";
import { inPlaces, PLACES } from "../tables/places.ts";
import type { Session } from "../tables/session.ts";
import { Statement } from "../tables/session.ts";
import { type FieldsOf, Table } from "../tables/table.ts";
import { NOT_DELETED } from "../tenants.ts";

/**
 * How deliveries to endpoints went in an hour, in rows that one process owns and writes as a whole, as those of `stats`. They are in no
 * export.
 */
export interface EndpointStatShelf {
  /** Writes each in place of the one that it had before; none of a tenant that was deleted. */
  put(rows: readonly EndpointStatRow[]): Promise<void>;
  /** Of one endpoint, from an hour on, the oldest first. */
  since(tenant: string, endpoint: string, hour: number): Promise<EndpointStatRow[]>;
  /** Of each of these endpoints of a tenant, all hours from one on together; nothing of those of which nothing was counted. */
  sums(tenant: string, endpoints: readonly string[], hour: number): Promise<EndpointStatSum[]>;
  /** Of one hour and all tenants, the endpoints that attempts failed for: at most as many as have rows of their own. In no order. */
  failing(hour: number): Promise<EndpointFailures[]>;
  /** Deletes these. */
  drop(rows: readonly EndpointStatKey[]): Promise<void>;
  /** Deletes what is older, some at a time; whether there may be more. */
  forget(before: number): Promise<boolean>;
}

const ENDPOINT_STATS = new Table("endpoint_stats", ["tenant", "endpoint", "hour", "process"], {
  /** Its id; empty, as the endpoint is, for all those together that have no row of their own. */
  tenant: text,
  endpoint: text,
  /** When it begins. */
  hour: time,
  /** The process that counted. */
  process: text,
  succeeded: count,
  /** Jobs that failed permanently. */
  failed: count,
  retried: count,
  /** How many attempts took how long, in the buckets of the metrics. */
  attempts: json,
});

export type EndpointStatRow = FieldsOf<typeof ENDPOINT_STATS>;
/** `attempts` holds those of all its rows, with commas between them. */
export type EndpointStatSum = Pick<EndpointStatRow, "endpoint" | (typeof COUNTED)[number]>;
export type EndpointFailures = Pick<EndpointStatRow, "tenant" | "endpoint" | "failed" | "retried">;
export type EndpointStatKey = Pick<EndpointStatRow, "tenant" | "endpoint" | "hour" | "process">;

const KEY = ENDPOINT_STATS.key;
const COUNTED = ["succeeded", "failed", "retried", "attempts"] as const;

const PUT = ENDPOINT_STATS.statement(`
  ${ENDPOINT_STATS.insertionWhere(NOT_DELETED)}
  on conflict (${KEY.join(", ")}) do update
  set ${COUNTED.map((column) => `${column} = excluded.${column}`).join(", ")}`);

const SINCE = ENDPOINT_STATS.statement(`
  select ${ENDPOINT_STATS.fields}
  from posthorn.endpoint_stats
  where tenant = ? and endpoint = ? and hour >= ?
  order by hour`);

const SUMS = new Statement<EndpointStatSum>(
  `
  select endpoint,
    cast(sum(succeeded) as bigint) as succeeded,
    cast(sum(failed) as bigint) as failed,
    cast(sum(retried) as bigint) as retried,
    string_agg(attempts, ',') as attempts
  from posthorn.endpoint_stats
  where tenant = ? and endpoint in (${PLACES}) and hour >= ?
  group by endpoint`,
  { gives: new Map() },
);

const FAILING = new Statement<EndpointFailures>(
  `
  select tenant, endpoint,
    cast(sum(failed) as bigint) as failed,
    cast(sum(retried) as bigint) as retried
  from posthorn.endpoint_stats
  where hour = ? and endpoint <> '' and failed + retried > 0
  group by tenant, endpoint`,
  { gives: new Map() },
);

const DROP = ENDPOINT_STATS.statement(`
  delete from posthorn.endpoint_stats
  where ${KEY.map((column) => `${column} = ?`).join(" and ")}`);

const MOST_FORGOTTEN = 1_000;

const FORGET = ENDPOINT_STATS.statement(`
  delete from posthorn.endpoint_stats
  where (${KEY.join(", ")}) in (
    select ${KEY.join(", ")}
    from posthorn.endpoint_stats
    where hour < ?
    order by hour
    limit ${MOST_FORGOTTEN}
  )
  returning hour`);

export class EndpointStats implements EndpointStatShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async put(rows: readonly EndpointStatRow[]): Promise<void> {
    await this.#session.write(...rows.map((row) => PUT.with(...ENDPOINT_STATS.valuesOf(row), row.tenant)));
  }

  since(tenant: string, endpoint: string, hour: number): Promise<EndpointStatRow[]> {
    return this.#session.read(SINCE.with(tenant, endpoint, hour));
  }

  async sums(tenant: string, endpoints: readonly string[], hour: number): Promise<EndpointStatSum[]> {
    const reads = inPlaces(endpoints).map((some) => this.#session.read(SUMS.with(tenant, ...some, hour)));
    return (await Promise.all(reads)).flat();
  }

  failing(hour: number): Promise<EndpointFailures[]> {
    return this.#session.read(FAILING.with(hour));
  }

  async drop(rows: readonly EndpointStatKey[]): Promise<void> {
    await this.#session.write(
      ...rows.map(({ tenant, endpoint, hour, process }) => DROP.with(tenant, endpoint, hour, process)),
    );
  }

  async forget(before: number): Promise<boolean> {
    const [gone] = await this.#session.write(FORGET.with(before));
    return gone.length === MOST_FORGOTTEN;
  }
}
