import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { type VerificationCode, VerificationError, verify } from "./verify.ts";

// The vectors of Standard Webhooks 1.0.
const ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIMESTAMP = "1614265330";
const NOW = 1614265330_000;
const BODY = '{"test": 2432232314}';
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const V1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const PAIR = Buffer.from(
  "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
  "base64",
);
const PUBLIC = `whpk_${PAIR.subarray(32).toString("base64")}`;
const V1A = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";

function headers(signature = V1): Record<string, string> {
  return { "webhook-id": ID, "webhook-timestamp": TIMESTAMP, "webhook-signature": signature };
}

function refusal(code: VerificationCode): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof VerificationError);
    assert.equal(thrown.code, code);
    return true;
  };
}

test("the standard's v1 vector verifies, and gives id and timestamp", () => {
  assert.deepEqual(verify(BODY, headers(), SECRET, { now: NOW }), { id: ID, timestamp: new Date(NOW) });
});

test("the standard's v1a vector verifies with the public key", () => {
  assert.equal(verify(BODY, headers(V1A), PUBLIC, { now: NOW }).id, ID);
});

test("what standardwebhooks signs verifies, whatever bytes the body is", () => {
  for (const body of ["", "{}", '{"ä":"\\u00e4"}', "\u{1f4ef}\n"]) {
    const signature = new Webhook(SECRET).sign(ID, new Date(NOW), body);
    assert.equal(verify(body, headers(signature), SECRET, { now: NOW }).id, ID);
    assert.equal(verify(Buffer.from(body), headers(signature), SECRET, { now: NOW }).id, ID);
  }
});

test("headers may be a Headers object, or hold lists", () => {
  assert.equal(verify(BODY, new Headers(headers()), SECRET, { now: NOW }).id, ID);
  assert.equal(verify(BODY, { ...headers(), "webhook-signature": [V1A, V1] }, SECRET, { now: NOW }).id, ID);
});

test("one valid signature among several is enough, and so is one matching secret", () => {
  assert.equal(verify(BODY, headers(`v2,abc v1,AAAA ${V1A} ${V1}`), SECRET, { now: NOW }).id, ID);
  const other = `whsec_${Buffer.alloc(32).toString("base64")}`;
  assert.equal(verify(BODY, headers(V1A), [other, PUBLIC], { now: NOW }).id, ID);
});

test("a changed body, id, secret, version or signature does not match", () => {
  const cases: [string, Record<string, string>, string][] = [
    ['{"test": 2432232315}', headers(), SECRET],
    [BODY, { ...headers(), "webhook-id": "msg_other" }, SECRET],
    [BODY, headers(), `whsec_${Buffer.alloc(24).toString("base64")}`],
    [BODY, headers(V1.replace("v1,", "v2,")), SECRET],
    [BODY, headers(V1.slice(0, -2)), SECRET],
    [BODY, headers("v1,"), SECRET],
    [BODY, headers("v1a,"), PUBLIC],
    [BODY, headers(V1A.replace("hnO3", "hnO4")), PUBLIC],
    [BODY, headers(V1), PUBLIC],
    [BODY, headers(V1A), SECRET],
  ];
  for (const [body, given, secret] of cases) {
    assert.throws(
      () => verify(body, given, secret, { now: NOW }),
      refusal("no_match"),
      JSON.stringify(given),
    );
  }
});

test("a missing or empty header is named", () => {
  for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
    assert.throws(() => verify(BODY, { ...headers(), [name]: undefined }, SECRET), {
      code: "missing_header",
      message: `the header ${name} is missing`,
    });
    assert.throws(() => verify(BODY, { ...headers(), [name]: "" }, SECRET), refusal("missing_header"));
  }
});

test("the timestamp holds for five minutes either way, or as long as told", () => {
  const at = (seconds: number, toleranceSeconds?: number) => () =>
    verify(BODY, headers(), SECRET, {
      now: NOW + seconds * 1000,
      ...(toleranceSeconds === undefined ? {} : { toleranceSeconds }),
    });
  assert.equal(at(300)().id, ID);
  assert.equal(at(-300)().id, ID);
  assert.throws(at(301), refusal("too_old"));
  assert.throws(at(-301), refusal("too_new"));
  assert.throws(at(11, 10), refusal("too_old"));
  assert.throws(at(0, Number.NaN), refusal("too_old"), "and for no time at all when it is given nonsense");
  assert.equal(at(3600, 3600)().id, ID);
});

test("a timestamp that is not an integer is malformed", () => {
  for (const timestamp of ["now", "1614265330.5", "-1", "1e9", "0x10", "99999999999999"]) {
    const given = { ...headers(), "webhook-timestamp": timestamp };
    assert.throws(() => verify(BODY, given, SECRET, { now: NOW }), refusal("malformed_header"), timestamp);
  }
});

test("a secret of the wrong form is the receiver's mistake, not the sender's", () => {
  for (const secret of [
    "",
    "secret",
    "whsec_",
    "whsec_???",
    "whpk_AAAA",
    `whsk_${PAIR.toString("base64")}`,
  ]) {
    assert.throws(() => verify(BODY, headers(), secret, { now: NOW }), TypeError, secret);
  }
  const missing = undefined as unknown as string; // a variable of the environment that is not set
  assert.throws(() => verify(BODY, headers(), missing), { message: /^verify needs a secret: whsec_/ });
});

test("without any secret nothing matches", () => {
  assert.throws(() => verify(BODY, headers(), [], { now: NOW }), refusal("no_match"));
});
