import { isId } from "../../core/id.ts";
import {
  type ChangedBy,
  type EndpointChange,
  type HistoryPage,
  listing,
  noting,
  recording,
  recordingRemoval,
} from "./endpoint-history.ts";
import { moving } from "./registry.ts";
import { count, flag, json, name, nullable, oneOf, text, time } from "./tables/column.ts";
import { type KeyPage, Keyset, type Slice } from "./tables/keyset.ts";
import { inPlaces, PLACES } from "./tables/places.ts";
import { audited, type Call, type Session, Statement } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/** Tenants' endpoints. A deleted endpoint is kept, but only `known` and the histories find it; its uid can be used again. */
export interface EndpointShelf {
  /** `taken`: the uid is; `gone`: there is no such tenant. */
  create(endpoint: Endpoint): Promise<Endpoint | "taken" | "gone">;
  /** The same as part of a submission, which is refused when its uid is taken, there is no such tenant, or it has `most` already. */
  creating(endpoint: Endpoint, most: number): Creating;
  get(tenant: string, idOrUid: string): Promise<Endpoint | undefined>;
  list(tenant: string, page: KeyPage): Promise<Slice<Endpoint>>;
  /** Those of any tenants, each by its tenant and its id, deleted ones too; in no order. */
  known(wanted: readonly EndpointKey[]): Promise<KnownRow[]>;
  /** How many a tenant has; no more than `most` are counted. */
  countOf(tenant: string, most: number): Promise<number>;
  /**
   * Replaces an endpoint, if it still has the revision that it is given with, which then goes up by one. `stale`: it has
   * changed or is gone; `taken`: the uid is.
   * @param change what of it is new, by field: a list of what it was and what it becomes. Without secrets.
   * @param along what is written with it: the entry of the audit, and what operators are told.
   */
  change(
    endpoint: Endpoint,
    change: Changes,
    by: ChangedBy,
    ...along: readonly (Call<unknown> | undefined)[]
  ): Promise<Endpoint | "stale" | "taken">;
  /** Undefined when there is no such endpoint. */
  remove(
    tenant: string,
    id: string,
    by: ChangedBy,
    now: number,
    audit?: Call<unknown>,
  ): Promise<Endpoint | undefined>;
  /**
   * Writes a change of the breaker into an endpoint's history. This raises its revision, but nobody has to read the endpoint again for it.
   */
  note(endpoint: EndpointKey, change: Changes, by: ChangedBy, now: number): Promise<void>;
  /** Those that were deleted together with their tenant at that moment, by their ids. */
  removedWith(tenant: string, deletedAt: number, after: string, limit: number): Promise<Endpoint[]>;
  /** Its last changes, newest first. */
  history(tenant: string, id: string, page: HistoryPage): Promise<EndpointChange[]>;
  /** Deletes at most `limit` endpoints that were marked as deleted before this time, oldest first, with their history. Returns how many. */
  prune(deletedBefore: number, limit: number): Promise<number>;
}

/** An endpoint, and what its tenant's limits are. */
export type KnownRow = Endpoint & { readonly tenantLimits: string | null };

/** See `Submission`. */
interface Creating {
  readonly guard: Call<Endpoint>;
  readonly rows: readonly Call<unknown>[];
}

export interface EndpointKey {
  readonly tenant: string;
  readonly id: string;
}

export type Changes = Readonly<Record<string, readonly [was: unknown, is: unknown]>>;

export const ENDPOINTS = new Table("endpoints", ["id"], {
  id: name,
  tenant: name,
  /** The caller's own name for it, unique among those of the tenant that are not deleted. */
  uid: nullable(name),
  url: text,
  description: text,
  /** What it wants; null for everything. Lists of strings, and a filter on the payload. */
  event_types: nullable(json),
  channels: nullable(json),
  filter: nullable(json),
  /** An object of strings. */
  metadata: json,
  /** What is sent along, by name; sealed. */
  headers: nullable(text),
  /** How deliveries authenticate themselves besides the signature: an object whose member `sealed` is encrypted. */
  auth: nullable(json),
  /** A list of `{key, from, until}`, newest first; sealed. */
  secrets: text,
  /** The name of the egress proxy that deliveries go through; null for the process's own route. */
  egress: nullable(name),
  header_style: oneOf("webhook", "svix", "both"),
  signature: oneOf("hmac", "ed25519"),
  sends_event_type: flag,
  timeout_ms: nullable(count),
  retry: nullable(json),
  limits: nullable(json),
  verification: nullable(json),
  status: oneOf("active", "paused", "disabled"),
  status_reason: nullable(text),
  status_actor: nullable(text),
  status_at: time,
  /** One more with each change. */
  revision: count,
  created_at: time,
  updated_at: time,
  deleted_at: nullable(time),
});

