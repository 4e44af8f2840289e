import type { EndpointKey } from "./endpoints.ts";
import { count, name, nullable, oneOf, text, time } from "./tables/column.ts";
import { type KeyPage, Keyset, type Slice } from "./tables/keyset.ts";
import { inPlaces, PLACES } from "./tables/places.ts";
import { audited, type Call, type Session, Statement } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/** The health of endpoints that have failed. An endpoint without a row is healthy. */
export interface HealthShelf {
  get(tenant: string, endpoint: string): Promise<EndpointHealth | undefined>;
  /** Of those of a tenant's endpoints that have ids from one to another. */
  between(tenant: string, first: string, last: string): Promise<EndpointHealth[]>;
  /** Those of endpoints of these tenants that have these ids. */
  of(endpoints: readonly EndpointKey[]): Promise<EndpointHealth[]>;
  /**
   * Keeps a new state, if the last one still has the version that this one is given with, which then goes up by one; 0 where there is none
   * yet. Undefined if another process was first.
   * @param told what is written with it.
   */
  save(health: EndpointHealth, told?: Call<unknown>): Promise<EndpointHealth | undefined>;
  /** Endpoints whose probe is due by now, those that have waited longest first. */
  due(now: number, limit: number): Promise<EndpointHealth[]>;
  /** At most `limit` endpoints for which something is due, now or later, earliest first: all whose breaker is not simply closed. */
  watched(limit: number): Promise<EndpointHealth[]>;
  /** Those that have failed since they last succeeded, by their endpoints' ids; of one tenant where it is given. */
  failing(page: FailingPage): Promise<Slice<EndpointHealth>>;
  /** How many endpoints there are in each state; of each, no more than `most` are counted. */
  census(most: number): Promise<EndpointCensus>;
  /** Deletes the row, if it still has this version. Returns whether it did. */
  remove(tenant: string, endpoint: string, version: number): Promise<boolean>;
}

/** How many endpoints there are, each counted once. */
export interface EndpointCensus {
  readonly active: number;
  readonly paused: number;
  readonly disabled: number;
  /** Active endpoints whose breaker is open, or probes with one delivery. */
  readonly broken: number;
}

export interface FailingPage extends KeyPage {
  readonly tenant?: string | undefined;
}

export const ENDPOINT_HEALTH = new Table("endpoint_health", ["endpoint"], {
  endpoint: name,
  tenant: name,
  /** One more with each change. */
  version: count,
  breaker: oneOf("closed", "open", "half_open"),
  /** In a row. */
  failures: count,
  failing_since: nullable(time),
  opened_at: nullable(time),
  probe_at: nullable(time),
  /** Since the breaker opened. */
  probes: count,
  last_success_at: nullable(time),
  last_failure_at: nullable(time),
  last_error: nullable(text),
  updated_at: time,
});

export type EndpointHealth = FieldsOf<typeof ENDPOINT_HEALTH>;

const GET = ENDPOINT_HEALTH.statement(`
  select ${ENDPOINT_HEALTH.fields}
  from posthorn.endpoint_health
  where endpoint = ? and tenant = ?`);

const BETWEEN = ENDPOINT_HEALTH.statement(`
  select ${ENDPOINT_HEALTH.fields}
  from posthorn.endpoint_health
  where tenant = ? and endpoint >= ? and endpoint <= ?
  order by endpoint`);

const OF = ENDPOINT_HEALTH.statement(`
  select ${ENDPOINT_HEALTH.fields}
  from posthorn.endpoint_health
  where endpoint in (${PLACES}) and tenant in (${PLACES})`);

const INSERT = ENDPOINT_HEALTH.statement(`
  ${ENDPOINT_HEALTH.insertion}
  on conflict (endpoint) do nothing
  returning ${ENDPOINT_HEALTH.fields}`);

const CHANGEABLE = [
  "breaker",
  "failures",
  "failing_since",
  "opened_at",
  "probe_at",
  "probes",
  "last_success_at",
  "last_failure_at",
  "last_error",
  "updated_at",
] as const;

const CHANGE = ENDPOINT_HEALTH.statement(`
  update posthorn.endpoint_health
  set ${CHANGEABLE.map((column) => `${column} = ?`).join(", ")}, version = version + 1
  where endpoint = ? and tenant = ? and version = ?
  returning ${ENDPOINT_HEALTH.fields}`);

