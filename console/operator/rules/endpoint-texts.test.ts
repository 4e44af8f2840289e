import assert from "node:assert/strict";
import { test } from "node:test";
import { BLANK_TEXTS, bodyOf, changedTexts, textProblems, textsOf, toldAt } from "./endpoint-texts.ts";

const ANSWER = `{"url": "https://acme.example/hooks", "description": "", "uid": null, "event_types": ["invoice.*", "user.made"],
"channels": null, "filter": {"$.data.id": 9007199254740993, "data": {"total": 1.0}}, "timeout": "30s",
"retry": {"attempts": 4, "delays": ["5s", "5m"]}, "header_style": "svix", "sends_event_type": false, "egress": null, "metadata": {}, "headers": ["x-team", "x-key"],
"auth": {"kind": "basic", "username": "ana"}, "verification": {"method": "handshake", "origin": "acme.example", "verified": true, "tried_at": null, "error": null}}`;

test("an endpoint is shown as it is typed, and numbers in its filter keep their digits", () => {
  const texts = textsOf(ANSWER);
  assert.equal(texts.event_types, "invoice.*, user.made");
  assert.deepEqual([texts.attempts, texts.delays, texts.sends_event_type], ["4", "5s, 5m", ""]);
  assert.match(texts.filter, /9007199254740993/);
  assert.match(texts.filter, /1\.0/);
  assert.deepEqual([texts.uid, texts.channels, texts.metadata], ["", "", ""]);
});

test("only what was changed is sent, and what was emptied is cleared", () => {
  const before = textsOf(ANSWER);
  const after = { ...before, event_types: "  ", filter: '{"n": 9007199254740995}', description: " Orders " };
  const changed = changedTexts(before, after);
  assert.deepEqual(changed, ["description", "event_types", "filter"]);
  assert.equal(
    bodyOf(after, changed),
    '{"description": "Orders", "event_types": null, "filter": {"n": 9007199254740995}}',
  );
  assert.deepEqual(changedTexts(before, { ...before, url: ` ${before.url}\n` }), [], "space is no change");
});

test("retries are sent as a whole, whichever part was changed", () => {
  const before = textsOf(ANSWER);
  assert.equal(
    bodyOf({ ...before, attempts: "6" }, ["attempts"]),
    '{"retry": {"attempts":6,"delays":["5s","5m"]}}',
  );
  const none = { ...before, attempts: "", delays: "" };
  assert.equal(bodyOf(none, ["attempts", "delays"]), '{"retry": null}');
  assert.equal(bodyOf({ ...none, delays: "1s 2m" }, ["delays"]), '{"retry": {"delays":["1s","2m"]}}');
});

test("what is not JSON, not a number, not an address or hidden is refused at its field", () => {
  const texts = { ...BLANK_TEXTS, url: "acme", filter: "{", metadata: "[", attempts: "ten", uid: "a••••" };
  const problems = textProblems(texts, ["url", "filter", "metadata", "attempts", "uid"]);
  assert.deepEqual(Object.keys(problems), ["url", "filter", "metadata", "attempts", "uid"]);
  assert.match(problems.filter ?? "", /^is not JSON: /);
  assert.deepEqual(textProblems({ ...texts, url: "https://acme.example/" }, ["url"]), {});
});

test("what the server refuses is told at the field that it is about", () => {
  const texts = textsOf(ANSWER);
  const at = (pointer: string) => toldAt(pointer, "is wrong", texts);
  assert.deepEqual(at("/event_types/1"), ["event_types", "user.made is wrong"]);
  assert.deepEqual(at("/event_types"), ["event_types", "is wrong"]);
  assert.deepEqual(at("/retry/delays/0"), ["delays", "5s is wrong"]);
  assert.deepEqual(at("/retry"), ["attempts", "is wrong"]);
  assert.deepEqual(at("/filter/data/0"), ["filter", "data.0 is wrong"]);
  assert.deepEqual(at("/auth/password"), ["auth", "password is wrong"]);
  assert.deepEqual(at("/headers/x-team"), ["headers", "x-team is wrong"]);
  assert.equal(at("/limits/rate"), undefined);
  assert.equal(at(""), undefined);
});

test("headers and authentication are shown without their secrets, which have to be entered to change anything about them", () => {
  const before = textsOf(ANSWER);
  assert.equal(before.headers, "x-team: ••••\nx-key: ••••");
  assert.deepEqual(JSON.parse(before.auth), { kind: "basic", username: "ana", password: "••••" });
  assert.deepEqual(JSON.parse(before.verification), { method: "handshake", origin: "acme.example" });
  const half = {
    ...before,
    headers: "x-team: billing\nx-key: ••••",
    auth: before.auth.replace("ana", "bob"),
  };
  assert.deepEqual(Object.keys(textProblems(half, changedTexts(before, half))), ["headers", "auth"]);
  const whole = {
    ...before,
    ...{ headers: "x-team: billing: a", auth: '{"kind":"bearer", "token":"t"}', verification: "" },
  };
  const changed = changedTexts(before, whole);
  assert.deepEqual(textProblems(whole, changed), {});
  assert.equal(
    bodyOf(whole, changed),
    '{"headers": {"x-team":"billing: a"}, "auth": {"kind":"bearer", "token":"t"}, "verification": null}',
  );
  const none = { ...before, headers: "", auth: "" };
  assert.equal(bodyOf(none, ["headers", "auth"]), '{"headers": null, "auth": null}');
  assert.ok(textProblems({ ...before, headers: "x-team" }, ["headers"]).headers);
});

test("each kind of authentication is shown as a request sets it", () => {
  const shown = (auth: object) =>
    JSON.parse(textsOf(JSON.stringify({ ...JSON.parse(ANSWER), auth })).auth) as unknown; // it wrote it
  assert.deepEqual(shown({ kind: "bearer" }), { kind: "bearer", token: "••••" });
  assert.deepEqual(shown({ kind: "header", name: "x-key" }), {
    ...{ kind: "header", name: "x-key", value: "••••" },
  });
  const oauth2 = { kind: "oauth2", token_url: "https://a.example/", client_id: "c", client_auth: "post" };
  assert.deepEqual(shown({ ...oauth2, scope: null, audience: "a", parameters: ["resource"] }), {
    ...{ ...oauth2, client_secret: "••••", audience: "a", parameters: { resource: "••••" } },
  });
  const mtls = { kind: "mtls", subject: "CN=a", fingerprint: "f", expires_at: "2030-01-31T09:00:00.000Z" };
  assert.deepEqual(shown({ ...mtls, has_ca: true }), {
    ...{ kind: "mtls", certificate: "••••", key: "••••", ca: "••••" },
  });
});
