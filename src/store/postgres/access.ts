import type { ApiKey, KeyRing, Role } from "../key-ring.ts";
import type { SecretShelf } from "../secret-shelf.ts";
import type { Database } from "./driver/database.ts";
import { statement } from "./driver/statement.ts";

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly hash: string;
  readonly created_at: number;
  readonly revoked_at: number | null;
}

const COLUMNS = "id, name, role, hash, created_at, revoked_at";

const ADD = statement(
  `insert into posthorn.api_keys (${COLUMNS}) values ($1, $2, $3, $4, $5::bigint, $6::bigint)`,
);
const FIND = statement<KeyRow>(`select ${COLUMNS} from posthorn.api_keys where id = $1`);
const LIST = statement<KeyRow>(`select ${COLUMNS} from posthorn.api_keys order by id desc`);
const REVOKE = statement<KeyRow>(`
  update posthorn.api_keys
  set revoked_at = coalesce(revoked_at, $2::bigint)
  where id = $1
  returning ${COLUMNS}`);

const GET_SECRET = statement<{ sealed: string }>("select sealed from posthorn.secrets where name = $1");
const PUT_SECRET = statement(
  "insert into posthorn.secrets (name, sealed) values ($1, $2) on conflict (name) do nothing",
);

/** API keys. */
export class Keys implements KeyRing {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async add({ id, name, role, hash, createdAt, revokedAt }: ApiKey): Promise<void> {
    await this.#db.run(ADD, id, name, role, hash, createdAt, revokedAt);
  }

  async find(id: string): Promise<ApiKey | undefined> {
    return (await this.#db.run(FIND, id)).map(toKey)[0];
  }

  async list(): Promise<ApiKey[]> {
    return (await this.#db.run(LIST)).map(toKey);
  }

  async revoke(id: string, now: number): Promise<ApiKey | undefined> {
    return (await this.#db.run(REVOKE, id, now)).map(toKey)[0];
  }
}

/** Sealed secrets. */
export class Secrets implements SecretShelf {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async get(name: string): Promise<string | undefined> {
    return (await this.#db.run(GET_SECRET, name))[0]?.sealed;
  }

  async putOnce(name: string, sealed: string): Promise<string> {
    await this.#db.run(PUT_SECRET, name, sealed);
    return (await this.get(name)) ?? sealed;
  }
}

function toKey({ created_at, revoked_at, ...same }: KeyRow): ApiKey {
  return { ...same, createdAt: created_at, revokedAt: revoked_at };
}
