import { OPERATORS } from "../../core/names.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { EVENTS } from "./events.ts";
import { moving } from "./registry.ts";
import { type Session, Statement } from "./tables/session.ts";
import { TENANTS, type Tenant } from "./tenants.ts";

/** Erases a tenant that has been deleted. Each step deletes what is left, so it can be repeated. */
export interface ErasureShelf {
  /** One by its id, deleted ones too. */
  tenant(id: string): Promise<Tenant | undefined>;
  /** How much there is; no more than `most` of each are counted. */
  counts(tenant: string, most: number): Promise<ErasureCounts>;
  /** The ids of its endpoints that were deleted, in their order, after one. */
  endpoints(tenant: string, after: string, limit: number): Promise<string[]>;
  /** Forgets at most `limit` of its events, and which ids they had of their callers; how many. */
  forgetEvents(tenant: string, limit: number): Promise<number>;
  /** Forgets one of its endpoints, with its secrets, history, health and statistics. */
  forgetEndpoint(tenant: string, endpoint: string): Promise<void>;
  /** Forgets its bulk runs: those that go on have ended with that, because each batch needs its run's row. */
  forgetBulkRuns(tenant: string): Promise<void>;
  /** Forgets its keys, sessions, failures and unfinished fan-outs, and everything of the tenant but its id, its uid and its times. */
  forgetRest(tenant: string): Promise<void>;
}

export interface ErasureCounts {
  readonly events: number;
  /** That events of it have, or will have. */
  readonly deliveries: number;
  readonly endpoints: number;
  readonly keys: number;
  readonly sessions: number;
}

const GET = TENANTS.statement(`select ${TENANTS.fields} from posthorn.tenants where id = ?`);

const COUNT_EVENTS = new Statement<{ readonly events: number; readonly deliveries: number }>(
  `
  select count(*) as events, coalesce(sum(jobs), 0) as deliveries
  from (select jobs from posthorn.events where tenant = ? limit ?) as counted`,
  { gives: new Map() },
);

const COUNT_REST = new Statement<Pick<ErasureCounts, "endpoints" | "keys" | "sessions">>(
  `
  select
    (select count(*) from (select 1 from posthorn.endpoints where tenant = ? and deleted_at is null limit ?) as counted) +
      (select count(*) from (select 1 from posthorn.endpoints where tenant = ? and deleted_at is not null limit ?) as counted)
      as endpoints,
    (select count(*) from (select 1 from posthorn.api_keys where tenant = ? limit ?) as counted) as keys,
    (select count(*) from (select 1 from posthorn.portal_passes where tenant = ? limit ?) as counted) as sessions`,
  { gives: new Map() },
);

const ENDPOINT_IDS = ENDPOINTS.statement(`
  select id
  from posthorn.endpoints
  where tenant = ? and deleted_at is not null and id > ?
  order by id
  limit ?`);

const FIRST_EVENTS = "select id from posthorn.events where tenant = ? order by id limit ?";

const FORGET_EVENT_KEYS = forgetting(
  `event_keys where tenant = ? and event_id in (select event_id from posthorn.events where id in (${FIRST_EVENTS}))`,
);
const FORGET_EVENTS = EVENTS.statement(`
  delete from posthorn.events
  where id in (${FIRST_EVENTS})
  returning id`);

const FORGET_HISTORY = forgetting("endpoint_history where endpoint = ? and tenant = ?");
const FORGET_HEALTH = forgetting("endpoint_health where endpoint = ? and tenant = ?");
const FORGET_TOKEN = forgetting("access_tokens where endpoint = ? and tenant = ?");
const FORGET_ENDPOINT = forgetting("endpoints where id = ? and tenant = ? and deleted_at is not null");

const FORGET_KEYS = forgetting("api_keys where tenant = ?");
const FORGET_PASSES = forgetting("portal_passes where tenant = ?");
const FORGET_FANOUTS = forgetting("fanouts where tenant = ?");
const FORGET_FAILURE_HOURS = forgetting(
  "failure_hours where fingerprint in (select fingerprint from posthorn.failure_groups where tenant = ?)",
);
const FORGET_FAILURES = forgetting("failure_groups where tenant = ?");
const FORGET_STATISTICS = forgetting("endpoint_stats where endpoint = ? and tenant = ?");
const FORGET_BULK_RUNS = forgetting("bulk_runs where tenant = ?");
const FORGET_ANNOUNCEMENTS = forgetting("operational_events where tenant = ?");
const FORGET_OTHER_KEYS = forgetting("event_keys where tenant = ?");

const BLANK = TENANTS.statement(`
  update posthorn.tenants
  set name = '', metadata = '{}', limits = null
  where id = ? and deleted_at is not null and coalesce(uid, '') <> '${OPERATORS}'`);

function forgetting(from: string): Statement<never> {
  return new Statement(`delete from posthorn.${from}`, { gives: new Map() });
}

export class Erasure implements ErasureShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async tenant(id: string): Promise<Tenant | undefined> {
    return (await this.#session.read(GET.with(id)))[0];
  }

  async counts(tenant: string, most: number): Promise<ErasureCounts> {
    const [events] = await this.#session.read(COUNT_EVENTS.with(tenant, most));
    const each = [tenant, most];
    const [rest] = await this.#session.read(COUNT_REST.with(...each, ...each, ...each, ...each));
    if (!events || !rest) throw new Error("a select without a from gave no row");
    return { ...events, ...rest };
  }

  async endpoints(tenant: string, after: string, limit: number): Promise<string[]> {
    return (await this.#session.read(ENDPOINT_IDS.with(tenant, after, limit))).map(({ id }) => id);
  }

  async forgetEvents(tenant: string, limit: number): Promise<number> {
    const [, forgotten] = await this.#session.write(
      FORGET_EVENT_KEYS.with(tenant, tenant, limit),
      FORGET_EVENTS.with(tenant, limit),
    );
    return forgotten.length;
  }

  async forgetEndpoint(tenant: string, endpoint: string): Promise<void> {
    const named = [endpoint, tenant];
    await this.#session.write(
      ...moving(tenant),
      FORGET_HISTORY.with(...named),
      FORGET_HEALTH.with(...named),
      FORGET_TOKEN.with(...named),
      FORGET_STATISTICS.with(...named),
      FORGET_ENDPOINT.with(...named),
    );
  }

  async forgetBulkRuns(tenant: string): Promise<void> {
    await this.#session.write(FORGET_BULK_RUNS.with(tenant));
  }

  async forgetRest(tenant: string): Promise<void> {
    await this.#session.write(
      FORGET_KEYS.with(tenant),
      FORGET_PASSES.with(tenant),
      FORGET_FANOUTS.with(tenant),
      FORGET_FAILURE_HOURS.with(tenant),
      FORGET_FAILURES.with(tenant),
      FORGET_ANNOUNCEMENTS.with(tenant),
      FORGET_OTHER_KEYS.with(tenant),
      BLANK.with(tenant),
    );
  }
}
