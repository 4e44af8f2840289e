import assert from "node:assert/strict";
import { test } from "node:test";
import { AUTH, jsonOf, typedOf, VERIFICATION } from "./endpoint-kinds.ts";

test("what is typed is sent as its kind takes it, and what was typed for other kinds is not", () => {
  const typed = { token: "t", username: "ana", password: "p", value: "" };
  assert.equal(jsonOf(AUTH, { ...typed, kind: "basic" }), '{"kind":"basic","username":"ana","password":"p"}');
  assert.equal(jsonOf(AUTH, { ...typed, kind: "bearer" }), '{"kind":"bearer","token":"t"}');
  assert.equal(jsonOf(AUTH, { ...typed, kind: "" }), "");
  assert.equal(jsonOf(VERIFICATION, { method: "handshake", origin: " " }), '{"method":"handshake"}');
});

test("what has to be given is sent empty, so that the server names it; what need not be is left out", () => {
  assert.deepEqual(
    JSON.parse(jsonOf(AUTH, { kind: "oauth2", parameters: "resource: https://a.example/\n" })),
    {
      ...{ kind: "oauth2", token_url: "", client_id: "", client_secret: "", client_auth: "basic" },
      parameters: { resource: "https://a.example/" },
    },
  );
  assert.equal(jsonOf(AUTH, { kind: "mtls" }), '{"kind":"mtls","certificate":"","key":""}');
});

test("what was not touched is what it was", () => {
  for (const kind of Object.keys(AUTH.of)) {
    const parts = AUTH.of[kind]?.parts ?? [];
    const typed = Object.fromEntries(
      parts.map(({ name, is }) => [name, is === "lines" ? "a: 1\nb: 2" : name]),
    );
    const json = jsonOf(AUTH, { ...typed, kind });
    assert.equal(jsonOf(AUTH, typedOf(json)), json);
  }
});
