import type { By } from "../core/actor.ts";
import { NotFoundError } from "../core/errors.ts";
import { isId } from "../core/id.ts";
import { dateOf, dateOrNull } from "../core/instant.ts";
import { instantOf, refuseOther, refuseUnknown, textOf } from "../core/options.ts";
import type { ApiKey, Role } from "../store/shelves/api-keys.ts";
import type { Store } from "../store/store.ts";
import { type Keys, type NewKey, type Payloads, payloadsOf } from "./keys.ts";

/** An API key, without its token. */
export interface ShownKey {
  /** `key_…` */
  readonly id: string;
  readonly name: string;
  /** `read` looks up; `send` also sends, reruns and cancels; `manage` also changes tenants, endpoints and event types; `admin` may do everything. */
  readonly role: Role;
  /** The id of the tenant it is bound to, if any. */
  readonly tenantId: string | null;
  /** The mode of the tenants it is bound to, if any. */
  readonly mode: "live" | "test" | null;
  /** What it sees of payloads, results and answers: `none`, `redacted` (without secrets), or `full`. */
  readonly payloads: Payloads;
  readonly createdAt: Date;
  /** When it expires. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** When it was last used, to the minute. */
  readonly lastUsedAt: Date | null;
}

export interface NewKeyOptions {
  /** For people to read, 1 to 100 characters. */
  readonly name: string;
  readonly role: Role;
  /** Binds the key to the tenant with this uid or id: it sees nothing of others. */
  readonly tenant?: string | null | undefined;
  /** Binds the key to the tenants of this mode: it sees nothing of others. */
  readonly mode?: "live" | "test" | null | undefined;
  /** What the key sees of payloads, results and answers. Default: `redacted` for the role `read`, otherwise `full`. */
  readonly payloads?: Payloads | null | undefined;
  /** When it expires: a Date, or RFC 3339. Default: never. */
  readonly expiresAt?: Date | string | null | undefined;
}

const MEMBERS = [
  ...(["name", "role", "tenant", "mode", "payloads", "expiresAt"] as const),
] satisfies (keyof NewKeyOptions)[];

/** The API keys of the HTTP API. */
export class ApiKeys {
  readonly #keys: Keys;
  readonly #store: Pick<Store, "tenants">;

  constructor(keys: Keys, store: Pick<Store, "tenants">) {
    this.#keys = keys;
    this.#store = store;
  }

  /**
   * Creates a key. Callers send its `token`, which is returned only here: just its hash is stored.
   * @throws InvalidInputError naming what is wrong; NotFoundError for the tenant.
   * @example
   * const { token } = await posthorn.keys.create({ name: "acme", role: "manage", tenant: "acme" }, { actor: "ana" });
   */
  async create(options: NewKeyOptions, by?: By): Promise<{ readonly key: ShownKey; readonly token: string }> {
    refuseOther(options, ["options"], "must be an object with name and role");
    refuseUnknown(options, MEMBERS);
    const { tenant, expiresAt, ...same } = options;
    const given: NewKey = {
      name: same.name,
      role: same.role,
      tenant: tenant == null ? null : await this.#tenantOf(tenant),
      mode: same.mode ?? null,
      payloads: same.payloads ?? null,
      expiresAt: expiresAt == null ? null : instantOf(expiresAt, ["expiresAt"]),
    };
    const { key, token } = await this.#keys.create(given, by);
    return { key: shownKey(key), token };
  }

  /** Newest first, including revoked and expired ones. */
  async list(): Promise<ShownKey[]> {
    return (await this.#keys.list()).map(shownKey);
  }

  /** Revokes a key: every server refuses it from the next request on. @throws NotFoundError */
  async revoke(id: string, by?: By): Promise<ShownKey> {
    const isOne = typeof id === "string" && isId("key", id);
    const key = isOne ? await this.#keys.revoke(id, by) : undefined;
    // somebody may give a whole key here, which must not come back
    if (!key) throw new NotFoundError("key", isOne ? id : "key_…");
    return shownKey(key);
  }

  async #tenantOf(name: string): Promise<string> {
    const tenant = await this.#store.tenants.get(textOf(name, ["tenant"]));
    if (tenant) return tenant.id;
    throw new NotFoundError("tenant", name);
  }
}

function shownKey(key: ApiKey): ShownKey {
  const { id, name, role, tenant, mode, createdAt, expiresAt, revokedAt, lastUsedAt } = key;
  return {
    ...{ id, name, role, tenantId: tenant, mode, payloads: payloadsOf(key), createdAt: dateOf(createdAt) },
    expiresAt: dateOrNull(expiresAt),
    revokedAt: dateOrNull(revokedAt),
    lastUsedAt: dateOrNull(lastUsedAt),
  };
}
