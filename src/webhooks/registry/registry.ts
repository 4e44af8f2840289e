import type { Clock } from "../../core/clock.ts";
import { LruCache } from "../../core/lru-cache.ts";
import { SpareTime } from "../../core/spare-time.ts";
import type { EndpointKey } from "../../store/shelves/endpoints.ts";
import type { EventType } from "../../store/shelves/event-types.ts";
import type { Tenant } from "../../store/shelves/tenants.ts";
import type { Store } from "../../store/store.ts";
import { BLANK_EVENT_TYPE } from "../event-types/event-type-options.ts";
import { KnownEndpoint } from "./known-endpoint.ts";

/** A tenant with all of its endpoints, and the version of them: what its events are matched against. */
export interface KnownTenant {
  readonly tenant: Tenant;
  /** In the order of their ids. */
  readonly endpoints: readonly KnownEndpoint[];
  /** See `guardOf`. */
  readonly version: number;
}

/** Something that was read, and after how many changes it began to be. */
interface Entry<Of> {
  readonly of: Of;
  readonly scope: string;
  readonly readAt: number;
}

/** Data that was read longer ago than this is compared with the registry before it is used. */
const LOOK_MS = 500;
const MOST_ENDPOINTS = 100_000;
/** A tenant weighs as much as this many of its endpoints, besides those that it has. */
const TENANT_WEIGHT = 4;
const MOST_CHANGES = 1_000;
const PAGE = 100;
/** Between two pages of a tenant's endpoints, however busy the process is. */
const LONGEST_WAIT_MS = 3;

/** Stands for an event type that nobody has registered. */
const UNREGISTERED: EventType = { ...BLANK_EVENT_TYPE, name: "", createdAt: 0, updatedAt: 0 };

type Shelves = Pick<Store, "registry" | "tenants" | "endpoints" | "eventTypes">;

/**
 * The tenants, endpoints and event types that this process has used lately. Changes by other processes are noticed within half a second of
 * the next use; nothing is read while nothing is used.
 */
