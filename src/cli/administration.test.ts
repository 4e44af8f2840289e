import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ran } from "./test-kit/recorded-io.ts";
import { temporaryFolder } from "./test-kit/temporary-folder.ts";

test("a key is printed when it is made, and never again", async (t) => {
  const env = { POSTHORN_DATABASE: join(temporaryFolder(t), "keys.db") };
  const made = await ran(["keys", "create", "--name", "backend", "--role", "send"], env);
  assert.equal(made.code, 0);
  assert.match(made.stdout, /^phk_\S+\n$/);
  const listed = await ran(["keys", "list"], env);
  assert.match(listed.stdout, /^key_\S+ +send +full +\S+ \S+Z +backend$/m);
  assert.ok(!listed.stdout.includes(made.stdout.trim()));
});

test("a key is revoked by its id", async (t) => {
  const env = { POSTHORN_DATABASE: join(temporaryFolder(t), "keys.db"), POSTHORN_JSON: "true" };
  const made = JSON.parse((await ran(["keys", "create", "--name", "a", "--role", "read"], env)).stdout);
  assert.equal((await ran(["keys", "revoke", made.key_id], env)).code, 0);
  const [key] = JSON.parse((await ran(["keys", "list"], env)).stdout).data;
  assert.equal(key.key_id, made.key_id);
  assert.match(key.revoked_at, /^\d{4}-.*Z$/);
});

test("a whole key pasted in place of its id is not printed back", async (t) => {
  const env = { POSTHORN_DATABASE: join(temporaryFolder(t), "keys.db") };
  const token = (await ran(["keys", "create", "--name", "a", "--role", "read"], env)).stdout.trim();
  const { code, stderr } = await ran(["keys", "revoke", token], env);
  assert.equal(code, 1);
  assert.match(stderr, /no key has this id/);
  assert.ok(!stderr.includes(token));
});

test("a key needs a name and one of the roles", async () => {
  assert.match((await ran(["keys", "create", "--role", "read"])).stderr, /--name/);
  assert.match((await ran(["keys", "create", "--name", "a"])).stderr, /--role/);
  assert.match(
    (await ran(["keys", "create", "--name", "a", "--role", "boss"])).stderr,
    /one of: admin, manage, send, read/,
  );
});

test("migrate says from which schema to which, and makes the database when there is none", async (t) => {
  const env = { POSTHORN_DATABASE: join(temporaryFolder(t), "new.db") };
  const first = JSON.parse((await ran(["migrate", "--json"], env)).stdout);
  assert.equal(first.from, 0);
  assert.ok(first.to > 0);
  assert.match((await ran(["migrate"], env)).stdout, /new\.db is up to date \(schema \d+\)/);
});

test("a file that is not a database of ours is left alone, and named", async (t) => {
  const database = join(temporaryFolder(t), "letter.txt");
  writeFileSync(database, "Dear reader, ".repeat(1_000));
  for (const argv of [["migrate"], ["keys", "list"], ["jobs", "list"]]) {
    const { code, stderr } = await ran([...argv, "--database", database]);
    assert.equal(code, 1);
    assert.match(stderr, /^posthorn: .*letter\.txt is not a SQLite database.*\n$/);
  }
});

test("secret prints the same secret each time, and not without the key it is kept under", async (t) => {
  const env = { POSTHORN_DATABASE: join(temporaryFolder(t), "secret.db") };
  await ran(["migrate"], env);
  const { stdout } = await ran(["secret"], env);
  assert.match(stdout, /^whsec_[A-Za-z0-9+/]+=*\n$/);
  assert.equal(JSON.parse((await ran(["secret", "--json"], env)).stdout).secret, stdout.trim());

  const otherKey = Buffer.alloc(32, 7).toString("base64");
  const refused = await ran(["secret"], { ...env, POSTHORN_MASTER_KEY: otherKey });
  assert.equal(refused.code, 1);
  assert.ok(!refused.stderr.includes(otherKey) && !refused.stderr.includes(stdout.trim()));
});
