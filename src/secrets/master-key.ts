import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { ConfigurationError, isError, messageOf } from "../core/errors.ts";

const KEY_BYTES = 32;
const HOW_TO_MAKE_ONE = "make one with: openssl rand -base64 32";

export interface MasterKeySource {
  /** The value of POSTHORN_MASTER_KEY. */
  readonly env: string | undefined;
  /** Path of the database file. For `:memory:` a new key is made and kept nowhere, like the secrets. */
  readonly database: string;
  /** The database holds secrets: a new key could not open them. Default false. */
  readonly isNeeded?: boolean;
  /** A key file that is not there is made. Default true; otherwise a person is asked for a key. */
  readonly isMade?: boolean;
}

/**
 * The key that seals secrets at rest, as base64 of 32 bytes, or several with commas between, of which the first seals and all
 * open (see `SecretBox`): the environment's, or else that of the file `<database>.key`, which is made if it does not exist and may be. Processes that start at the same time end up with the same file.
 * @throws ConfigurationError when the key is malformed, or its file cannot be read, made, or is open to other users.
 */
export function loadMasterKey(source: MasterKeySource): string {
  const { env, database, isNeeded = false, isMade = true } = source;
  if (env !== undefined) return checked(env, "POSTHORN_MASTER_KEY");
  if (database === ":memory:") return newMasterKey();
  const path = `${database}.key`;
  try {
    const kept = readKeyFile(path);
    if (kept === undefined && isNeeded) {
      throw new ConfigurationError(
        `the key file ${path} is missing, and the database holds secrets encrypted with its key; ` +
          "put it back, or set POSTHORN_MASTER_KEY to the key",
      );
    }
    if (kept === undefined && !isMade) {
      throw new ConfigurationError(
        "there is no master key to encrypt the database's secrets with. Create one, keep it safe, and give it to every process " +
          `that uses this database:\n\n  export POSTHORN_MASTER_KEY=$(openssl rand -base64 32)\n\nor in a file, ${path}, for its owner alone`,
      );
    }
    return kept ?? makeKeyFile(path);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError(
      `the key file ${path} cannot be used (${messageOf(error)}); fix that, or set POSTHORN_MASTER_KEY instead`,
      { cause: error },
    );
  }
}

/**
 * The bytes of a master key, and of those that follow it.
 * @param source names where they came from in the error, which never repeats a key.
 * @throws ConfigurationError
 */
export function decodeMasterKeys(text: string, source: string): readonly [Buffer, ...Buffer[]] {
  const [first = "", ...others] = text.split(",");
  return [
    decodeMasterKey(first.trim(), source),
    ...others.map((each) => decodeMasterKey(each.trim(), source)),
  ];
}

/** Puts another list of keys into a key file; whatever happens meanwhile, it holds the old one or the new one. */
export function replaceKeyFile(path: string, masterKey: string): void {
  decodeMasterKeys(masterKey, `the key for ${path}`);
  const draft = writeDraft(path, masterKey);
  renameSync(draft, path);
  syncFolder(dirname(path));
}

function decodeMasterKey(text: string, source: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length === KEY_BYTES && bytes.toString("base64") === text) return bytes;
  throw new ConfigurationError(`${source} must be ${KEY_BYTES} bytes in base64; ${HOW_TO_MAKE_ONE}`);
}

export function newMasterKey(): string {
  return randomBytes(KEY_BYTES).toString("base64");
}

function checked(text: string, source: string): string {
  const key = text.trim();
  decodeMasterKeys(key, source);
  return key;
}

function readKeyFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | NO_WAIT);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    refuseSpecial(file, path);
    refuseLooseMode(file, path); // of the open file, not of whatever the path names by now
    return checked(readFileSync(file, "utf8"), `the key in ${path}`);
  } finally {
    closeSync(file);
  }
}

/** A pipe that nobody writes to would hold up the start. Windows has none of those. */
const NO_WAIT = constants.O_NONBLOCK ?? 0;

function refuseSpecial(file: number, path: string): void {
  if (!fstatSync(file).isFile()) throw new ConfigurationError(`the key file ${path} is not a regular file`);
}

function refuseLooseMode(file: number, path: string): void {
  if (process.platform === "win32") return; // has no such modes
  const mode = fstatSync(file).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  throw new ConfigurationError(
    `the key file ${path} is open to other users (mode ${mode.toString(8)}); run: chmod 600 ${path}`,
  );
}

/**
 * Written aside and synced first, then linked to its name: a link fails when the name is taken, so of several processes
 * one wins, and none can read a file half written or lose to a power cut the key that the database's secrets need.
 */
function makeKeyFile(path: string): string {
  const draft = writeDraft(path, newMasterKey());
  try {
    linkUnlessTaken(draft, path);
    syncFolder(dirname(path));
  } finally {
    removeIfThere(draft);
  }
  const key = readKeyFile(path);
  if (key === undefined)
    throw new ConfigurationError(`the key file ${path} was removed while it was being created`);
  return key;
}

function writeDraft(path: string, masterKey: string): string {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const file = openSync(draft, "wx", 0o600);
  try {
    writeFileSync(file, `${masterKey}\n`);
    fsyncSync(file);
  } catch (error) {
    removeIfThere(draft);
    throw error;
  } finally {
    closeSync(file);
  }
  return draft;
}

function linkUnlessTaken(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

function syncFolder(path: string): void {
  if (process.platform === "win32") return; // cannot open a folder
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

function codeOf(error: unknown): unknown {
  return isError(error) && "code" in error ? error.code : undefined;
}
