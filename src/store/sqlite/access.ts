import type { ApiKey, KeyRing, Role } from "../key-ring.ts";
import type { SecretShelf } from "../secret-shelf.ts";
import type { Database, Statement } from "./driver/database.ts";

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly hash: string;
  readonly created_at: number;
  readonly revoked_at: number | null;
}

const COLUMNS = "id, name, role, hash, created_at, revoked_at";

/** API keys. */
export class Keys implements KeyRing {
  readonly #db: Database;
  readonly #add: Statement;
  readonly #find: Statement<KeyRow>;
  readonly #list: Statement<KeyRow>;
  readonly #revoke: Statement<KeyRow>;

  constructor(db: Database) {
    this.#db = db;
    this.#add = db.prepare(`insert into api_keys (${COLUMNS}) values (?, ?, ?, ?, ?, ?)`);
    this.#find = db.prepare(`select ${COLUMNS} from api_keys where id = ?`);
    this.#list = db.prepare(`select ${COLUMNS} from api_keys order by id desc`);
    this.#revoke = db.prepare(`
      update api_keys set revoked_at = coalesce(revoked_at, ?) where id = ? returning ${COLUMNS}`);
  }

  async add({ id, name, role, hash, createdAt, revokedAt }: ApiKey): Promise<void> {
    await this.#db.write(() => this.#add.run(id, name, role, hash, createdAt, revokedAt));
  }

  find(id: string): Promise<ApiKey | undefined> {
    return this.#db.read(() => toKey(this.#find.get(id)));
  }

  list(): Promise<ApiKey[]> {
    return this.#db.read(() => this.#list.all().flatMap((row) => toKey(row) ?? []));
  }

  revoke(id: string, now: number): Promise<ApiKey | undefined> {
    return this.#db.write(() => toKey(this.#revoke.get(now, id)));
  }
}

/** Sealed secrets. */
export class Secrets implements SecretShelf {
  readonly #db: Database;
  readonly #get: Statement<{ sealed: string }>;
  readonly #put: Statement;

  constructor(db: Database) {
    this.#db = db;
    this.#get = db.prepare("select sealed from secrets where name = ?");
    this.#put = db.prepare("insert into secrets (name, sealed) values (?, ?) on conflict do nothing");
  }

  get(name: string): Promise<string | undefined> {
    return this.#db.read(() => this.#get.get(name)?.sealed);
  }

  putOnce(name: string, sealed: string): Promise<string> {
    return this.#db.write(() => {
      this.#put.run(name, sealed);
      return this.#get.get(name)?.sealed ?? sealed;
    });
  }
}

function toKey(row: KeyRow | undefined): ApiKey | undefined {
  if (!row) return undefined;
  const { created_at: createdAt, revoked_at: revokedAt, ...same } = row;
  return { ...same, createdAt, revokedAt };
}