export type Endpoint = FieldsOf<typeof ENDPOINTS>;

/** Of a tenant's endpoints, up to a number. */
const COUNTED = `
  select count(*) as n
  from (select 1 from posthorn.endpoints where tenant = ? and deleted_at is null limit ?) as counted`;

const CREATE = ENDPOINTS.statement(`
  ${ENDPOINTS.insertionWhere("exists (select 1 from posthorn.tenants where id = ? and deleted_at is null)")}
  on conflict do nothing
  returning ${ENDPOINTS.fields}`);

const CREATE_AMONG = ENDPOINTS.statement(`
  ${ENDPOINTS.insertionWhere(`
    exists (select 1 from posthorn.tenants where id = ? and deleted_at is null)
    and (${COUNTED}) < ?`)}
  on conflict do nothing
  returning ${ENDPOINTS.fields}`);

const GET = ENDPOINTS.statement(`
  select ${ENDPOINTS.fields}
  from posthorn.endpoints
  where tenant = ? and id = ? and deleted_at is null`);

const GET_BY_UID = ENDPOINTS.statement(`
  select ${ENDPOINTS.fields}
  from posthorn.endpoints
  where tenant = ? and uid = ? and deleted_at is null`);

const OF_TENANT = new Keyset(ENDPOINTS, "id", "tenant = ? and deleted_at is null");

/** How many are asked for at once. */
const KNOWN = ENDPOINTS.statement(`
  select ${ENDPOINTS.fields},
    (select t.limits from posthorn.tenants t where t.id = endpoints.tenant) as "tenantLimits"
  from posthorn.endpoints
  where id in (${PLACES}) and tenant in (${PLACES})`) as Statement<KnownRow>; // its fields and one more text

const COUNT = new Statement<{ readonly n: number }>(COUNTED, { gives: new Map() });

const CHANGEABLE = [
  "uid",
  "url",
  "description",
  "event_types",
  "channels",
  "filter",
  "metadata",
  "headers",
  "auth",
  "secrets",
  "egress",
  "header_style",
  "signature",
  "sends_event_type",
  "timeout_ms",
  "retry",
  "limits",
  "verification",
  "status",
  "status_reason",
  "status_actor",
  "status_at",
  "updated_at",
] as const;

const UID_OF_ANOTHER = `
  select id
  from posthorn.endpoints
  where tenant = ? and uid = ? and deleted_at is null and id <> ?`;

const CHANGE = ENDPOINTS.statement(`
  update posthorn.endpoints
  set ${CHANGEABLE.map((column) => `${column} = ?`).join(", ")}, revision = revision + 1
  where tenant = ? and id = ? and revision = ? and deleted_at is null and not exists (${UID_OF_ANOTHER})
  returning ${ENDPOINTS.fields}`);

const OTHER = ENDPOINTS.statement(UID_OF_ANOTHER);

const REMOVE = ENDPOINTS.statement(`
  update posthorn.endpoints
  set deleted_at = ?, updated_at = ?, revision = revision + 1
  where tenant = ? and id = ? and deleted_at is null
  returning ${ENDPOINTS.fields}`);

const NOTE = ENDPOINTS.statement(`
  update posthorn.endpoints
  set revision = revision + 1
  where tenant = ? and id = ? and deleted_at is null`);

const REMOVED_WITH = ENDPOINTS.statement(`
  select ${ENDPOINTS.fields}
  from posthorn.endpoints
  where deleted_at = ? and tenant = ? and id > ?
  order by id
  limit ?`);

const REMOVE_ALL = ENDPOINTS.statement(`
  update posthorn.endpoints
  set deleted_at = ?, updated_at = ?, revision = revision + 1
  where tenant = ? and deleted_at is null`);

const FORGET_HEALTH = ENDPOINTS.statement(`
  delete from posthorn.endpoint_health
  where tenant = ? and endpoint = ?`);

const FORGET_HEALTH_OF_ALL = ENDPOINTS.statement(`
  delete from posthorn.endpoint_health
  where tenant = ?`);

const FORGET_TOKEN = ENDPOINTS.statement(`
  delete from posthorn.access_tokens
  where tenant = ? and endpoint = ?`);

const FORGET_TOKENS_OF_ALL = ENDPOINTS.statement(`
  delete from posthorn.access_tokens
  where tenant = ?`);

const OLD = `
  select id
  from posthorn.endpoints
  where deleted_at < ?
  order by deleted_at
  limit ?`;

const FORGET_HISTORY = ENDPOINTS.statement(`
  delete from posthorn.endpoint_history
  where endpoint in (${OLD})`);

const FORGET = ENDPOINTS.statement(`
  delete from posthorn.endpoints
  where id in (${OLD})
  returning id`);

