import assert from "node:assert/strict";
import { test } from "node:test";
import { type OAuth2Auth, readAuth } from "./auth-options.ts";
import { granted, tokenRequest } from "./token-request.ts";

const OPTIONS: OAuth2Auth = {
  kind: "oauth2",
  tokenUrl: "https://auth.example.com/token",
  clientId: "posthorn:1",
  clientSecret: "s ecret+&",
};

function answered(status: number, body: unknown) {
  const excerpt = typeof body === "string" ? body : JSON.stringify(body);
  return granted({ kind: "answered", status, excerpt }, "auth.example.com");
}

test("the client names itself with basic authentication, id and secret encoded as in a form, or in the body", () => {
  const basic = tokenRequest(readAuth({ ...OPTIONS, scope: "a b", audience: "https://acme.example" }));
  assert.equal(basic.url, OPTIONS.tokenUrl);
  const [scheme, pair = ""] = basic.headers.authorization?.split(" ") ?? [];
  assert.equal(scheme, "Basic");
  assert.equal(Buffer.from(pair, "base64").toString(), "posthorn%3A1:s+ecret%2B%26");
  assert.equal(basic.body, "grant_type=client_credentials&scope=a+b&audience=https%3A%2F%2Facme.example");
  const post = tokenRequest(readAuth({ ...OPTIONS, clientAuth: "post", parameters: { resource: "urn:x" } }));
  assert.equal(post.headers.authorization, undefined);
  assert.equal(
    post.body,
    "grant_type=client_credentials&resource=urn%3Ax&client_id=posthorn%3A1&client_secret=s+ecret%2B%26",
  );
});

test("a grant is read with its lifetime, five minutes where it says none", () => {
  assert.deepEqual(answered(200, { access_token: "abc.d-e_f~+/=", token_type: "bearer", expires_in: 60 }), {
    token: "abc.d-e_f~+/=",
    lifetimeMs: 60_000,
  });
  assert.deepEqual(answered(200, { access_token: "t", expires_in: "90" }), {
    token: "t",
    lifetimeMs: 90_000,
  });
  assert.deepEqual(answered(201, { access_token: "t" }), { token: "t", lifetimeMs: 300_000 });
});

test("a failed grant is reported without a word that might repeat a secret", () => {
  const errors = [
    answered(401, { error: "invalid_client", error_description: "s ecret+& is wrong" }),
    answered(400, { error: "s ecret+&" }),
    answered(500, "s ecret+&"),
    answered(200, "s ecret+&"),
    answered(200, { access_token: "not\r\na token" }),
    answered(200, { access_token: "t", token_type: "mac" }),
    granted({ kind: "broken", class: "dns", error: "the name auth.example.com is unknown" }, ""),
    granted({ kind: "broken", class: "blocked", error: "10.0.0.1 is not a public address" }, ""),
    granted({ kind: "broken", class: "error", error: "the egress proxy cannot be used" }, ""),
  ].map((each) => ("error" in each ? [each.error, each.class] : assert.fail()));
  assert.deepEqual(errors, [
    ["no access token from auth.example.com: it answered HTTP 401 (invalid_client)", "auth"],
    ["no access token from auth.example.com: it answered HTTP 400", "auth"],
    ["no access token from auth.example.com: it answered HTTP 500", "auth"],
    ["no access token from auth.example.com: its answer has no access_token", "auth"],
    ["no access token from auth.example.com: its access_token cannot be sent in a header", "auth"],
    ["no access token from auth.example.com: its token_type is not Bearer", "auth"],
    ["no access token: the name auth.example.com is unknown", "auth"],
    ["no access token: 10.0.0.1 is not a public address", "blocked"],
    ["no access token: the egress proxy cannot be used", "error"],
  ]);
});
