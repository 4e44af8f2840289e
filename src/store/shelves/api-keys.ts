import { name, nullable, oneOf, text, time } from "./tables/column.ts";
import { audited, type Call, type Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

export interface KeyRing {
  add(key: ApiKey, audit?: Call<unknown>): Promise<void>;
  find(id: string): Promise<ApiKey | undefined>;
  /** Newest first. */
  list(): Promise<ApiKey[]>;
  /** Records that a key was used, unless a use after `before` is recorded already. */
  used(id: string, now: number, before: number): Promise<void>;
  /** Undefined when there is no such key; a key that was revoked before keeps its first date. */
  revoke(id: string, now: number, audit?: Call<unknown>): Promise<ApiKey | undefined>;
}

/** API keys as they are kept: never the key, only its hash. */
export const API_KEYS = new Table("api_keys", ["id"], {
  id: name,
  name: text,
  role: oneOf("admin", "manage", "send", "read"),
  /** SHA-256 of the secret part, hex. */
  hash: text,
  created_at: time,
  revoked_at: nullable(time),
  /** The id of the tenant it is bound to, if any. */
  tenant: nullable(name),
  /** The mode of the tenants that it is for. */
  mode: nullable(oneOf("live", "test")),
  /** How much it shows of what was sent and answered; null: as its role has it. */
  payloads: nullable(oneOf("none", "redacted", "full")),
  /** From then on it is refused. */
  expires_at: nullable(time),
  last_used_at: nullable(time),
});

export type ApiKey = FieldsOf<typeof API_KEYS>;
export type Role = ApiKey["role"];

const ADD = API_KEYS.statement(`
  ${API_KEYS.insertion}
  returning ${API_KEYS.fields}`);

const FIND = API_KEYS.statement(`select ${API_KEYS.fields} from posthorn.api_keys where id = ?`);

const LIST = API_KEYS.statement(`select ${API_KEYS.fields} from posthorn.api_keys order by id desc`);

const USED = API_KEYS.statement(`
  update posthorn.api_keys
  set last_used_at = ?
  where id = ? and coalesce(last_used_at, 0) <= ?`);

const REVOKE = API_KEYS.statement(`
  update posthorn.api_keys
  set revoked_at = coalesce(revoked_at, ?)
  where id = ?
  returning ${API_KEYS.fields}`);

export class ApiKeys implements KeyRing {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async add(key: ApiKey, audit?: Call<unknown>): Promise<void> {
    await this.#session.write(audited(ADD.with(...API_KEYS.valuesOf(key)), audit));
  }

  async find(id: string): Promise<ApiKey | undefined> {
    const [key] = await this.#session.read(FIND.with(id));
    return key;
  }

  list(): Promise<ApiKey[]> {
    return this.#session.read(LIST.with());
  }

  async used(id: string, now: number, before: number): Promise<void> {
    await this.#session.write(USED.with(now, id, before));
  }

  async revoke(id: string, now: number, audit?: Call<unknown>): Promise<ApiKey | undefined> {
    const [[key]] = await this.#session.write(audited(REVOKE.with(now, id), audit));
    return key;
  }
}
