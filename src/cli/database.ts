import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ConfigurationError } from "../core/errors.ts";
import type { Store } from "../store/store.ts";

/** Lends the store to `work` and closes it afterwards. Makes the file when there is none. */
export async function withStore<Result>(
  database: string,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const { openSqliteStore } = await import("../store/sqlite/sqlite-store.ts");
  const store = await openSqliteStore({ file: resolve(database) });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/**
 * As `withStore`, but a file that is not there is a mistyped path, not a wish for a new one.
 * @throws ConfigurationError
 */
export async function withExistingStore<Result>(
  database: string,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(database)) {
    throw new ConfigurationError(
      `there is no database at ${resolve(database)}; name it with --database (POSTHORN_DATABASE), or start the server, which makes one`,
    );
  }
  return withStore(database, work);
}

/** The secret that the server with this database signs with. */
export function signingSecretOf(database: string, masterKey: string | undefined): Promise<string> {
  return withExistingStore(database, async (store) => {
    const { SecretBox } = await import("../webhooks/secret-box.ts");
    const { loadMasterKey } = await import("../webhooks/master-key.ts");
    const { hasServerSecret, openServerSecret } = await import("../webhooks/server-secret.ts");
    const source = { env: masterKey || undefined, database: resolve(database) };
    const box = SecretBox.open(loadMasterKey({ ...source, isNeeded: await hasServerSecret(store) }));
    return openServerSecret(store, box);
  });
}
