import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { newId } from "../../core/id.ts";
import type { ApiKey, KeyRing, Role } from "../../store/shelves/api-keys.ts";

export const ROLES = ["admin", "manage", "send", "read"] as const satisfies readonly Role[];

const ID_PREFIX = "key_";
const SECRET_BYTES = 32;
/** `phk_`, the id to look the key up by, and the secret: 32 bytes in base64url. */
const TOKEN = /^phk_([0-9a-z]{26})_([A-Za-z0-9_-]{43})$/;
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

  constructor(ring: KeyRing, clock: Clock) {
    this.#ring = ring;
    this.#clock = clock;
  }

  /** @throws InvalidInputError when the name is empty or longer than 100 characters, or there is no such role or mode. */
  async create({ name, role, tenant = null, mode = null }: NewKey): Promise<CreatedKey> {
    if (name.trim() === "" || name.length > LONGEST_NAME) {
      throw new InvalidInputError([{ path: ["name"], detail: `must be 1 to ${LONGEST_NAME} characters` }]);
    }
    if (!ROLES.includes(role)) {
      throw new InvalidInputError([{ path: ["role"], detail: `must be ${ROLES.join(", ")}` }]);
    }
    if (mode !== null && mode !== "live" && mode !== "test") {
      throw new InvalidInputError([{ path: ["mode"], detail: "must be live or test" }]);
    }
    const id = newId("key");
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    const createdAt = this.#clock.now();
    const key = { id, name, role, tenant, mode, hash: hashOf(secret), createdAt, revokedAt: null };
    await this.#ring.add(key);
    return { key, token: `phk_${id.slice(ID_PREFIX.length)}_${secret}` };
  }

  /** Newest first, including revoked ones. */
  list(): Promise<ApiKey[]> {
    return this.#ring.list();
  }

  /** It is refused from the next request on. Undefined when there is no such key. */
  revoke(id: string): Promise<ApiKey | undefined> {
    return this.#ring.revoke(id, this.#clock.now());
  }

  /** The key with this token; undefined when there is none, or it was revoked. */
  async authenticate(token: string): Promise<ApiKey | undefined> {
    const [, id, secret] = TOKEN.exec(token) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const key = await this.#ring.find(ID_PREFIX + id);
    // The secret is fully random, so a plain hash of it is enough: guessing it is hopeless.
    const matches = key !== undefined && timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(key.hash));
    return matches && key.revokedAt === null ? key : undefined;
  }
}

function hashOf(secret: string): string {
  return hash("sha256", secret, "hex");
}
