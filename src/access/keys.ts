import type { By } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { InvalidInputError } from "../core/errors.ts";
import { LruCache } from "../core/lru-cache.ts";
import type { Audit } from "../engine/audit/audit.ts";
import { isSameSecret, newToken, readToken } from "../secrets/opaque-token.ts";
import type { ApiKey, KeyRing, Role } from "../store/shelves/api-keys.ts";

export const ROLES = ["admin", "manage", "send", "read"] as const satisfies readonly Role[];
/** From what shows least to what shows most. */
export const PAYLOADS = ["none", "redacted", "full"] as const satisfies readonly Payloads[];

/** How much of what was sent, of what came of it, and of what receivers answered, is shown. */
export type Payloads = NonNullable<ApiKey["payloads"]>;

/** The one that shows less. */
export function leastOf(a: Payloads, b: Payloads): Payloads {
  return PAYLOADS.indexOf(a) < PAYLOADS.indexOf(b) ? a : b;
}

const ID_PREFIX = "key_";
const TOKEN_PREFIX = "phk";
const LONGEST_NAME = 100;
/** It is not written more often when a key was last used. */
const USED_EVERY_MS = 60_000;
/** Keys whose last use is remembered here; of others it is written again. */
const MOST_REMEMBERED = 10_000;

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  /** The id of the tenant it is bound to, if any. */
  readonly tenant?: string | null;
  /** The mode of the tenants that it is for. */
  readonly mode?: ApiKey["mode"];
  /** What the key sees of payloads, results and answers. Default: `redacted` for the role `read`, otherwise `full`. */
  readonly payloads?: Payloads | null;
  /** From when on it is refused, in milliseconds since the epoch. Default: never. */
  readonly expiresAt?: number | null;
}

/** A key that was just made. The token is shown only now: only its hash is kept. */
export interface CreatedKey {
  readonly key: ApiKey;
  readonly token: string;
}

/** Why a token is refused, when it is; otherwise its key. */
export type Looked =
  | { readonly key: ApiKey; readonly refused?: undefined }
  | { readonly key?: undefined; readonly refused: "unknown" | "revoked" | "expired" };

/** The API keys. */
export class Keys {
  readonly #ring: KeyRing;
  readonly #clock: Clock;
  readonly #audit: Audit | undefined;
  readonly #used = new LruCache<string, { readonly at: number }>(MOST_REMEMBERED);

  /** @param audit without one, nothing is made or revoked here. */
  constructor(ring: KeyRing, clock: Clock, audit?: Audit) {
    this.#audit = audit;
    this.#ring = ring;
    this.#clock = clock;
  }

  /**
   * @throws InvalidInputError when the name is empty or longer than 100 characters, there is no such role, mode or `payloads`, or it would
   * have expired already.
   */
  async create(asked: NewKey, by?: By): Promise<CreatedKey> {
    const { name, role, tenant = null, mode = null, payloads = null, expiresAt = null } = asked;
    const createdAt = this.#clock.now();
    const wrong = (field: string, detail: string) => new InvalidInputError([{ path: [field], detail }]);
    if (typeof name !== "string" || name.trim() === "" || name.length > LONGEST_NAME)
      throw wrong("name", `must be 1 to ${LONGEST_NAME} characters`);
    if (!ROLES.includes(role)) throw wrong("role", `must be one of ${ROLES.join(", ")}`);
    if (mode !== null && mode !== "live" && mode !== "test") throw wrong("mode", "must be live or test");
    if (payloads !== null && !PAYLOADS.includes(payloads))
      throw wrong("payloads", `must be one of ${PAYLOADS.join(", ")}`);
    if (expiresAt !== null && !(expiresAt > createdAt)) throw wrong("expiresAt", "must be in the future");
    const { token, id, hash } = newToken(TOKEN_PREFIX);
    const key: ApiKey = {
      ...{ id: ID_PREFIX + id, name, role, hash, createdAt, revokedAt: null, tenant, mode },
      ...{ payloads: payloads ?? defaultPayloads(role), expiresAt, lastUsedAt: null },
    };
    const told = { name, role, tenant, mode, payloads: key.payloads, expiresAt };
    const change = Object.fromEntries(
      Object.entries(told).map(([field, is]) => [field, [null, is] as const]),
    );
    const act = this.#audit?.act(by, { action: "key.create", target: key.id, change });
    await this.#ring.add(key, act?.row);
    act?.done();
    return { key, token };
  }

  /** Newest first, including revoked ones. */
  list(): Promise<ApiKey[]> {
    return this.#ring.list();
  }

  /** It is refused from the next request on. Undefined when there is no such key. */
  async revoke(id: string, by?: By): Promise<ApiKey | undefined> {
    const act = this.#audit?.act(by, { action: "key.revoke", target: id });
    const revoked = await this.#ring.revoke(id, this.#clock.now(), act?.row);
    if (revoked) act?.done();
    return revoked;
  }

  /** The key with this id; undefined when there is none, it was revoked, or has expired. */
  async find(id: string): Promise<ApiKey | undefined> {
    const key = await this.#ring.find(id);
    const isOver = key?.expiresAt != null && key.expiresAt <= this.#clock.now();
    return key?.revokedAt === null && !isOver ? key : undefined;
  }

  /** The key with this token; undefined when there is none, it was revoked, or has expired. */
  async authenticate(token: string): Promise<ApiKey | undefined> {
    return (await this.look(token)).key;
  }

  /** As `authenticate`, and why not. */
  async look(token: string): Promise<Looked> {
    const given = readToken(TOKEN_PREFIX, token);
    const key = given && (await this.#ring.find(ID_PREFIX + given.id));
    if (!key || !isSameSecret(key.hash, given.hash)) return { refused: "unknown" };
    if (key.revokedAt !== null) return { refused: "revoked" };
    const now = this.#clock.now();
    if (key.expiresAt !== null && key.expiresAt <= now) return { refused: "expired" };
    this.#tellUse(key.id, now);
    return { key };
  }

  /** Nobody waits for it, and nothing fails with it. */
  #tellUse(id: string, now: number): void {
    const last = this.#used.get(id);
    if (last && now - last.at < USED_EVERY_MS) return;
    this.#used.set(id, { at: now });
    void this.#ring.used(id, now, now - USED_EVERY_MS).catch(() => {});
  }
}

export function defaultPayloads(role: Role): Payloads {
  return role === "read" ? "redacted" : "full";
}

/** How much a key shows; of one that was made before there was a choice, as its role has it. */
export function payloadsOf({ payloads, role }: Pick<ApiKey, "payloads" | "role">): Payloads {
  return payloads ?? defaultPayloads(role);
}
