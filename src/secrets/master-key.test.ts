import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "../core/errors.ts";
import { loadMasterKey } from "./master-key.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");
const POSIX = process.platform !== "win32";

test("a missing key is asked for, not made again, when secrets were sealed with it", (context) => {
  const database = join(newFolder(context), "p.db");
  const isMissing = (error: unknown) =>
    error instanceof ConfigurationError &&
    /p\.db\.key is missing, and the database holds/.test(error.message);
  assert.throws(() => loadMasterKey({ env: undefined, database, isNeeded: true }), isMissing);
  assert.ok(!existsSync(`${database}.key`));
});

function newFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-key-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("the environment's key is taken, and no file is made", (context) => {
  const folder = newFolder(context);
  assert.equal(loadMasterKey({ env: `${KEY}\n`, database: join(folder, "a.db") }), KEY);
  assert.deepEqual(readdirSync(folder), []);
});

test("where none is made, a person is asked for one, with the command; a key file that is there is read", (context) => {
  const folder = newFolder(context);
  const source = { env: undefined, database: join(folder, "posthorn"), isMade: false };
  assert.throws(
    () => loadMasterKey(source),
    (error) =>
      error instanceof ConfigurationError &&
      /export POSTHORN_MASTER_KEY=\$\(openssl rand -base64 32\)/.test(error.message),
  );
  assert.deepEqual(readdirSync(folder), []);
  writeFileSync(join(folder, "posthorn.key"), KEY, { mode: 0o600 });
  assert.equal(loadMasterKey(source), KEY);
});

test("a malformed key in the environment is refused, with how to make one, and without repeating it", (context) => {
  const folder = newFolder(context);
  for (const env of ["", " ", "hunter2", KEY.slice(1), KEY.slice(0, -1), KEY + KEY, "7".repeat(64)]) {
    assert.throws(
      () => loadMasterKey({ env, database: join(folder, "a.db") }),
      (error) =>
        error instanceof ConfigurationError &&
        /^POSTHORN_MASTER_KEY must be 32 bytes in base64; make one with: openssl rand -base64 32$/.test(
          error.message,
        ),
    );
  }
  assert.deepEqual(readdirSync(folder), []);
});

test("without a key, a key file is made next to the database, for its owner alone, and read from then on", (context) => {
  const folder = newFolder(context);
  const database = join(folder, "a.db");
  const key = loadMasterKey({ env: undefined, database });
  assert.deepEqual(readdirSync(folder), ["a.db.key"]);
  assert.equal(readFileSync(`${database}.key`, "utf8"), `${key}\n`);
  if (POSIX) assert.equal(statSync(`${database}.key`).mode & 0o777, 0o600);
  assert.equal(loadMasterKey({ env: undefined, database }), key);
});

test("a database in memory gets a new key each time, and no file", () => {
  const keys = [1, 2].map(() => loadMasterKey({ env: undefined, database: ":memory:" }));
  assert.notEqual(keys[0], keys[1]);
  assert.ok(!existsSync(":memory:.key"));
});

test("a key file that others can open is refused, with the command that fixes it", {
  skip: !POSIX,
}, (context) => {
  const database = join(newFolder(context), "a.db");
  writeFileSync(`${database}.key`, KEY);
  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    chmodSync(`${database}.key`, mode);
    assert.throws(() => loadMasterKey({ env: undefined, database }), {
      name: "ConfigurationError",
      message: `the key file ${database}.key is open to other users (mode ${mode.toString(8)}); run: chmod 600 ${database}.key`,
    });
  }
  chmodSync(`${database}.key`, 0o400);
  assert.equal(loadMasterKey({ env: undefined, database }), KEY);
});

test("a key file that holds no key is refused, not replaced", (context) => {
  const database = join(newFolder(context), "a.db");
  writeFileSync(`${database}.key`, "", { mode: 0o600 });
  assert.throws(
    () => loadMasterKey({ env: undefined, database }),
    /the key in .*a\.db\.key must be 32 bytes/,
  );
  assert.equal(readFileSync(`${database}.key`, "utf8"), "");
});

test("when no key file can be made, the error names it and the other way", (context) => {
  const database = join(newFolder(context), "missing", "a.db");
  assert.throws(() => loadMasterKey({ env: undefined, database }), {
    name: "ConfigurationError",
    message: /the key file .*a\.db\.key cannot be used \(ENOENT.*set POSTHORN_MASTER_KEY instead/,
  });
});

test("processes that start at once end with one key, and leave nothing else behind", async (context) => {
  const folder = newFolder(context);
  const database = join(folder, "a.db");
  const module = pathToFileURL(join(import.meta.dirname, "master-key.ts")).href;
  const script = `
    const { loadMasterKey } = await import(${JSON.stringify(module)});
    process.stdout.write("ready\\n");
    await new Promise((go) => process.stdin.once("data", go));
    process.stdout.write(loadMasterKey({ env: undefined, database: ${JSON.stringify(database)} }));
    process.exit();`;
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  await Promise.all(children.map(({ stdout }) => once(stdout, "readable")));
  for (const { stdin } of children) stdin.write("go");
  const answers = await Promise.all(children.map(({ stdout }) => text(stdout)));
  const kept = readFileSync(`${database}.key`, "utf8").trim();
  assert.deepEqual(new Set(answers), new Set([`ready\n${kept}`]));
  assert.deepEqual(readdirSync(folder), ["a.db.key"]);
});

test("a key file that is a pipe or a folder is refused, not waited for", { skip: !POSIX }, (context) => {
  const folder = newFolder(context);
  execFileSync("mkfifo", ["-m", "600", join(folder, "a.db.key")]);
  mkdirSync(join(folder, "b.db.key"), { mode: 0o700 });
  for (const name of ["a.db", "b.db"]) {
    assert.throws(
      () => loadMasterKey({ env: undefined, database: join(folder, name) }),
      (error) => error instanceof ConfigurationError && /is not a regular file/.test(error.message),
    );
  }
});
