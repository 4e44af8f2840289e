import { ConfigurationError } from "../../core/errors.ts";
import { keyFileOf } from "../../open-store.ts";
import { loadMasterKey, newMasterKey, replaceKeyFile } from "../../secrets/master-key.ts";
import { SecretBox } from "../../secrets/secret-box.ts";
import type { Store } from "../../store/store.ts";
import { reseal } from "../../webhooks/resealing/resealing.ts";
import { located, shownDatabase, withExistingStore } from "../database.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { refuseWhileWorking } from "../transfer/refuse-while-working.ts";

/**
 * Re-encrypts everything with another master key: the first of POSTHORN_MASTER_KEY, or a new one in the key file.
 * @throws ConfigurationError when there is no other key, a server runs that would not know the new one, or a secret does not open.
 */
export async function rotateMasterKey({ database, json }: GlobalOptions, io: Io): Promise<void> {
  const env = io.env.POSTHORN_MASTER_KEY || undefined;
  const resealed = await withExistingStore(database, (store) =>
    env === undefined ? withKeyFile(store, database) : withKeys(store, env),
  );
  if (json) printJson(io.stdout, { resealed });
  else io.stdout.write(`${resealed} secrets are encrypted with the new master key\n`);
}

async function withKeys(store: Store, keys: string): Promise<number> {
  if (!keys.includes(","))
    throw new ConfigurationError(
      "POSTHORN_MASTER_KEY holds one key; give the new one and, after a comma, the old one: POSTHORN_MASTER_KEY=new,old",
    );
  return resealAll(store, keys);
}

/** The file holds both keys until nothing needs the old one: whatever happens meanwhile, a server that starts opens everything. */
async function withKeyFile(store: Store, database: string): Promise<number> {
  const otherwise = "give all of them both keys in POSTHORN_MASTER_KEY: they would not know the new one";
  await refuseWhileWorking(store, shownDatabase(database), otherwise);
  const source = keyFileOf(located(database));
  const path = `${source.database}.key`;
  const kept = loadMasterKey({ env: undefined, ...source, isMade: false, isNeeded: true });
  // two keys mean that an earlier change was interrupted
  const keys = kept.includes(",") ? kept : `${newMasterKey()},${kept}`;
  if (keys !== kept) replaceKeyFile(path, keys);
  const resealed = await resealAll(store, keys);
  replaceKeyFile(path, keys.split(",")[0] ?? "");
  return resealed;
}

async function resealAll(store: Store, keys: string): Promise<number> {
  const { resealed, unopened } = await reseal(store.sealed, SecretBox.open(keys));
  if (unopened.length === 0) return resealed;
  throw new ConfigurationError(
    `${resealed} secrets were encrypted with the new master key, but some cannot be decrypted with any of these keys, and stay as they are: ` +
      `${unopened.join(", ")}; keep the old key, and run this again with the key that they were encrypted with after it`,
  );
}
