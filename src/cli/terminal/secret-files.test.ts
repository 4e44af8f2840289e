import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ran } from "../test-kit/recorded-io.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";
import { withSecretFiles } from "./secret-files.ts";

test("the master key may stand in a file of its own", (t) => {
  const file = join(temporaryFolder(t), "master-key");
  writeFileSync(file, "c2VjcmV0\n");
  const env = { POSTHORN_MASTER_KEY_FILE: file, POSTHORN_PORT: "1" };
  assert.deepEqual(withSecretFiles(env), { ...env, POSTHORN_MASTER_KEY: "c2VjcmV0" });
  assert.deepEqual(withSecretFiles({ POSTHORN_MASTER_KEY: "a" }), { POSTHORN_MASTER_KEY: "a" });
  assert.throws(() => withSecretFiles({ ...env, POSTHORN_MASTER_KEY: "a" }), /are both set/);
  writeFileSync(file, "\n");
  assert.throws(() => withSecretFiles(env), /is empty/);
});

test("a command says that the file of the master key is missing", async (t) => {
  const file = join(temporaryFolder(t), "none");
  const { code, stderr } = await ran(["keys", "list"], { POSTHORN_MASTER_KEY_FILE: file });
  assert.equal(code, 1);
  assert.match(stderr, /POSTHORN_MASTER_KEY_FILE cannot be read \(ENOENT/);
});
