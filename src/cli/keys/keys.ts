import { Keys, type Payloads, payloadsOf } from "../../access/keys.ts";
import { BY_COMMAND_LINE } from "../../core/actor.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { Audit } from "../../engine/audit/audit.ts";
import { rfc3339, rfc3339OrNull } from "../../http/answer/rfc3339.ts";
import type { ApiKey, Role } from "../../store/shelves/api-keys.ts";
import type { Store } from "../../store/store.ts";
import { withExistingStore, withStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { printTable, shownTime } from "../terminal/table.ts";

const BY = { actor: BY_COMMAND_LINE };

export interface CreateKeyOptions extends GlobalOptions {
  readonly name: string;
  readonly role: Role;
  /** A tenant's uid or id. */
  readonly tenant?: string;
  readonly mode?: "live" | "test";
  readonly payloads?: Payloads;
  /** In milliseconds. */
  readonly expiresIn?: number;
}

/** Makes an API key and prints it, this once. */
export async function createKey(options: CreateKeyOptions, io: Io): Promise<void> {
  const { key, token } = await withStore(options.database, async (store) => {
    const { name, role, mode = null, payloads = null, expiresIn } = options;
    const expiresAt = expiresIn === undefined ? null : store.clock.now() + expiresIn;
    const tenant = options.tenant === undefined ? null : await tenantOf(options.tenant, store);
    return keysOf(store).create({ name, role, tenant, mode, payloads, expiresAt }, BY);
  });
  if (options.json) {
    printJson(io.stdout, { ...view(key), token });
    return;
  }
  io.stdout.write(`${token}\n`);
  io.stderr.write(
    `Created the key ${key.id} (role ${key.role}). The line above is the only time it is shown; only its hash is kept.\n` +
      "Send it as: authorization: Bearer <key>\n",
  );
}

export async function listKeys(options: GlobalOptions, io: Io): Promise<void> {
  const keys = await withExistingStore(options.database, (store) => store.keys.list());
  if (options.json) {
    printJson(io.stdout, { data: keys.map(view) });
    return;
  }
  const rows = keys.map((key) => [
    key.id,
    [key.role, key.tenant, key.mode].filter((each) => each !== null).join(" "),
    payloadsOf(key),
    shownTime(key.createdAt),
    shownTime(key.lastUsedAt),
    shownTime(key.expiresAt),
    shownTime(key.revokedAt),
    key.name,
  ]);
  printTable(
    io.stdout,
    ["KEY", "ROLE", "PAYLOADS", "CREATED", "LAST USED", "EXPIRES", "REVOKED", "NAME"],
    rows,
  );
}

/** A running server refuses the key from its next request on. */
export async function revokeKey(id: string, options: GlobalOptions, io: Io): Promise<void> {
  const key = await withExistingStore(options.database, async (store) => keysOf(store).revoke(id, BY));
  if (!key) {
    // someone may paste a whole key here, which must not be printed back
    throw new ConfigurationError(
      "no key has this id; `posthorn keys list` shows the ids, which begin with key_",
    );
  }
  if (options.json) printJson(io.stdout, view(key));
  else io.stdout.write(`key ${key.id} (${key.name}) is revoked\n`);
}

async function tenantOf(name: string, store: Store): Promise<string> {
  const tenant = await store.tenants.get(name);
  if (tenant) return tenant.id;
  throw new ConfigurationError(`--tenant: there is no tenant ${JSON.stringify(name)}; create it first`);
}

function keysOf(store: Store): Keys {
  const audit = new Audit({ shelf: store.audit, clock: store.clock });
  return new Keys(store.keys, store.clock, audit);
}

function view(key: ApiKey) {
  const { id, name, role, tenant, mode, createdAt, expiresAt, revokedAt, lastUsedAt } = key;
  return {
    key_id: id,
    name,
    role,
    ...(tenant !== null && { tenant }),
    ...(mode !== null && { mode }),
    payloads: payloadsOf(key),
    created_at: rfc3339(createdAt),
    expires_at: rfc3339OrNull(expiresAt),
    revoked_at: rfc3339OrNull(revokedAt),
    last_used_at: rfc3339OrNull(lastUsedAt),
  };
}
