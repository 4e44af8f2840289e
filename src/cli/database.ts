import { statSync } from "node:fs";
import { resolve } from "node:path";
import { ConfigurationError } from "../core/errors.ts";
import { StoredJobs } from "../engine/stored-jobs.ts";
import { databaseName, isPostgres, keyFileOf, openStore } from "../open-store.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import type { Store } from "../store/store.ts";

/** The database that a command was given, independent of the folder: an absolute path, or the connection string unchanged. */
export function located(database: string): string {
  return isPostgres(database) ? database : resolve(database);
}

/** As shown to people: without a password. */
export function shownDatabase(database: string): string {
  return databaseName(located(database));
}

/** Lends the store to `work` and closes it afterwards. Makes the file, or the schema, if it does not exist. */
export async function withStore<Result>(
  database: string,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const store = await openStore(located(database));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/**
 * Like `withStore`, but takes a missing file for a mistyped path, not for a wish to have a new one.
 * @throws ConfigurationError
 */
export async function withExistingStore<Result>(
  database: string,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  refuseMissing(database);
  return withStore(database, work);
}

/**
 * An empty file is what a copy leaves that found no space: filling it would make it look like a database that lost nothing.
 * @throws ConfigurationError when there is no such file, or nothing in it.
 */
export function refuseMissing(database: string): void {
  if (isPostgres(database)) return;
  const found = statSync(database, { throwIfNoEntry: false });
  if (found === undefined)
    throw new ConfigurationError(
      `there is no database at ${resolve(database)}; name it with --database (POSTHORN_DATABASE), or start the server, which creates one`,
    );
  if (found.size === 0)
    throw new ConfigurationError(
      `${resolve(database)} is empty; if it was restored from a backup, copy that again, otherwise start the server, which makes a database of it`,
    );
}

/** Like `withExistingStore`, for the jobs in it. */
export function withJobs<Result>(
  database: string,
  work: (jobs: StoredJobs) => Promise<Result>,
): Promise<Result> {
  return withExistingStore(database, (store) => work(new StoredJobs(store, store.clock)));
}

/** Makes the key file of a database that needs one and has none, for somebody who tries things on this machine. */
export async function makeKeyFile(database: string, masterKey: string | undefined): Promise<void> {
  const { loadMasterKey } = await import("../secrets/master-key.ts");
  const { hasServerSecret } = await import("../webhooks/signing/server-secret.ts");
  const isNeeded = await withStore(database, (store) => hasServerSecret(store.secrets));
  loadMasterKey({ env: masterKey || undefined, ...keyFileOf(located(database)), isMade: true, isNeeded });
}

/** The secret that the server with this database signs with. */
export function signingSecretOf(database: string, masterKey: string | undefined): Promise<string> {
  return withExistingStore(database, async (store) => {
    const { hasServerSecret, openServerSecret } = await import("../webhooks/signing/server-secret.ts");
    const box = await boxOf(database, masterKey, await hasServerSecret(store.secrets));
    return openServerSecret(store.secrets, box);
  });
}

/** How many of its newest endpoints a tenant's secrets are looked for in, and in how many tenants. */
const MOST_LOOKED_AT = 100;

/** What verifies all that the server with this database signs: its own secret, and those of its endpoints. */
export function verifyingSecretsOf(database: string, masterKey: string | undefined): Promise<string[]> {
  return withExistingStore(database, async (store) => {
    const { hasServerSecret, openServerSecret } = await import("../webhooks/signing/server-secret.ts");
    const { EndpointSecrets } = await import("../webhooks/endpoints/endpoint-secrets.ts");
    const { publicKeyOf } = await import("../webhooks/signing/signing-key.ts");
    const box = await boxOf(database, masterKey, await hasServerSecret(store.secrets));
    const secrets = [await openServerSecret(store.secrets, box)];
    const sealed = new EndpointSecrets(box);
    const page = { limit: MOST_LOOKED_AT, order: "descending" } as const;
    for (const { id: tenant } of (await store.tenants.list(page)).rows)
      for (const { id, secrets: kept } of (await store.endpoints.list(tenant, page)).rows)
        secrets.push(...sealed.open(id, kept).map(({ key }) => publicKeyOf(key) ?? key));
    return secrets;
  });
}

/**
 * What opens the secrets of a database.
 * @param isNeeded whether the database holds any: then no new key will do.
 * @throws ConfigurationError when there is no usable key.
 */
export async function boxOf(
  database: string,
  masterKey: string | undefined,
  isNeeded: boolean,
): Promise<SecretBox> {
  const { SecretBox } = await import("../secrets/secret-box.ts");
  const { loadMasterKey } = await import("../secrets/master-key.ts");
  return SecretBox.open(
    loadMasterKey({ env: masterKey || undefined, ...keyFileOf(located(database)), isNeeded }),
  );
}
