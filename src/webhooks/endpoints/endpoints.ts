import { actorName, type By } from "../../core/actor.ts";
import { DAY_MS, type Duration } from "../../core/duration.ts";
import { ConflictError, type FieldProblem, InvalidInputError, NotFoundError } from "../../core/errors.ts";
import { isId, newId } from "../../core/id.ts";
import { dateOf, dateOrNull } from "../../core/instant.ts";
import { durationOf, refuseOther, refuseUnknown, textOf, wrong } from "../../core/options.ts";
import type { Idempotency } from "../../engine/intake/intake.ts";
import { type ListOptions, pageOf } from "../../engine/lists.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import type { Tenant } from "../../store/shelves/tenants.ts";
import { tenantOf } from "../events/read-send-request.ts";
import { byWhom, taken } from "./endpoint-changes.ts";
import {
  type EndpointFilter,
  type EndpointPage,
  meets,
  OF_ENDPOINT_FILTER,
  pageOfThose,
  STATUSES,
} from "./endpoint-filter.ts";
import { type EndpointChange, historyOf } from "./endpoint-history.ts";
import { checkedKey, type EndpointSecretView, kindOf, newKey, secretView } from "./endpoint-keys.ts";
import { BLANK_ENDPOINT, type EndpointOptions, type ReadEndpoint, readEndpoint } from "./endpoint-options.ts";
import { newRow } from "./endpoint-row.ts";
import { type EndpointSecret, MOST_SECRETS } from "./endpoint-secrets.ts";
import { MOST_ENDPOINTS } from "./most-endpoints.ts";
import { type OperatedEndpointParts, OperatedEndpoints } from "./operated-endpoints.ts";
import type { RegisteredEndpoint } from "./registered-endpoint.ts";
import { isOrdered, releaseJob } from "./release-task.ts";

export interface NewEndpointOptions extends EndpointOptions {
  /** `whsec_…` or `whsk_…`. Default: one is generated. */
  readonly secret?: string;
  /** The kind of secret to generate: HMAC-SHA256 or ed25519. Default `hmac`. */
  readonly signature?: "hmac" | "ed25519";
  /** The status it starts with. `paused` and `disabled` mean the same as after `pause` and `disable`. Default `active`. */
  readonly status?: "active" | "paused" | "disabled";
}

/** An endpoint that was just created, with warnings about it, if any. */
export interface CreatedEndpoint {
  readonly endpoint: RegisteredEndpoint;
  readonly warnings: readonly string[];
  /** True if an earlier call with the same idempotency key created it; this call created nothing. */
  readonly replayed: boolean;
}

export interface RotateOptions {
  /** The new secret. Default: one of the same kind is generated. */
  readonly secret?: string;
  /** How long the old secret signs as well. Default 24 h, at most 7 days. */
  readonly overlap?: Duration;
}

/** The secret that signs now. */
export interface RotatedSecret extends EndpointSecretView {
  /** An earlier request, with the same idempotency key, made it; this one changed nothing. */
  readonly replayed: boolean;
}

/** How old a secret is, and until when it signs. */
export interface SecretAge {
  readonly createdAt: Date;
  /** It signs until then, because another has replaced it; null for the current one. */
  readonly expiresAt: Date | null;
}

const DEFAULT_OVERLAP_MS = DAY_MS;
const LONGEST_OVERLAP_MS = 7 * DAY_MS;
const MOST_LOOKED_AT = 250;
const ONLY_WHEN_NEW = ["secret", "signature", "status"];

/**
 * The endpoints of tenants. Wherever one is named, use its uid or its id.
 * @throws InvalidInputError from every method, naming what is wrong; StoreUnavailableError when the database does not answer.
 * @throws NotFoundError from every method that names a tenant or an endpoint, when it does not exist.
 * @throws ConflictError `uid_taken` when another endpoint of the tenant has the uid, `too_many_endpoints` when it has 20 000.
 */
export class Endpoints extends OperatedEndpoints {
  readonly #parts: OperatedEndpointParts;

  constructor(parts: OperatedEndpointParts) {
    super(parts);
    this.#parts = parts;
  }