/** With a tenant go its endpoints. Nobody can ask for their history then, so none is kept of this. */
export function removingAll(tenant: string, now: number): readonly Call<Endpoint>[] {
  return [
    REMOVE_ALL.with(now, now, tenant),
    FORGET_HEALTH_OF_ALL.with(tenant),
    FORGET_TOKENS_OF_ALL.with(tenant),
  ];
}

export class Endpoints implements EndpointShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async create(endpoint: Endpoint): Promise<Endpoint | "taken" | "gone"> {
    const { id, tenant, uid } = endpoint;
    const [, , [created], [other]] = await this.#session.write(
      ...moving(tenant),
      CREATE.with(...ENDPOINTS.valuesOf(endpoint), tenant),
      OTHER.with(tenant, uid, id),
    );
    return created ?? (other ? "taken" : "gone");
  }

  creating(endpoint: Endpoint, most: number): Creating {
    const { tenant } = endpoint;
    const values = [...ENDPOINTS.valuesOf(endpoint), tenant, tenant, most, most];
    return { guard: CREATE_AMONG.with(...values), rows: moving(tenant) };
  }

  async get(tenant: string, idOrUid: string): Promise<Endpoint | undefined> {
    const statement = isId("ep", idOrUid) ? GET : GET_BY_UID;
    const [endpoint] = await this.#session.read(statement.with(tenant, idOrUid));
    return endpoint;
  }

  list(tenant: string, page: KeyPage): Promise<Slice<Endpoint>> {
    return OF_TENANT.page(this.#session, page, [tenant]);
  }

  async known(wanted: readonly EndpointKey[]): Promise<KnownRow[]> {
    const reads = inPlaces(wanted).map((some) => {
      const ids = some.map((key) => key?.id ?? null);
      const tenants = some.map((key) => key?.tenant ?? null);
      return this.#session.read(KNOWN.with(...ids, ...tenants));
    });
    const found = (await Promise.all(reads)).flat();
    const isWanted = new Set(wanted.map(({ tenant, id }) => `${tenant}/${id}`));
    return found.filter(({ tenant, id }) => isWanted.has(`${tenant}/${id}`));
  }

  async countOf(tenant: string, most: number): Promise<number> {
    const [counted] = await this.#session.read(COUNT.with(tenant, most));
    return counted?.n ?? 0;
  }

  async change(
    endpoint: Endpoint,
    change: Changes,
    by: ChangedBy,
    ...along: readonly (Call<unknown> | undefined)[]
  ): Promise<Endpoint | "stale" | "taken"> {
    const { id, tenant, uid, revision } = endpoint;
    const entry = { endpoint: id, tenant, revision: revision + 1, at: endpoint.updatedAt, ...by };
    const values = ENDPOINTS.valuesOf(endpoint, CHANGEABLE);
    const [, , [changed], [other]] = await this.#session.write(
      ...moving(tenant),
      audited(CHANGE.with(...values, tenant, id, revision, tenant, uid, id), ...along),
      OTHER.with(tenant, uid, id),
      ...recording({ ...entry, change: JSON.stringify(change) }),
      ...("auth" in change ? [FORGET_TOKEN.with(tenant, id)] : []),
    );
    return changed ?? (other ? "taken" : "stale");
  }

  async remove(
    tenant: string,
    id: string,
    by: ChangedBy,
    now: number,
    audit?: Call<unknown>,
  ): Promise<Endpoint | undefined> {
    const [, , [removed]] = await this.#session.write(
      ...moving(tenant),
      audited(REMOVE.with(now, now, tenant, id), audit),
      recordingRemoval(tenant, id, by, now),
      FORGET_HEALTH.with(tenant, id),
      FORGET_TOKEN.with(tenant, id),
    );
    return removed;
  }

  async note({ tenant, id }: EndpointKey, change: Changes, by: ChangedBy, now: number): Promise<void> {
    const note = { endpoint: id, tenant, at: now, ...by, change: JSON.stringify(change) };
    await this.#session.write(NOTE.with(tenant, id), ...noting(note));
  }

  removedWith(tenant: string, deletedAt: number, after: string, limit: number): Promise<Endpoint[]> {
    return this.#session.read(REMOVED_WITH.with(deletedAt, tenant, after, limit));
  }

  history(tenant: string, id: string, page: HistoryPage): Promise<EndpointChange[]> {
    return this.#session.read(listing(tenant, id, page));
  }

  async prune(deletedBefore: number, limit: number): Promise<number> {
    const [, forgotten] = await this.#session.write(
      FORGET_HISTORY.with(deletedBefore, limit),
      FORGET.with(deletedBefore, limit),
    );
    return forgotten.length;
  }
}