export class Registry {
  readonly #store: Shelves;
  readonly #clock: Clock;
  readonly #tenants = new LruCache<string, Entry<KnownTenant>>(
    MOST_ENDPOINTS,
    ({ of }) => TENANT_WEIGHT + of.endpoints.length,
  );
  /** By their uids, ids. */
  readonly #ids = new LruCache<string, Entry<string>>(MOST_ENDPOINTS);
  readonly #endpoints = new LruCache<string, Entry<KnownEndpoint>>(MOST_ENDPOINTS);
  readonly #types = new LruCache<string, Entry<EventType>>(MOST_ENDPOINTS);
  /** Of each scope that has changed since this process began to look: which change was the last that this process learnt of. */
  readonly #changed = new Map<string, number>();
  /** How many it has learnt of, in whatever way: by a look, or because it made them itself. */
  #changes = 0;
  /** Undefined before the first look. */
  #version: number | undefined;
  /** Reads that started before this change are stale. */
  #oldest = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  /** Where a tenant is being read, so that a hundred events of it read it once. */
  readonly #reading = new Map<string, Promise<KnownTenant | undefined>>();

  constructor(store: Shelves, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** As long as it is the same, nothing that is known has been found to have changed. */
  get changes(): number {
    return this.#changes;
  }

  /** Whether what is known was compared with the registry lately. */
  get isFresh(): boolean {
    const age = this.#clock.now() - this.#lookedAt;
    return age >= 0 && age < LOOK_MS;
  }

  /** Compares it, if that was not done lately. */
  async refresh(): Promise<void> {
    if (this.isFresh) return;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  /** What was changed by this process, or seen to have changed, is read again. */
  forget(scope: string): void {
    this.#changed.set(scope, ++this.#changes);
    this.#reading.clear();
    this.#lookedAt = Number.NEGATIVE_INFINITY;
  }

  /** The tenant with this id or uid, if it exists. */
  async tenant(idOrUid: string): Promise<KnownTenant | undefined> {
    await this.refresh();
    const id = this.#fresh(this.#ids, idOrUid) ?? idOrUid;
    const known = this.#fresh(this.#tenants, id);
    if (known) return known;
    const underWay = this.#reading.get(idOrUid);
    if (underWay) return underWay;
    const reading = this.#read(idOrUid).finally(() => {
      if (this.#reading.get(idOrUid) === reading) this.#reading.delete(idOrUid);
    });
    this.#reading.set(idOrUid, reading);
    return reading;
  }

  /** An endpoint that is in memory, or is known not to exist; `load` reads it. See `isFresh`. */
  endpoint(tenant: string, id: string): KnownEndpoint | undefined {
    const known = this.#fresh(this.#endpoints, id);
    return known?.row.tenant === tenant ? known : undefined;
  }

  /** Like `endpoint`, but it may have changed since: for what has to be decided at once, where an old answer is better than none. */
  lastKnown(tenant: string, id: string): KnownEndpoint | undefined {
    const known = this.#endpoints.get(id)?.of;
    return known?.row.tenant === tenant ? known : undefined;
  }

  /**
   * Makes endpoints known, deleted ones too, and returns them by their ids: all but those that never were. One that changes while it is
   * read is returned, though it will be read again; to `endpoint`, it is unknown.
   */
  async load(wanted: readonly EndpointKey[]): Promise<ReadonlyMap<string, KnownEndpoint>> {
    await this.refresh();
    const found = new Map<string, KnownEndpoint>();
    const missing = wanted.filter(({ tenant, id }) => {
      const known = this.endpoint(tenant, id);
      if (known) found.set(id, known);
      return known === undefined;
    });
    if (missing.length === 0) return found;
    const readAt = this.#changes;
    for (const row of await this.#store.endpoints.known(missing)) {
      const endpoint = new KnownEndpoint(row, row.tenantLimits);
      this.#endpoints.set(row.id, { of: endpoint, scope: row.tenant, readAt });
      found.set(row.id, endpoint);
    }
    return found;
  }

  /** Undefined when it is not registered. */
  async eventType(name: string): Promise<EventType | undefined> {
    await this.refresh();
    const known = this.#fresh(this.#types, name);
    if (known) return known.name === name ? known : undefined;
    const readAt = this.#changes;
    const type = await this.#store.eventTypes.get(name);
    // that there is none is remembered as well, because most events have types that are not registered
    this.#types.set(name, { of: type ?? UNREGISTERED, scope: this.#store.registry.typesScope, readAt });
    return type;
  }

  async #look(): Promise<void> {
    const now = this.#clock.now();
    const version = await this.#store.registry.version();
    if (this.#version !== undefined && version !== this.#version) {
      const changes = await this.#store.registry.changedSince(this.#version, MOST_CHANGES);
      if (changes.length + this.#changed.size >= MOST_CHANGES) this.#forgetAll();
      else for (const { scope } of changes) this.#changed.set(scope, ++this.#changes);
    }
    this.#version = version;
    this.#lookedAt = now;
  }

  async #read(idOrUid: string): Promise<KnownTenant | undefined> {
    const { registry, tenants, endpoints } = this.#store;
    const readAt = this.#changes;
    const seen = this.#version ?? 0;
    const first = await tenants.get(idOrUid);
    if (!first) return undefined;
    const version = await registry.versionOf(first.id);
    // whose scope has moved since the last look may have changed, or been deleted, between these two reads
    const tenant = version > seen ? await tenants.get(idOrUid) : first;
    if (tenant?.id !== first.id) return tenant && this.#read(idOrUid);
    const all: KnownEndpoint[] = [];
    const spareTime = new SpareTime(LONGEST_WAIT_MS);
    for (let after: string | undefined, hasMore = true; hasMore; ) {
      const page = await endpoints.list(tenant.id, { limit: PAGE, order: "ascending", after });
      for (const row of page.rows) {
        const endpoint = new KnownEndpoint(row, tenant.limits);
        all.push(endpoint);
        this.#endpoints.set(row.id, { of: endpoint, scope: tenant.id, readAt }); // its deliveries need not read it again
      }
      after = page.rows.at(-1)?.id;
      hasMore = page.hasMore;
      if (hasMore) await spareTime.forNextStep();
    }
    const known = { tenant, version, endpoints: all };
    const scope = tenant.id;
    this.#tenants.set(scope, { of: known, scope, readAt });
    if (tenant.uid !== null) this.#ids.set(tenant.uid, { of: scope, scope, readAt });
    return known;
  }

  #fresh<Of>(cache: LruCache<string, Entry<Of>>, key: string): Of | undefined {
    const entry = cache.get(key);
    return entry && entry.readAt >= (this.#changed.get(entry.scope) ?? this.#oldest) ? entry.of : undefined;
  }

  #forgetAll(): void {
    this.#oldest = ++this.#changes;
    this.#changed.clear();
  }
}
