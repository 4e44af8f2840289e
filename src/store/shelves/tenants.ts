import { isId } from "../../core/id.ts";
import { OPERATORS } from "../../core/names.ts";
import { removingAll } from "./endpoints.ts";
import { moving } from "./registry.ts";
import { json, name, nullable, oneOf, text, time } from "./tables/column.ts";
import { type KeyPage, Keyset, type Slice } from "./tables/keyset.ts";
import { audited, type Call, type Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/** Those whose endpoints get events. A deleted one is kept, but only `deletedWithUid` finds it; its uid is free again. */
export interface TenantShelf {
  /** Undefined when the uid is taken. */
  create(tenant: Tenant, audit?: Call<unknown>): Promise<Tenant | undefined>;
  get(idOrUid: string): Promise<Tenant | undefined>;
  /** One that had this uid and was deleted at `since` or later. */
  deletedWithUid(uid: string, since: number): Promise<Tenant | undefined>;
  /** In the order of their ids, without the operators' own; of one mode where it is given. */
  list(page: TenantPage): Promise<Slice<Tenant>>;
  /**
   * Replaces a tenant, if it has not changed since it was read with this `updatedAt`; one change's time is always after the last
   * one's. `stale`: it has changed or is gone; `taken`: the uid is.
   * @param audit the entry that is written with it.
   */
  change(tenant: Tenant, readAt: number, audit?: Call<unknown>): Promise<Tenant | "stale" | "taken">;
  /** Deletes it and its endpoints; undefined when there is no such tenant. */
  remove(id: string, now: number, audit?: Call<unknown>): Promise<Tenant | undefined>;
  /** Forgets at most `limit` of those that were deleted before then, the first ones first; how many. */
  prune(deletedBefore: number, limit: number): Promise<number>;
  /** See `insertion`. */
  insertion(tenant: Tenant): Call<Tenant>;
}

export const TENANTS = new Table("tenants", ["id"], {
  id: name,
  /** The caller's own name for it, unique among those that are not deleted. */
  uid: nullable(name),
  name: text,
  /** An object of strings. */
  metadata: json,
  limits: nullable(json),
  mode: oneOf("live", "test"),
  made_by: oneOf("api", "endpoint", "event"),
  created_at: time,
  updated_at: time,
  deleted_at: nullable(time),
});

export type Tenant = FieldsOf<typeof TENANTS>;

export interface TenantPage extends KeyPage {
  readonly mode?: Tenant["mode"] | undefined;
}

const CREATE = TENANTS.statement(`
  ${TENANTS.insertion}
  on conflict do nothing
  returning ${TENANTS.fields}`);

const GET = TENANTS.statement(`
  select ${TENANTS.fields}
  from posthorn.tenants
  where id = ? and deleted_at is null`);

const GET_BY_UID = TENANTS.statement(`
  select ${TENANTS.fields}
  from posthorn.tenants
  where uid = ? and deleted_at is null`);

const DELETED_WITH_UID = TENANTS.statement(`
  select ${TENANTS.fields}
  from posthorn.tenants
  where uid = ? and deleted_at >= ? and deleted_at is not null
  order by deleted_at desc
  limit 1`);

const LISTED = `deleted_at is null and coalesce(uid, '') <> '${OPERATORS}'`;
const ALL = new Keyset(TENANTS, "id", LISTED);
const OF_MODE = new Keyset(TENANTS, "id", `${LISTED} and mode = ?`);

const CHANGE = TENANTS.statement(`
  update posthorn.tenants
  set
    uid = ?,
    name = ?,
    metadata = ?,
    limits = ?,
    updated_at = case when updated_at < ? then ? else updated_at + 1 end
  where id = ? and updated_at = ? and deleted_at is null
    and not exists (select 1 from posthorn.tenants other where other.uid = ? and other.deleted_at is null and other.id <> ?)
  returning ${TENANTS.fields}`);

const UID_OF_ANOTHER = TENANTS.statement(`
  select ${TENANTS.fields}
  from posthorn.tenants
  where uid = ? and deleted_at is null and id <> ?`);

const REMOVE = TENANTS.statement(`
  update posthorn.tenants
  set deleted_at = ?, updated_at = ?
  where id = ? and deleted_at is null
  returning ${TENANTS.fields}`);

const OLD = `
  select id
  from posthorn.tenants
  where deleted_at < ?
  order by deleted_at
  limit ?`;

const FORGET_VERSION = TENANTS.statement(`
  delete from posthorn.registry_scopes
  where scope in (${OLD})`);

const FORGET = TENANTS.statement(`
  delete from posthorn.tenants
  where id in (${OLD})
  returning id`);

/** A condition, given a tenant's id or null: that it was not deleted, as it is before it is erased. */
export const NOT_DELETED =
  "not exists (select 1 from posthorn.tenants where id = ? and deleted_at is not null)";

/**
 * Creates a tenant with the first event of it, and gives it back, unless its uid is taken. It does not move the registry: what
 * accepts events would wait for one another, and nobody remembers a tenant that was not there.
 */
export function insertion(tenant: Tenant): Call<Tenant> {
  return CREATE.with(...TENANTS.valuesOf(tenant));
}

export class Tenants implements TenantShelf {
  readonly insertion = insertion;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async create(tenant: Tenant, audit?: Call<unknown>): Promise<Tenant | undefined> {
    const calls = [...moving(tenant.id), audited(insertion(tenant), audit)] as const;
    const [, , [created]] = await this.#session.write(...calls);
    return created;
  }

  async get(idOrUid: string): Promise<Tenant | undefined> {
    const [tenant] = await this.#session.read((isId("app", idOrUid) ? GET : GET_BY_UID).with(idOrUid));
    return tenant;
  }

  async deletedWithUid(uid: string, since: number): Promise<Tenant | undefined> {
    const [tenant] = await this.#session.read(DELETED_WITH_UID.with(uid, since));
    return tenant;
  }

  list({ mode, ...page }: TenantPage): Promise<Slice<Tenant>> {
    return mode ? OF_MODE.page(this.#session, page, [mode]) : ALL.page(this.#session, page);
  }

  async change(tenant: Tenant, readAt: number, audit?: Call<unknown>): Promise<Tenant | "stale" | "taken"> {
    const { id, uid, updatedAt } = tenant;
    const values = TENANTS.valuesOf(tenant, ["uid", "name", "metadata", "limits"]);
    const [, , [changed], [other]] = await this.#session.write(
      ...moving(id),
      audited(CHANGE.with(...values, updatedAt, updatedAt, id, readAt, uid, id), audit),
      UID_OF_ANOTHER.with(uid, id),
    );
    return changed ?? (other ? "taken" : "stale");
  }

  async remove(id: string, now: number, audit?: Call<unknown>): Promise<Tenant | undefined> {
    const [, , [removed]] = await this.#session.write(
      ...moving(id),
      audited(REMOVE.with(now, now, id), audit),
      ...removingAll(id, now),
    );
    return removed;
  }

  async prune(deletedBefore: number, limit: number): Promise<number> {
    const [, forgotten] = await this.#session.write(
      FORGET_VERSION.with(deletedBefore, limit),
      FORGET.with(deletedBefore, limit),
    );
    return forgotten.length;
  }
}