const DUE = ENDPOINT_HEALTH.statement(`
  select ${ENDPOINT_HEALTH.fields}
  from posthorn.endpoint_health
  where probe_at <= ?
  order by probe_at
  limit ?`);

const WATCHED = ENDPOINT_HEALTH.statement(`
  select ${ENDPOINT_HEALTH.fields}
  from posthorn.endpoint_health
  where probe_at is not null
  order by probe_at
  limit ?`);

const FAILING = new Keyset(ENDPOINT_HEALTH, "endpoint", "failing_since is not null");
const FAILING_OF = new Keyset(ENDPOINT_HEALTH, "endpoint", "failing_since is not null and tenant = ?");

const OF_STATUS = `
    select count(*)
    from (select 1 from posthorn.endpoints where status = ? and deleted_at is null limit ?) as counted`;

const CENSUS = new Statement<EndpointCensus>(
  `
  select (${OF_STATUS}) as active, (${OF_STATUS}) as paused, (${OF_STATUS}) as disabled, (
    select count(*)
    from (select endpoint, breaker from posthorn.endpoint_health where probe_at is not null order by probe_at limit ?) as h
    join posthorn.endpoints e on e.id = h.endpoint
    where h.breaker <> 'closed' and e.status = 'active' and e.deleted_at is null
  ) as broken`,
  { gives: new Map() },
);

const REMOVE = ENDPOINT_HEALTH.statement(`
  delete from posthorn.endpoint_health
  where endpoint = ? and tenant = ? and version = ?
  returning ${ENDPOINT_HEALTH.fields}`);

export class Health implements HealthShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async get(tenant: string, endpoint: string): Promise<EndpointHealth | undefined> {
    const [health] = await this.#session.read(GET.with(endpoint, tenant));
    return health;
  }

  between(tenant: string, first: string, last: string): Promise<EndpointHealth[]> {
    return this.#session.read(BETWEEN.with(tenant, first, last));
  }

  async of(endpoints: readonly EndpointKey[]): Promise<EndpointHealth[]> {
    const reads = inPlaces(endpoints).map((some) => {
      const [ids, tenants] = [some.map((key) => key?.id ?? null), some.map((key) => key?.tenant ?? null)];
      return this.#session.read(OF.with(...ids, ...tenants));
    });
    const keys = new Set(endpoints.map(({ tenant, id }) => `${tenant}/${id}`));
    return (await Promise.all(reads))
      .flat()
      .filter(({ tenant, endpoint }) => keys.has(`${tenant}/${endpoint}`));
  }

  async save(health: EndpointHealth, told?: Call<unknown>): Promise<EndpointHealth | undefined> {
    const { endpoint, tenant, version } = health;
    const call =
      version === 0
        ? INSERT.with(...ENDPOINT_HEALTH.valuesOf({ ...health, version: 1 }))
        : CHANGE.with(...ENDPOINT_HEALTH.valuesOf(health, CHANGEABLE), endpoint, tenant, version);
    const [[saved]] = await this.#session.write(audited(call, told));
    return saved;
  }

  due(now: number, limit: number): Promise<EndpointHealth[]> {
    return this.#session.read(DUE.with(now, limit));
  }

  watched(limit: number): Promise<EndpointHealth[]> {
    return this.#session.read(WATCHED.with(limit));
  }

  failing({ tenant, ...page }: FailingPage): Promise<Slice<EndpointHealth>> {
    return tenant === undefined
      ? FAILING.page(this.#session, page)
      : FAILING_OF.page(this.#session, page, [tenant]);
  }

  async census(most: number): Promise<EndpointCensus> {
    const call = CENSUS.with("active", most, "paused", most, "disabled", most, most);
    const [counted] = await this.#session.read(call);
    if (!counted) throw new Error("a select without a from gave no row");
    return { ...counted, active: Math.max(0, counted.active - counted.broken) };
  }

  async remove(tenant: string, endpoint: string, version: number): Promise<boolean> {
    const [removed] = await this.#session.write(REMOVE.with(endpoint, tenant, version));
    return removed.length === 1;
  }
}
