import assert from "node:assert/strict";
import { createHmac, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { signatureHeaders } from "./sign.ts";
import { newSecret, parseSigningKey } from "./signing-key.ts";

// The vectors that come with Standard Webhooks 1.0.
const ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT = 1_614_265_330_000;
const BODY = '{"test": 2432232314}';
const SYMMETRIC = parseSigningKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
const SYMMETRIC_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const ASYMMETRIC = parseSigningKey(
  "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
);
const ASYMMETRIC_SIGNATURE =
  "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

test("a whsec_ secret signs as the standard's vector says", () => {
  assert.deepEqual(signatureHeaders([SYMMETRIC], ID, AT, BODY), {
    "webhook-id": ID,
    "webhook-timestamp": "1614265330",
    "webhook-signature": SYMMETRIC_SIGNATURE,
  });
});

test("a whsk_ key signs as the standard's vector says", () => {
  assert.equal(signatureHeaders([ASYMMETRIC], ID, AT, BODY)["webhook-signature"], ASYMMETRIC_SIGNATURE);
});

test("several keys give several signatures, parted by a space", () => {
  const { "webhook-signature": signatures } = signatureHeaders([SYMMETRIC, ASYMMETRIC], ID, AT, BODY);
  assert.equal(signatures, `${SYMMETRIC_SIGNATURE} ${ASYMMETRIC_SIGNATURE}`);
});

test("the timestamp is whole seconds, rounded down", () => {
  assert.equal(signatureHeaders([SYMMETRIC], ID, AT + 999, BODY)["webhook-timestamp"], "1614265330");
});

test("the npm package standardwebhooks accepts our signature of any body", () => {
  const bodies = fc.oneof(
    fc.json(),
    fc.string({ unit: "grapheme", maxLength: 200 }),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(bodies, fc.stringMatching(/^[\x21-\x2d\x2f-\x7e]{1,256}$/), (body, id) => {
      const secret = newSecret();
      const headers = { ...signatureHeaders([parseSigningKey(secret)], id, Date.now(), body) };
      new Webhook(secret).verify(body, headers, { jsonParse: false });
    }),
  );
});

test("the npm package standardwebhooks finds our signature among several", () => {
  const [old, fresh] = [newSecret(), newSecret()];
  const keys = [parseSigningKey(old), ASYMMETRIC, parseSigningKey(fresh)];
  const headers = { ...signatureHeaders(keys, ID, Date.now(), BODY) };
  assert.deepEqual(new Webhook(old).verify(BODY, headers), { test: 2432232314 });
  assert.deepEqual(new Webhook(fresh).verify(BODY, headers), { test: 2432232314 });
  assert.throws(() => new Webhook(newSecret()).verify(BODY, headers));
});

test("a whsec_ secret signs as createHmac does, whatever the length of secret and body, and the kind of body", () => {
  const sizes = [0, 1, 63, 64, 5_400, 16_384 - 64, 16_384, 70_000].map((length) => fc.constant(length));
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 24, maxLength: 64 }),
      fc.string({ unit: "binary" }),
      fc.oneof(...sizes, fc.nat(200)),
      fc.constantFrom("a", "é", "€", "😀"),
      (secret, id, length, unit) => {
        const key = parseSigningKey(`whsec_${Buffer.from(secret).toString("base64")}`);
        const text = unit.repeat(length);
        const wanted = createHmac("sha256", secret).update(`${id}.1614265330.`).update(text).digest("base64");
        for (const body of [text, Buffer.from(text)])
          assert.equal(signatureHeaders([key], id, AT, body)["webhook-signature"], `v1,${wanted}`);
      },
    ),
  );
});

test("an ed25519 signature holds for its body, and for no other", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { d = "", x = "" } = privateKey.export({ format: "jwk" });
  const halves = Buffer.concat([Buffer.from(d, "base64url"), Buffer.from(x, "base64url")]);
  const key = parseSigningKey(`whsk_${halves.toString("base64")}`);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (body) => {
      const { "webhook-signature": header } = signatureHeaders([key], ID, AT, body);
      const signature = Buffer.from(header.slice("v1a,".length), "base64");
      assert.ok(verify(null, Buffer.from(`${ID}.1614265330.${body}`), publicKey, signature));
      assert.ok(!verify(null, Buffer.from(`${ID}.1614265330.${body} `), publicKey, signature));
    }),
  );
  assert.ok(key.version === "v1a");
  assert.deepEqual(createPublicKey(key.key).export({ format: "jwk" }), publicKey.export({ format: "jwk" }));
});
