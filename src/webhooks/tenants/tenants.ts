import type { By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { ConflictError, NotFoundError, OverloadedError } from "../../core/errors.ts";
import { newId } from "../../core/id.ts";
import { collectProblems, refuseUnknown, wrong } from "../../core/options.ts";
import type { Audit, AuditedAct } from "../../engine/audit/audit.ts";
import { AuditTrail } from "../../engine/audit/audit-trail.ts";
import { changedFields } from "../../engine/audit/changed-fields.ts";
import type { Idempotency, Intake } from "../../engine/intake/intake.ts";
import { type Listed, type ListOptions, listed, pageOf, type SearchedPage } from "../../engine/lists.ts";
import type { Tenant } from "../../store/shelves/tenants.ts";
import type { Store } from "../../store/store.ts";
import { cancelJob } from "../endpoints/cancel-task.ts";
import { tenantOf } from "../events/read-send-request.ts";
import { refuseRenaming, refuseTestOperators } from "../operational/reserved-tenant.ts";
import type { Registry } from "../registry/registry.ts";
import { eraseTenantJob } from "./erase-tenant-task.ts";
import { activityOf, type TenantActivity, type TenantActivityOptions } from "./tenant-activity.ts";
import {
  type EraseOptions,
  type Erasing,
  modeOf,
  type NewTenantOptions,
  type RegisteredTenant,
  readTenant,
  shownTenant,
  type TenantFields,
  type TenantOptions,
} from "./tenant-options.ts";

export interface TenantParts {
  readonly store: Pick<Store, "erasure" | "tenants" | "audit" | "endpoints">;
  readonly intake: Pick<Intake, "submit" | "accept">;
  readonly registry: Pick<Registry, "forget">;
  readonly clock: Clock;
  readonly audit: Audit;
}

/** More than this is not counted. */
const MOST_COUNTED = 10_001;

/** How often a change is tried while others keep changing the same row. */
const MOST_TRIES = 10;

const BLANK: TenantFields = { uid: null, name: "", metadata: "{}", limits: null };

/**
 * The customers whose endpoints get events. Name one by its uid or its id.
 * @throws InvalidInputError from every method, naming what is wrong; StoreUnavailableError when the database does not answer.
 * @throws NotFoundError from every method that names a tenant, when it does not exist.
 * @throws ConflictError `uid_taken` when another tenant has the uid.
 */
export class Tenants {
  readonly #parts: TenantParts;
  readonly #trail: AuditTrail;

  constructor(parts: TenantParts) {
    this.#parts = parts;
    this.#trail = new AuditTrail(parts.store.audit, parts.audit);
  }

  /**
   * Creates a tenant.
   * @example
   * const { id } = await posthorn.webhooks.tenants.create({ uid: "acme", name: "Acme Ltd" });
   */
  async create(options: NewTenantOptions, by?: By): Promise<RegisteredTenant> {
    return (await this.createOnce(options, undefined, by)).tenant;
  }

  /** Like `create`. @param idempotency repeated calls with the same key create one tenant. */
  async createOnce(
    options: NewTenantOptions,
    idempotency?: Idempotency,
    by?: By,
  ): Promise<{ readonly tenant: RegisteredTenant; readonly replayed: boolean }> {
    const { store, intake } = this.#parts;
    const tenant = this.#new(options);
    const { id } = tenant;
    const guard = store.tenants.insertion(tenant);
    const act = this.#creating(tenant, by);
    const submission = { jobs: [], guard, rows: [act.row], makes: id, idempotency };
    const { refused, replayed, made = id } = await intake.submit(submission);
    if (refused) throw taken(tenant.uid);
    if (!replayed) act.done();
    const first = replayed ? await store.tenants.get(made) : tenant;
    return { tenant: shownTenant(first ?? tenant), replayed }; // it may be gone since
  }

  /** Returns the tenant with this uid, and creates it if there is none. */
  async getOrCreate(
    options: NewTenantOptions & { readonly uid: string },
    by?: By,
  ): Promise<RegisteredTenant> {
    const tenant = this.#new(options);
    const known = await this.#parts.store.tenants.get(tenantOf(options.uid));
    if (known) return shownTenant(known);
    const act = this.#creating(tenant, by);
    const made = await this.#parts.store.tenants.create(tenant, act.row);
    if (!made) return this.get(options.uid);
    act.done();
    return shownTenant(made);
  }

  /** Looks up a tenant. */
  async get(tenant: string): Promise<RegisteredTenant> {
    return shownTenant(await this.#find(tenant));
  }

  /** Oldest first, unless `order` says otherwise. */
  async list(
    options: ListOptions & { readonly mode?: "live" | "test" } = {},
  ): Promise<Listed<RegisteredTenant>> {
    const page = pageOf(options, "app", "ascending", ["mode"]);
    const mode = options.mode === undefined ? undefined : modeOf(options.mode);
    return listed(await this.#parts.store.tenants.list({ ...page, mode }), page, ({ id }) => id, shownTenant);
  }

  /**
   * What was done to a tenant's endpoints and with their deliveries, newest first, by whom and why: endpoints that were created, changed,
   * tested or deleted, secrets that were shown or rotated, deliveries that were repeated or cancelled. Kept as long as the audit.
   * @example
   * const { data } = await posthorn.webhooks.tenants.activity("acme", { of: "endpoints" });
   */
  async activity(tenant: string, options: TenantActivityOptions = {}): Promise<SearchedPage<TenantActivity>> {
    const { id } = await this.#find(tenant);
    return activityOf(this.#trail, this.#parts.store, id, options);
  }

  /**
   * Replaces a tenant's options, and resets those left out to their defaults. If there is no such tenant and `tenant` is a uid, creates it.
   */
  async put(
    tenant: string,
    options: NewTenantOptions,
    by?: By,
  ): Promise<{ readonly tenant: RegisteredTenant; readonly isNew: boolean }> {
    const known = await this.#parts.store.tenants.get(tenantOf(tenant));
    if (known)
      return {
        tenant: await this.#change(tenant, by, () =>
          readTenant(options, { ...BLANK, uid: known.uid }, ["mode"]),
        ),
        isNew: false,
      };
    return { tenant: await this.create({ uid: tenant, ...options }, by), isNew: true };
  }

  /** Changes what is given: `null` clears, what is absent stays. */
  patch(tenant: string, options: TenantOptions, by?: By): Promise<RegisteredTenant> {
    return this.#change(tenant, by, (before) => readTenant(options, before));
  }

  /** Deletes a tenant and its endpoints, and cancels their queued deliveries. Its uid can be used again, but accepts no events for a day. */
  async delete(tenant: string, by?: By): Promise<void> {
    const { store, intake, registry, clock, audit } = this.#parts;
    const { id, uid, name } = await this.#find(tenant);
    const now = clock.now();
    // durable first: whatever happens to this process, what waits for its endpoints is cancelled once they are gone
    const reason = "its tenant was deleted";
    await intake.accept(cancelJob({ kind: "tenant", tenant: id, deletedAt: now, reason }, now));
    const change = { uid: [uid, null], name: [name, null] } as const;
    const act = audit.act(by, { action: "tenant.delete", target: id, tenant: id, change });
    const removed = await store.tenants.remove(id, now, act.row);
    registry.forget(id);
    if (!removed) throw new NotFoundError("tenant", tenant);
    act.done();
  }

  /**
   * Deletes a tenant, and starts a durable job that erases what is stored about it: its events, what was sent to its endpoints and what they
   * answered, the endpoints and their secrets, its keys and its portal sessions. What remains is that there were these deliveries, with their
   * times and their endpoints' ids, and the audit. This cannot be undone. To erase a tenant that has already been deleted, name it by its id.
   * @example
   * const { deliveries } = await posthorn.webhooks.tenants.erase("acme", { dryRun: true });
   * const { jobId } = await posthorn.webhooks.tenants.erase("acme", { dryRun: false }, { actor: "ana", reason: "asked us to" });
   */
  async erase(tenant: string, options: EraseOptions, by?: By): Promise<Erasing> {
    refuseUnknown(options ?? null, ["dryRun"]); // left out is as wrong as null
    const { dryRun } = options;
    if (typeof dryRun !== "boolean")
      throw wrong(["dryRun"], "must be true, to see how much there is, or false, to erase it");
    const { store, intake, registry, clock, audit } = this.#parts;
    const { id, uid } = (await store.erasure.tenant(String(tenant))) ?? (await this.#find(tenant));
    const counts = await store.erasure.counts(id, MOST_COUNTED);
    if (dryRun) return { tenantId: id, ...counts, jobId: null };
    const now = clock.now();
    const act = audit.act(by, {
      action: "tenant.erase",
      target: id,
      tenant: id,
      change: { uid: [uid, null] },
    });
    const job = eraseTenantJob(id, now);
    await intake.submit({ jobs: [job], rows: [act.row] });
    act.done();
    // the job would do so too, a moment later
    await store.tenants.remove(id, now);
    registry.forget(id);
    return { tenantId: id, ...counts, jobId: job.id };
  }

  #new(options: NewTenantOptions): Tenant {
    const fields = readTenant(options, BLANK, ["mode"]);
    const now = this.#parts.clock.now();
    const mode = modeOf(options.mode);
    refuseTestOperators({ uid: fields.uid, mode });
    return {
      ...fields,
      id: newId("app", now),
      name: options.name === undefined ? (fields.uid ?? "") : fields.name,
      mode,
      madeBy: "api",
      createdAt: now,
      updatedAt: now,
      deletedAt: null,
    };
  }

  async #find(tenant: string): Promise<Tenant> {
    // a string that cannot be a name names nothing
    const name = collectProblems([], () => tenantOf(tenant));
    const found = name === undefined ? undefined : await this.#parts.store.tenants.get(name);
    if (!found) throw new NotFoundError("tenant", tenant);
    return found;
  }

  #creating(tenant: Tenant, by: By | undefined): AuditedAct {
    const { id, uid, name, mode } = tenant;
    const change = { uid: [null, uid], name: [null, name], mode: [null, mode] } as const;
    return this.#parts.audit.act(by, { action: "tenant.create", target: id, tenant: id, change });
  }

  async #change(
    tenant: string,
    by: By | undefined,
    read: (before: Tenant) => TenantFields,
  ): Promise<RegisteredTenant> {
    const { store, registry, clock, audit } = this.#parts;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const before = await this.#find(tenant);
      const after = { ...before, ...read(before), updatedAt: clock.now() };
      refuseRenaming(before, after);
      const { id } = before;
      const change = changedFields(before, after, ["uid", "name"], ["metadata", "limits"]);
      const act = audit.act(by, { action: "tenant.update", target: id, tenant: id, change });
      const changed = await store.tenants.change(after, before.updatedAt, act.row);
      registry.forget(before.id);
      if (changed === "taken") throw taken(after.uid);
      if (changed === "stale") continue;
      act.done();
      return shownTenant(changed);
    }
    throw new OverloadedError(
      `the tenant ${tenant} is being changed by others at the same time; try again shortly`,
    );
  }
}

function taken(uid: string | null): ConflictError {
  return new ConflictError("uid_taken", `another tenant has the uid ${JSON.stringify(uid)}`);
}
