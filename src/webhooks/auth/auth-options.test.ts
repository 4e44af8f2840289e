import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { InvalidInputError } from "../../core/errors.ts";
import { HOOKS_TEST_PEM } from "../test-kit/receiver.ts";
import { type AuthOptions, readAuth } from "./auth-options.ts";

const OTHER_KEY = readFileSync(
  new URL("../../store/postgres/test-kit/certificates/server.key", import.meta.url),
  "utf8",
);
const MTLS = { kind: "mtls", certificate: HOOKS_TEST_PEM, key: HOOKS_TEST_PEM } as const;
const OAUTH2 = {
  kind: "oauth2",
  tokenUrl: "https://auth.example.com/token",
  clientId: "id",
  clientSecret: "s",
} as const;

function problems(options: unknown): string[] {
  try {
    readAuth(options as AuthOptions); // wrong on purpose
  } catch (error) {
    assert.ok(error instanceof InvalidInputError);
    return error.problems.map(({ path, detail }) => `${path.join(".")} ${detail}`);
  }
  return [];
}

test("of each kind, what is not secret is shown, and the rest is kept apart", () => {
  assert.deepEqual(readAuth({ kind: "bearer", token: "abc" }), {
    shown: { kind: "bearer" },
    secret: { headers: { authorization: "Bearer abc" } },
  });
  assert.deepEqual(readAuth({ kind: "basic", username: "ann", password: "päss" }), {
    shown: { kind: "basic", username: "ann" },
    secret: { headers: { authorization: "Basic YW5uOnDDpHNz" } },
  });
  assert.deepEqual(readAuth({ kind: "header", name: "X-API-Key", value: "abc" }), {
    shown: { kind: "header", name: "X-API-Key" },
    secret: { headers: { "X-API-Key": "abc" } },
  });
  const { shown, secret } = readAuth({ ...OAUTH2, parameters: { resource: "r" } });
  assert.deepEqual(shown, {
    ...{ kind: "oauth2", tokenUrl: OAUTH2.tokenUrl, clientId: "id", clientAuth: "basic" },
    ...{ scope: null, audience: null, parameters: ["resource"] },
  });
  assert.deepEqual(secret, { clientSecret: "s", parameters: { resource: "r" } });
  const mtls = readAuth(MTLS);
  assert.ok(mtls.shown.kind === "mtls");
  assert.match(mtls.shown.subject, /hooks\.test/);
  assert.match(mtls.shown.fingerprint, /^([\dA-F]{2}:){31}[\dA-F]{2}$/);
  assert.equal(mtls.shown.hasCa, false);
  assert.ok(!JSON.stringify(mtls.shown).includes("PRIVATE"));
});

test("each mistake names its member, and repeats no secret", () => {
  assert.deepEqual(problems("bearer"), [
    "auth must be an object with a kind: bearer, basic, header, oauth2, mtls",
  ]);
  assert.deepEqual(problems({ kind: "digest" }), [
    "auth.kind must be one of bearer, basic, header, oauth2, mtls",
  ]);
  assert.deepEqual(problems({ kind: "bearer", tokn: "s3cret" }), [
    "auth.tokn is unknown; valid names are kind, token",
    "auth.token is required",
  ]);
  assert.deepEqual(problems({ kind: "bearer", token: "s3\ncret" }), [
    "auth.token must be a string of visible ASCII characters, with blanks only between them",
  ]);
  assert.deepEqual(problems({ kind: "basic", username: "a:b", password: "c" }), [
    "auth.username must not contain a colon",
  ]);
  assert.deepEqual(problems({ kind: "header", name: "webhook-id", value: "c" }), [
    "auth.name is set by Posthorn; use the event id",
  ]);
  assert.deepEqual(problems({ kind: "header", name: "Content-Type", value: "c" }), [
    "auth.name is that of the payload",
  ]);
  assert.deepEqual(
    problems({ ...OAUTH2, tokenUrl: "ftp://a", clientAuth: "jwt", parameters: { scope: "" } }),
    [
      "auth.tokenUrl must be an absolute http or https URL, such as https://example.com/hooks",
      "auth.clientAuth must be basic or post",
      "auth.parameters.scope is set by the grant; use the option of this name",
    ],
  );
  assert.deepEqual(problems({ ...MTLS, key: OTHER_KEY }), ["auth.key is not the key of the certificate"]);
  assert.deepEqual(problems({ ...MTLS, certificate: "c", key: "k", ca: "x" }), [
    "auth.certificate must be a certificate in PEM",
    "auth.key must be a private key in PEM, not encrypted",
    "auth.ca must be a certificate in PEM",
  ]);
});
