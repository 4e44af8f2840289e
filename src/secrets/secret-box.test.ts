import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { ConfigurationError } from "../core/errors.ts";
import { SecretBox } from "./secret-box.ts";

const newBox = () => SecretBox.open(randomBytes(32).toString("base64"));

test("what was sealed opens again, whatever it was", () => {
  const box = newBox();
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (plain, context) => {
      assert.equal(box.unseal(box.seal(plain, context), context), plain);
    }),
  );
});

test("the same secret is sealed differently each time, and cannot be seen in it", () => {
  const box = newBox();
  const [one, other] = [box.seal("whsec_abc", "job_1"), box.seal("whsec_abc", "job_1")];
  assert.notEqual(one, other);
  assert.match(one, /^v1\.[\w-]+$/);
  assert.doesNotMatch(Buffer.from(one.slice(3), "base64url").toString("latin1"), /whsec/);
});

test("another master key does not open it, and the error says what to start with", () => {
  const sealed = newBox().seal("whsec_abc", "job_1");
  assert.throws(() => newBox().unseal(sealed, "job_1"), {
    name: "ConfigurationError",
    message: /cannot be decrypted with this master key; start with the POSTHORN_MASTER_KEY/,
  });
});

test("a sealed secret moved to another context does not open", () => {
  const box = newBox();
  assert.throws(() => box.unseal(box.seal("whsec_abc", "job_1"), "job_2"), ConfigurationError);
});

test("no bit of a sealed secret can be changed", () => {
  const box = newBox();
  const sealed = box.seal("whsec_abc", "job_1");
  const bytes = Buffer.from(sealed.slice(3), "base64url");
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
      const changed = Buffer.from(bytes);
      changed[at] = bytes.readUInt8(at) ^ (1 << bit);
      assert.throws(() => box.unseal(`v1.${changed.toString("base64url")}`, "job_1"), ConfigurationError);
    }),
  );
});

test("a string of another form is distinguished from one that was damaged", () => {
  for (const text of ["", "v1.", "v1.abc", "v2.abcdefgh", "plain"]) {
    assert.throws(
      () => newBox().unseal(text, "job_1"),
      /a format that this version of Posthorn does not know/,
    );
  }
});

test("a master key that is not 32 bytes of base64 is refused, without being repeated", () => {
  const short = randomBytes(16).toString("base64");
  for (const key of [
    "",
    short,
    randomBytes(33).toString("base64"),
    `${randomBytes(32).toString("base64")}!`,
  ]) {
    assert.throws(
      () => SecretBox.open(key),
      (error) =>
        error instanceof ConfigurationError &&
        error.message.includes("openssl rand -base64 32") &&
        (key === "" || !error.message.includes(key)),
    );
  }
});

test("of several master keys the first seals, and all of them open", () => {
  const [old, key] = [1, 2].map((fill) => Buffer.alloc(32, fill).toString("base64"));
  const before = SecretBox.open(`${old}`);
  const both = SecretBox.open(`${key},${old}`);
  const sealed = before.seal("whsec_abc", "job_1");
  assert.equal(both.unseal(sealed, "job_1"), "whsec_abc");
  const again = both.resealed(sealed, "job_1");
  assert.ok(again);
  assert.equal(SecretBox.open(`${key}`).unseal(again, "job_1"), "whsec_abc");
  assert.throws(() => before.unseal(again, "job_1"), ConfigurationError);
  assert.equal(both.resealed(again, "job_1"), undefined);
  assert.throws(() => both.resealed(sealed, "job_2"), ConfigurationError);
  assert.throws(() => SecretBox.open(`${key},`), ConfigurationError);
});
