import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { SecretBox } from "../../secrets/secret-box.ts";
import type { SecretShelf } from "../../store/shelves/secrets.ts";
import { openServerSecret } from "./server-secret.ts";

class MemoryShelf implements SecretShelf {
  readonly kept = new Map<string, string>();

  async get(name: string): Promise<string | undefined> {
    return this.kept.get(name);
  }

  async putOnce(name: string, sealed: string): Promise<string> {
    const kept = this.kept.get(name) ?? sealed;
    this.kept.set(name, kept);
    return kept;
  }
}

const newBox = () => SecretBox.open(randomBytes(32).toString("base64"));

test("the server's secret is made once, and is the same at the next start", async () => {
  const [shelf, box] = [new MemoryShelf(), newBox()];
  const secret = await openServerSecret(shelf, box);
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.equal(await openServerSecret(shelf, box), secret);
});

test("it is kept sealed", async () => {
  const shelf = new MemoryShelf();
  const secret = await openServerSecret(shelf, newBox());
  assert.equal(shelf.kept.size, 1);
  for (const sealed of shelf.kept.values()) assert.ok(!sealed.includes(secret.slice("whsec_".length)));
});

test("processes that start at once get the same one", async () => {
  const [shelf, box] = [new MemoryShelf(), newBox()];
  const secrets = await Promise.all(Array.from({ length: 5 }, () => openServerSecret(shelf, box)));
  assert.equal(new Set(secrets).size, 1);
});

test("a start with another master key fails, and does not replace the secret", async () => {
  const [shelf, box] = [new MemoryShelf(), newBox()];
  const secret = await openServerSecret(shelf, box);
  await assert.rejects(openServerSecret(shelf, newBox()), /cannot be decrypted with this master key/);
  assert.equal(await openServerSecret(shelf, box), secret);
});
