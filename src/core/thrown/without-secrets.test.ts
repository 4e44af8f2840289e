import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutSecrets } from "./without-secrets.ts";

test("secrets are taken out of a string, and the rest of it stays", () => {
  const cases: [string, string][] = [
    ["connect to postgres://app:p@ss@db:5432/app failed", "connect to postgres://db:5432/app failed"],
    ["GET https://api.test/x?key=s3cret#s3cret 500", "GET https://api.test/x?[redacted] 500"],
    ["redis://:s3cret@cache", "redis://cache"],
    ["Authorization: Bearer s3crets3cret", "Authorization: [redacted]"],
    ['{"password":"s3\\"cret","n":1}', '{"password":"[redacted]","n":1}'],
    ["{ apiKey: 's3cret', n: 1 }", "{ apiKey: '[redacted]', n: 1 }"],
    ["sent Bearer s3crets3cret", "sent Bearer [redacted]"],
    ["password=s3cret host=db", "password=[redacted] host=db"],
    ["whsec_c2VjcmV0/+= does not verify", "whsec_[redacted] does not verify"],
    ["phk_abc123 was revoked", "phk_[redacted] was revoked"],
    ["x-access-token: s3cret", "x-access-token: [redacted]"],
  ];
  for (const [text, expected] of cases) {
    assert.equal(withoutSecrets(text), expected);
    assert.equal(withoutSecrets(expected), expected, "again");
  }
});

test("what is not a secret stays as it was", () => {
  for (const text of [
    "connect ECONNREFUSED 127.0.0.1:1",
    "no user ann@example.com",
    "the token is missing",
    "    at run (file:///srv/app/tasks.ts:12:3)",
    "Unexpected token 'a', \"abc\" is not valid JSON",
    "GET http://10.0.0.1/health failed",
  ])
    assert.equal(withoutSecrets(text), text);
});

test("what a string costs grows with its length, and not with its square", () => {
  // a pattern searched for to the end of the string from each place in it would take hours here: this would not end
  for (const unit of ["a", "https://a", "a@", "password", "a.b+c", "a:", "://", '"password":"', "x-"]) {
    const text = unit.repeat(50_000);
    assert.ok(withoutSecrets(text).length <= 2 * text.length, unit);
  }
});

test("a quoted secret that is not closed, with escapes in it, is read once", () => {
  // read in two ways, each backslash would double the time: this would not end
  for (const quote of ['"', "'"]) {
    const open = `token=${quote}${"\\".repeat(10_000)}`;
    assert.ok(withoutSecrets(open).length <= open.length);
    assert.equal(
      withoutSecrets(`token=${quote}a\\${quote}b${quote} c`),
      `token=${quote}[redacted]${quote} c`,
    );
  }
});
