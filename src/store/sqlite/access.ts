import type { ApiKey, Role } from "../key-ring.ts";
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

/** API keys and sealed secrets. */
export class Access {
  readonly #addKey: Statement;
  readonly #findKey: Statement<KeyRow>;
  readonly #listKeys: Statement<KeyRow>;
  readonly #revokeKey: Statement<KeyRow>;
  readonly #getSecret: Statement<{ sealed: string }>;
  readonly #putSecret: Statement;

  constructor(db: Database) {
    this.#addKey = db.prepare(`insert into api_keys (${COLUMNS}) values (?, ?, ?, ?, ?, ?)`);
    this.#findKey = db.prepare(`select ${COLUMNS} from api_keys where id = ?`);
    this.#listKeys = db.prepare(`select ${COLUMNS} from api_keys order by id desc`);
    this.#revokeKey = db.prepare(`
      update api_keys set revoked_at = coalesce(revoked_at, ?) where id = ? returning ${COLUMNS}`);
    this.#getSecret = db.prepare("select sealed from secrets where name = ?");
    this.#putSecret = db.prepare("insert into secrets (name, sealed) values (?, ?) on conflict do nothing");
  }

  addKey({ id, name, role, hash, createdAt, revokedAt }: ApiKey): void {
    this.#addKey.run(id, name, role, hash, createdAt, revokedAt);
  }

  findKey(id: string): ApiKey | undefined {
    return toKey(this.#findKey.get(id));
  }

  listKeys(): ApiKey[] {
    return this.#listKeys.all().flatMap((row) => toKey(row) ?? []);
  }

  revokeKey(id: string, now: number): ApiKey | undefined {
    return toKey(this.#revokeKey.get(now, id));
  }

  getSecret(name: string): string | undefined {
    return this.#getSecret.get(name)?.sealed;
  }

  putSecretOnce(name: string, sealed: string): string {
    this.#putSecret.run(name, sealed);
    return this.getSecret(name) ?? sealed;
  }
}

function toKey(row: KeyRow | undefined): ApiKey | undefined {
  if (!row) return undefined;
  const { created_at: createdAt, revoked_at: revokedAt, ...same } = row;
  return { ...same, createdAt, revokedAt };
}
