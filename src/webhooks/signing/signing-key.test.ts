import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { InvalidInputError } from "../../core/errors.ts";
import { newSecret, parseSigningKey } from "./signing-key.ts";
import { SigningKeyCache } from "./signing-key-cache.ts";

function problemOf(secret: string): string {
  try {
    parseSigningKey(secret);
  } catch (error) {
    assert.ok(error instanceof InvalidInputError);
    assert.deepEqual(
      error.problems.map(({ path }) => path),
      [["secret"]],
    );
    return error.message;
  }
  assert.fail("it was taken");
}

function base64Of(length: number): string {
  return randomBytes(length).toString("base64");
}

test("a new secret is a whsec_ of 32 bytes, another each time", () => {
  assert.match(newSecret(), /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.notEqual(newSecret(), newSecret());
  assert.equal(parseSigningKey(newSecret()).version, "v1");
});

test("a whsec_ secret has 24 to 64 bytes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), (length) => {
      const secret = `whsec_${base64Of(length)}`;
      if (length >= 24 && length <= 64)
        assert.deepEqual(parseSigningKey(secret), { version: "v1", secret: secret.slice("whsec_".length) });
      else assert.match(problemOf(secret), new RegExp(`24 to 64 bytes; it holds ${length}$`));
    }),
  );
});

test("text that is not a secret is refused, and none of it repeated", () => {
  const inside = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const cases: [string, RegExp][] = [
    ["", /must begin with whsec_/],
    [inside, /must begin with whsec_/],
    [`WHSEC_${inside}`, /must begin with whsec_/],
    [`whpk_${inside}`, /public half and cannot sign/],
    [`whsec_${inside}\n`, /base64 with its padding/],
    [`whsec_ ${inside}`, /base64 with its padding/],
    [`whsec_${inside}-_`, /base64 with its padding/],
    [`whsec_${"A".repeat(43)}`, /base64 with its padding/],
    [`whsec_${"/".repeat(43)}=`, /base64 with its padding/], // bits beyond the last byte
    [`whsk_${inside}`, /64 bytes.*it holds 24/],
    [`whsk_${base64Of(64)}`, /halves of the whsk_ key do not belong together/],
  ];
  for (const [secret, expected] of cases) {
    const message = problemOf(secret);
    assert.match(message, expected);
    assert.doesNotMatch(message, /MfKQ9r8GKYqr/);
  }
});

test("a whsk_ key whose public half is another key's is refused", () => {
  const [one, other] = [generateKeyPairSync("ed25519"), generateKeyPairSync("ed25519")];
  const { d = "" } = one.privateKey.export({ format: "jwk" });
  const { x = "" } = other.publicKey.export({ format: "jwk" });
  const mixed = Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]).toString("base64");
  assert.match(problemOf(`whsk_${mixed}`), /do not belong together/);
});

test("the cache gives the same key for the same secret, and never grows past its capacity", () => {
  const cache = new SigningKeyCache(3);
  const first = newSecret();
  const key = cache.keyOf(first);
  assert.equal(cache.keyOf(first), key);
  for (let n = 0; n < 10; n++) cache.keyOf(newSecret());
  assert.equal(cache.size, 3);
  assert.notEqual(cache.keyOf(first), key);
  assert.deepEqual(cache.keyOf(first), key);
});

test("a malformed secret is not remembered", () => {
  const cache = new SigningKeyCache();
  assert.throws(() => cache.keyOf("whsec_"), InvalidInputError);
  assert.equal(cache.size, 0);
});
