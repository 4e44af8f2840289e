import type { By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { InvalidInputError } from "../../core/errors.ts";
import type { Audit } from "../../engine/audit/audit.ts";
import { isSameSecret, newToken, readToken } from "../../secrets/opaque-token.ts";
import type { ApiKey, KeyRing, Role } from "../../store/shelves/api-keys.ts";

export const ROLES = ["admin", "manage", "send", "read"] as const satisfies readonly Role[];

const ID_PREFIX = "key_";
const TOKEN_PREFIX = "phk";
const LONGEST_NAME = 100;

export interface NewKey {
  readonly name: string;
  readonly role: Role;
  /** The id of the only tenant that it is for. */
  readonly tenant?: string | null;
  /** The mode of the tenants that it is for. */
  readonly mode?: ApiKey["mode"];
}

/** A key that was just made. The token is shown only now: only its hash is kept. */
export interface CreatedKey {
  readonly key: ApiKey;
  readonly token: string;
}

/** The API keys. */
export class Keys {
  readonly #ring: KeyRing;
  readonly #clock: Clock;
  readonly #audit: Audit | undefined;

  /** @param audit without one, nothing is made or revoked, or nobody asks who did it. */
  constructor(ring: KeyRing, clock: Clock, audit?: Audit) {
    this.#audit = audit;
    this.#ring = ring;
    this.#clock = clock;
  }

  /** @throws InvalidInputError when the name is empty or longer than 100 characters, or there is no such role or mode. */
  async create({ name, role, tenant = null, mode = null }: NewKey, by?: By): Promise<CreatedKey> {
    if (name.trim() === "" || name.length > LONGEST_NAME) {
      throw new InvalidInputError([{ path: ["name"], detail: `must be 1 to ${LONGEST_NAME} characters` }]);
    }
    if (!ROLES.includes(role)) {
      throw new InvalidInputError([{ path: ["role"], detail: `must be ${ROLES.join(", ")}` }]);
    }
    if (mode !== null && mode !== "live" && mode !== "test") {
      throw new InvalidInputError([{ path: ["mode"], detail: "must be live or test" }]);
    }
    const { token, id, hash } = newToken(TOKEN_PREFIX);
    const createdAt = this.#clock.now();
    const key = { id: ID_PREFIX + id, name, role, tenant, mode, hash, createdAt, revokedAt: null };
    const change = {
      name: [null, name],
      role: [null, role],
      tenant: [null, tenant],
      mode: [null, mode],
    } as const;
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

  /** The key with this token; undefined when there is none, or it was revoked. */
  async authenticate(token: string): Promise<ApiKey | undefined> {
    const given = readToken(TOKEN_PREFIX, token);
    const key = given && (await this.#ring.find(ID_PREFIX + given.id));
    return key && isSameSecret(key.hash, given.hash) && key.revokedAt === null ? key : undefined;
  }
}