  /**
   * Creates an endpoint. If there is no such tenant and `tenant` is a uid, creates the tenant too.
   * @param idempotency repeated calls with the same key create one endpoint.
   * @example
   * const { endpoint } = await posthorn.webhooks.endpoints.create("acme", { url: "https://acme.example/hooks", eventTypes: ["invoice.*"] });
   */
  async create(
    tenant: string,
    options: NewEndpointOptions,
    by?: By,
    idempotency?: Idempotency,
  ): Promise<CreatedEndpoint> {
    refuseOther(options, ["options"], "must be an object with at least url");
    const { store, intake, registry, clock, audit } = this.#parts;
    const { secret, signature = "hmac", status = "active" } = options;
    const read = readEndpoint(options, BLANK_ENDPOINT, ONLY_WHEN_NEW);
    if (signature !== "hmac" && signature !== "ed25519")
      throw wrong(["signature"], "must be hmac or ed25519");
    if (!STATUSES.includes(status)) throw wrong(["status"], `must be one of ${STATUSES.join(", ")}`);
    const key = secret === undefined ? newKey(signature) : checkedKey(secret);
    await this.#admit(read);
    const now = clock.now();
    const owner = await this.#tenantFor(tenant, now, by);
    const id = newId("ep", now);
    const secrets = [{ key, from: now, until: null }];
    const said = { actor: actorName(by), reason: by?.reason ?? null };
    const row = newRow({ read, id, tenant: owner.id, secrets, now, status, ...said }, this.#parts.sealed);
    const warnings = await this.#twins(row);
    const creating = store.endpoints.creating(row, MOST_ENDPOINTS);
    const { url, uid } = row;
    const stopped = status === "active" ? {} : { status: [null, status] as const };
    const change = { url: [null, url], uid: [null, uid], ...stopped } as const;
    const act = audit.act(by, { action: "endpoint.create", target: id, tenant: owner.id, change });
    const rows = [...creating.rows, act.row];
    const { refused, made = id } = await intake.submit({
      ...{ jobs: [], guard: creating.guard, rows, makes: id, idempotency },
    });
    registry.forget(owner.id);
    if (refused) {
      await this.changes.tenant(owner.id);
      await this.#refuseCrowd(owner.id);
      throw taken(row.uid);
    }
    if (made === id) {
      act.done();
      this.changed(row);
      return { endpoint: this.view(row, undefined), warnings, replayed: false };
    }
    const [first = row] = await store.endpoints.known([{ tenant: owner.id, id: made }]);
    return { endpoint: await this.shown(first), warnings: [], replayed: true };
  }

  /** Looks up an endpoint, with its health. */
  async get(tenant: string, endpoint: string): Promise<RegisteredEndpoint> {
    return this.shown(await this.find(tenant, endpoint));
  }

  /** Newest first, unless `order` says otherwise. @throws InvalidInputError for a filter that no endpoint could match. */
  async list(
    tenant: string,
    options: ListOptions & EndpointFilter = {},
  ): Promise<EndpointPage<RegisteredEndpoint>> {
    const page = pageOf(options, "ep", "descending", OF_ENDPOINT_FILTER);
    const isMeant = meets(options);
    const { id } = await this.changes.tenant(tenant);
    const { data, ...rest } = await pageOfThose(
      (part) => this.#parts.store.endpoints.list(id, part),
      page,
      isMeant,
    );
    const health = await this.healthOf(data);
    return { ...rest, data: data.map((row) => this.view(row, health.get(row.id))) };
  }

  /** How old the secrets are that still sign, newest first. */
  async secretAges(tenant: string, endpoint: string): Promise<readonly SecretAge[]> {
    const { id, secrets } = await this.find(tenant, endpoint);
    const now = this.#parts.clock.now();
    return this.#parts.sealed
      .open(id, secrets)
      .filter(({ until }) => until === null || until > now)
      .map(({ from, until }) => ({ createdAt: dateOf(from), expiresAt: dateOrNull(until) }));
  }

  /**
   * Replaces an endpoint's options, and resets those left out to their defaults; its secrets and its status stay. If there is no such
   * endpoint and `endpoint` is a uid, creates it.
   * @throws InvalidInputError for a secret, a kind of signature or a status other than the one it has: use `rotateSecret`, `pause` and
   * so on to change those.
   */
  async put(
    tenant: string,
    endpoint: string,
    options: NewEndpointOptions,
    by?: By,
  ): Promise<CreatedEndpoint & { readonly isNew: boolean }> {
    textOf(endpoint, ["endpoint"]);
    const known = await this.find(tenant, endpoint).catch((error: unknown) => {
      if (error instanceof NotFoundError && !isId("ep", endpoint)) return undefined;
      throw error;
    });
    if (!known) return { ...(await this.create(tenant, { uid: endpoint, ...options }, by)), isNew: true };
    this.#refuseOther(known, options);
    const changed = await this.#change(tenant, endpoint, by, ({ uid }) => {
      const read = readEndpoint(options, { ...BLANK_ENDPOINT, uid }, ONLY_WHEN_NEW);
      return { ...read, headers: read.headers ?? null, auth: read.auth ?? null };
    });
    return { endpoint: await this.shown(changed), warnings: [], replayed: false, isNew: false };
  }

  /** Changes the options that are given: `null` clears one, and those left out stay. Deliveries that are waiting use the new options. */
  async patch(
    tenant: string,
    endpoint: string,
    options: Partial<EndpointOptions>,
    by?: By,
  ): Promise<RegisteredEndpoint> {
    return this.shown(await this.#change(tenant, endpoint, by, (before) => readEndpoint(options, before)));
  }

  /** Deletes an endpoint. Running deliveries end without a retry, waiting ones are cancelled. Its uid can be used again. */
  async delete(tenant: string, endpoint: string, by?: By): Promise<void> {
    const { store, registry, clock, audit } = this.#parts;
    const row = await this.find(tenant, endpoint);
    const { id, tenant: owner, url } = row;
    await this.cancelWhenDeleted(row);
    const change = { url: [url, null] } as const;
    const act = audit.act(by, { action: "endpoint.delete", target: id, tenant: owner, change });
    const removed = await store.endpoints.remove(owner, id, byWhom(by), clock.now(), act.row);
    registry.forget(owner);
    if (!removed) throw new NotFoundError("endpoint", endpoint);
    act.done();
  }

  /** The secret that currently signs the endpoint's deliveries. */
  async secret(tenant: string, endpoint: string, by?: By): Promise<EndpointSecretView> {
    const row = await this.find(tenant, endpoint);
    const { id, tenant: owner } = row;
    await this.#parts.audit.note(by, { action: "endpoint.secret.show", target: id, tenant: owner });
    const [current] = this.#parts.sealed.open(row.id, row.secrets);
    return secretView(current?.key ?? "");
  }

  /**
   * Rotates the secret that signs. The old one signs as well until the `overlap` is over, so that receivers can switch over.
   * @param idempotency repeated calls with the same key rotate once, for as long as the secret that was generated is kept.
   * @throws ConflictError `too_many_secrets` while ten secrets still sign.
   */
  async rotateSecret(
    tenant: string,
    endpoint: string,
    options: RotateOptions = {},
    by?: By,
    idempotency?: Idempotency,
  ): Promise<RotatedSecret> {
    refuseUnknown(options, ["secret", "overlap"]);
    const { overlap = DEFAULT_OVERLAP_MS, secret } = options;
    const overlapMs = durationOf(overlap, 0, LONGEST_OVERLAP_MS, ["overlap"]);
    const given = secret === undefined ? undefined : checkedKey(secret);
    const { intake, sealed, clock } = this.#parts;
    const claim = idempotency && intake.claimOf(idempotency);
    let rotated: RotatedSecret | undefined;
    const rotate = (row: Endpoint): Endpoint => {
      const now = clock.now();
      const kept = sealed.open(row.id, row.secrets);
      const first = claim && kept.find((each) => each.claim && intake.isRepeated(claim, each.claim));
      if (first) {
        rotated = { ...secretView(first.key), replayed: true };
        return row;
      }
      const old = kept.filter(({ until }) => until === null || until > now);
      if (old.length >= MOST_SECRETS)
        throw new ConflictError(
          "too_many_secrets",
          `${old.length} secrets of this endpoint still sign; rotate again when one of them has expired`,
        );
      const key = given ?? newKey(row.signature);
      rotated = { ...secretView(key), replayed: false };
      const made = { key, from: now, until: null, ...(claim && { claim }) };
      const secrets = [made, ...old.map((each) => expiring(each, now + overlapMs))];
      return { ...row, secrets: sealed.seal(row.id, secrets), signature: kindOf(key) };
    };
    await this.changes.replace(tenant, endpoint, by, rotate, "endpoint.secret.rotate");
    return rotated ?? { secret: "", replayed: false }; // `rotate` was called, or `replace` has thrown
  }

  /** The endpoint's last hundred changes, newest first. @param before a revision: only changes before it. */
  async history(tenant: string, endpoint: string, before?: number): Promise<readonly EndpointChange[]> {
    return historyOf(this.#parts.store, await this.find(tenant, endpoint), before);
  }

  /** The endpoint as it is stored. */
  find(tenant: string, endpoint: string): Promise<Endpoint> {
    return this.changes.find(tenant, endpoint);
  }

  async #change(
    tenant: string,
    endpoint: string,
    by: By | undefined,
    read: (before: Endpoint) => ReadEndpoint,
  ): Promise<Endpoint> {
    const known = await this.find(tenant, endpoint);
    await this.#admit(read(known), known.url);
    let old: Endpoint | undefined;
    const changed = await this.changes.replace(tenant, endpoint, by, async (before) => {
      old = before;
      const after = read(before);
      // made durable before the change, so that any process can release what stands in line
      if (isOrdered(before) && !isOrdered(after.fields))
        await this.#parts.intake.accept(releaseJob(before, this.#parts.clock.now()));
      return this.#parts.sealed.into({ ...before, ...after.fields }, after);
    });
    this.changed(changed, old);
    return changed;
  }

  /** @param knownUrl not checked again: this process may allow other targets than those that deliver. @throws InvalidInputError */
  async #admit({ fields, auth }: ReadEndpoint, knownUrl?: string): Promise<void> {
    if (fields.url !== knownUrl) await this.#admitUrl(fields.url, ["url"]);
    if (auth?.shown.kind === "oauth2") await this.#admitUrl(auth.shown.tokenUrl, ["auth", "tokenUrl"]);
  }

  async #admitUrl(url: string, path: FieldProblem["path"]): Promise<void> {
    try {
      await this.#parts.destinations.ofUrl(url).admit(url);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      throw new InvalidInputError(error.problems.map(({ detail }) => ({ path, detail })));
    }
  }

  async #tenantFor(tenant: string, now: number, by: By | undefined): Promise<Tenant> {
    const { tenants } = this.#parts.store;
    const name = tenantOf(tenant);
    const known = await tenants.get(name);
    if (known) return known;
    if (isId("app", name)) throw new NotFoundError("tenant", tenant);
    const blank = {
      metadata: "{}",
      limits: null,
      mode: "live",
      madeBy: "endpoint",
      deletedAt: null,
    } as const;
    const row = { ...blank, id: newId("app", now), uid: name, name, createdAt: now, updatedAt: now };
    const change = { uid: [null, name] } as const;
    const act = this.#parts.audit.act(by, {
      action: "tenant.create",
      target: row.id,
      tenant: row.id,
      change,
    });
    const made = await tenants.create(row, act.row);
    if (made) act.done();
    return made ?? this.changes.tenant(tenant);
  }

  #refuseOther(row: Endpoint, { secret, signature, status }: NewEndpointOptions): void {
    if (status !== undefined && status !== row.status)
      throw wrong(["status"], "differs from the current one; pause, resume, disable or enable it instead");
    const detail = "differs from the current one; rotate its secret instead";
    if (signature !== undefined && signature !== row.signature) throw wrong(["signature"], detail);
    const [current] = this.#parts.sealed.open(row.id, row.secrets);
    if (secret !== undefined && secret !== current?.key) throw wrong(["secret"], detail);
  }

  /** Every event of a tenant is matched against all of its endpoints, which holds up everything else in the process. */
  async #refuseCrowd(tenant: string): Promise<void> {
    const count = await this.#parts.store.endpoints.countOf(tenant, MOST_ENDPOINTS);
    if (count < MOST_ENDPOINTS) return;
    throw new ConflictError(
      "too_many_endpoints",
      `this tenant has ${MOST_ENDPOINTS} endpoints, the most allowed; delete some, or divide them among several tenants`,
    );
  }

  /** Two with the same URL are allowed, but rarely meant. */
  async #twins({ tenant, url, id }: Endpoint): Promise<readonly string[]> {
    const { rows } = await this.#parts.store.endpoints.list(tenant, {
      limit: MOST_LOOKED_AT,
      order: "descending",
    });
    const twin = rows.find((other) => other.url === url && other.id !== id);
    return twin ? [`the endpoint ${twin.id} of this tenant has the same URL: it gets its events twice`] : [];
  }
}

function expiring(secret: EndpointSecret, until: number): EndpointSecret {
  return { ...secret, until: Math.min(secret.until ?? until, until) };
}
