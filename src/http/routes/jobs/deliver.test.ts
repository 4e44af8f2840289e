import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { InvalidInputError, OverloadedError, StoreUnavailableError } from "../../../core/errors.ts";
import { JsonText } from "../../../webhooks/accept/deliver-request.ts";
import { acceptedAnswer } from "../../schemas/job.ts";
import { JOB_ID, testApp } from "../../test-kit/fake-posthorn.ts";
import { pointersOf, problemOf } from "../../test-kit/problem-of.ts";

const PATH = "/webhooks/deliver";
const TARGET = "https://example.com/hooks";

test("a delivery is answered 202 with the job's id and address", async () => {
  const { posthorn, post } = testApp();
  const answer = await post(PATH, { target_url: TARGET, payload: { a: 1 } });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get("location"), `/webhooks/jobs/${JOB_ID}`);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.deepEqual(acceptedAnswer.parse(await answer.json()), { job_id: JOB_ID, status: "queued" });
  assert.deepEqual(posthorn.delivered, [
    { request: { targetUrl: TARGET, payload: new JsonText('{"a":1}') }, idempotency: undefined },
  ]);
});

test("the payload is passed on byte for byte", async () => {
  for (const payload of [
    "12345678901234567890.10",
    ' {"b": 1,\n "a":"\\u00e9é\\/" }',
    "null",
    '"\uFFFD"',
    "[]",
    "0",
  ]) {
    const { posthorn, post } = testApp();
    const answer = await post(PATH, `{"payload":${payload},"target_url":"${TARGET}"}`);
    assert.equal(answer.status, 202);
    assert.deepEqual(posthorn.delivered[0]?.request.payload, new JsonText(payload.trim()));
  }
});

test("a payload that is nested a hundred thousand levels deep is accepted", async () => {
  const { posthorn, post } = testApp();
  const payload = "[".repeat(100_000) + "]".repeat(100_000);
  assert.equal((await post(PATH, `{"payload":${payload},"target_url":"${TARGET}"}`)).status, 202);
  assert.deepEqual(posthorn.delivered[0]?.request.payload, new JsonText(payload));
});

test("too many members are refused as one mistake, and of many mistakes a few are named", async () => {
  const { posthorn, post } = testApp();
  const crowd = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`X-${n}`, 1]));
  const withHeaders = (count: number) => ({ target_url: TARGET, payload: 1, headers: crowd(count) });
  assert.deepEqual(await pointersOf(await post(PATH, withHeaders(50_000))), ["/headers"]);
  assert.deepEqual(await pointersOf(await post(PATH, crowd(50_000))), [""]);
  assert.equal((await pointersOf(await post(PATH, withHeaders(90)))).length, 20);
  assert.deepEqual(posthorn.delivered, []);
});

test("every option reaches the library", async () => {
  const { posthorn, post } = testApp();
  const options = { headers: { "X-Tenant": "acme" }, max_attempts: 3, event_id: "e1", secret: "whsec_abc" };
  const answer = await post(PATH, {
    target_url: TARGET,
    payload: 1,
    ...options,
    delay: "90s",
    timeout: "2.5s",
  });
  assert.equal(answer.status, 202);
  assert.deepEqual(posthorn.delivered[0]?.request, {
    targetUrl: TARGET,
    payload: new JsonText("1"),
    headers: { "X-Tenant": "acme" },
    maxAttempts: 3,
    eventId: "e1",
    secret: "whsec_abc",
    delay: "90s",
    timeout: "2.5s",
  });
  await post(PATH, { target_url: TARGET, payload: 1, run_at: "2031-01-01T00:00:00Z", timeout: "0.5s" });
  assert.equal(posthorn.delivered[1]?.request.runAt, "2031-01-01T00:00:00Z");
  assert.equal(posthorn.delivered[1]?.request.timeout, "0.5s");
});

test("a bare number is not a duration: it could be seconds or milliseconds, and the answer says how to write both", async () => {
  const { posthorn, post } = testApp();
  const answer = await post(PATH, { target_url: TARGET, payload: 1, delay: 60, timeout: true });
  assert.match(
    (await problemOf(answer, 422)).detail,
    /^delay: must be a string with its unit: "60s" for seconds, "60ms" for milliseconds; timeout: must be a string$/,
  );
  assert.deepEqual(posthorn.delivered, []);
});

test("a header named __proto__ reaches the library like any other", async () => {
  const { posthorn, post } = testApp();
  await post(PATH, `{"target_url":"${TARGET}","payload":1,"headers":{"__proto__":"x"}}`);
  assert.deepEqual(Object.entries(posthorn.delivered[0]?.request.headers ?? {}), [["__proto__", "x"]]);
});

const good = { target_url: TARGET, payload: 1 };
const badFields: [string, unknown, string[]][] = [
  ["an unknown field", { ...good, url: "x" }, ["/url"]],
  ["a field named __proto__", `{"target_url":"${TARGET}","payload":1,"__proto__":{}}`, ["/__proto__"]],
  ["a field whose name needs escapes", { ...good, "a/b~c": 1 }, ["/a~1b~0c"]],
  ["nothing at all", {}, ["/target_url", "/payload"]],
  ["no payload", { target_url: TARGET }, ["/payload"]],
  ["an array", [good], [""]],
  ["text", '"hello"', [""]],
  ["null", "null", [""]],
  ["a target that is not a string", { ...good, target_url: 7 }, ["/target_url"]],
  ["headers that are an array", { ...good, headers: ["a"] }, ["/headers"]],
  ["headers that are null", { ...good, headers: null }, ["/headers"]],
  ["a header that is not a string", { ...good, headers: { "x-a": 1 } }, ["/headers/x-a"]],
  ["a delay that is not a string", { ...good, delay: true }, ["/delay"]],
  ["a delay without a unit", { ...good, delay: 60 }, ["/delay"]],
  ["an endless timeout", `{"target_url":"${TARGET}","payload":1,"timeout":1e999}`, ["/timeout"]],
  ["half an attempt", { ...good, max_attempts: 1.5 }, ["/max_attempts"]],
  ["no attempt", { ...good, max_attempts: 0 }, ["/max_attempts"]],
  ["too many attempts", { ...good, max_attempts: 101 }, ["/max_attempts"]],
  ["a run_at that is a number", { ...good, run_at: 5 }, ["/run_at"]],
  ["a secret that is not a string", { ...good, secret: ["s3cret"] }, ["/secret"]],
  ["several mistakes at once", { target_url: 1, payload: 1, nope: 1 }, ["/target_url", "/nope"]],
];
for (const [what, body, pointers] of badFields) {
  test(`${what} is refused, and named`, async () => {
    const { posthorn, post } = testApp();
    assert.deepEqual(await pointersOf(await post(PATH, body)), pointers);
    assert.deepEqual(posthorn.delivered, []);
  });
}

test("what is wrong is said in words", async () => {
  const { post } = testApp();
  const answer = await post(PATH, { target_url: 1, headers: [], delay: true, max_attempts: 101 });
  const { errors = [], code, detail } = await problemOf(answer, 422);
  assert.equal(code, "invalid_input");
  assert.deepEqual(
    errors.map((error) => error.detail),
    ["must be a string", "is required", "must be an object", "must be a string", "must be at most 100"],
  );
  assert.match(detail, /target_url: must be a string/);
});

test("no answer repeats a secret", async () => {
  const { post, logged } = testApp();
  const bodies = [
    { ...good, secret: { deep: "s3cret" } },
    { ...good, headers: { authorization: ["s3cret"] } },
    '{"target_url":"x","secret":"s3cret" oops',
  ];
  for (const body of bodies) assert.doesNotMatch(await (await post(PATH, body)).text(), /s3cret/);
  assert.deepEqual(logged, []);
});

const malformed: [string, string | Uint8Array, string][] = [
  ["no JSON", "{", "invalid_json"],
  ["JSON with something after it", "{} {}", "invalid_json"],
  ["a body that is not UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "invalid_json"],
  ["a character cut short", Uint8Array.of(0x22, 0xf0, 0x9f, 0x98, 0x22), "invalid_json"],
  ["an empty body", "", "empty_body"],
];
for (const [what, body, code] of malformed) {
  test(`${what} is a bad request`, async () => {
    const { ask } = testApp();
    const headers = { "content-type": "application/json" };
    const answer = await ask(PATH, { method: "POST", headers, body });
    assert.equal((await problemOf(answer, 400)).code, code);
  });
}

test("only UTF-8 JSON is taken, and 415 says so", async () => {
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=latin1",
    "application/jsonp",
  ]) {
    const { post } = testApp();
    const answer = await post(PATH, good, { "content-type": type });
    assert.equal(answer.headers.get("accept"), "application/json");
    await problemOf(answer, 415);
  }
  const { ask } = testApp();
  await problemOf(
    await ask(PATH, { method: "POST", body: new TextEncoder().encode(JSON.stringify(good)) }),
    415,
  );
  for (const type of ["application/json;charset=utf-8", 'Application/JSON; Charset="UTF-8"']) {
    const { post } = testApp();
    assert.equal((await post(PATH, good, { "content-type": type })).status, 202);
  }
});

test("a compressed body is refused as what it is", async () => {
  const { ask } = testApp();
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  const answer = await ask(PATH, { method: "POST", headers, body: gzipSync(JSON.stringify(good)) });
  assert.equal(answer.headers.get("accept-encoding"), "identity");
  assert.match((await problemOf(answer, 415)).detail ?? "", /content encoding; send it as it is/);
});

test("a body over the limit is refused, declared or not", async () => {
  const { post, posthorn } = testApp({ maxBodyBytes: 100 });
  const body = JSON.stringify({ ...good, payload: "x".repeat(100) });
  const declared = await post(PATH, body, { "content-length": String(body.length) });
  assert.equal((await problemOf(declared, 413)).code, "body_too_large");
  assert.equal((await problemOf(await post(PATH, body), 413)).code, "body_too_large");
  assert.deepEqual(posthorn.delivered, []);
  assert.equal((await post(PATH, JSON.stringify(good).padEnd(100))).status, 202);
});

test("a query is refused, since none is taken here", async () => {
  const { post } = testApp();
  assert.deepEqual(await pointersOf(await post(`${PATH}?wait=5`, good)), ["wait"]);
});

test("the library's field names become the API's", async () => {
  const { posthorn, post } = testApp();
  posthorn.webhooks.deliver = async () => {
    throw new InvalidInputError([
      { path: ["targetUrl"], detail: "is private" },
      { path: ["headers", "maxForwards"], detail: "is reserved" },
    ]);
  };
  assert.deepEqual(await pointersOf(await post(PATH, good)), ["/target_url", "/headers/maxForwards"]);
});

test("an overload is answered 503, with when to try again", async () => {
  const { posthorn, post, logged } = testApp();
  posthorn.webhooks.deliver = async () => {
    throw new OverloadedError("too much waits", 7);
  };
  const answer = await post(PATH, good);
  assert.equal(answer.headers.get("retry-after"), "7");
  assert.equal((await problemOf(answer, 503)).code, "overloaded");
  assert.deepEqual(logged, []);
});

test("an unavailable database is answered 503, and logged once, then once a minute, and once when it is over", async () => {
  const { posthorn, post, logged, clock } = testApp();
  posthorn.webhooks.deliver = async () => {
    throw new StoreUnavailableError("/var/db/posthorn.db is full", {
      cause: new Error("database or disk is full"),
    });
  };
  for (let n = 0; n < 3; n++) {
    const answer = await post(PATH, good);
    assert.equal(answer.headers.get("retry-after"), "5");
    const { code, detail } = await problemOf(answer, 503);
    assert.equal(code, "store_unavailable");
    assert.doesNotMatch(detail, /var/);
  }
  assert.deepEqual(
    logged.map(({ message }) => message),
    ["the database is unavailable; nothing is accepted, and results wait until it is back"],
  );
  assert.match(String(logged[0]?.fields.reason), /^database or disk is full$/);
  for (let second = 0; second < 60; second++) {
    clock.advance(1_000);
    await post(PATH, good);
  }
  assert.deepEqual(
    logged.slice(1).map(({ message, fields }) => [message, fields.forSeconds]),
    [["the database is still unavailable", 60]],
  );
  for (let second = 0; second < 2; second++) {
    clock.advance(1_000);
    await nextTurn();
  }
  assert.deepEqual(
    logged.slice(2).map(({ message, fields }) => [message, fields]),
    [["the database is available again", { afterSeconds: 62 }]],
  );
});

test("an unexpected error is a 500 without details, which can be found in the log", async () => {
  const { posthorn, post, logged } = testApp();
  posthorn.webhooks.deliver = async () => {
    throw new TypeError("secret internals");
  };
  const { instance, detail } = await problemOf(await post(PATH, good), 500);
  assert.match(instance ?? "", /^urn:uuid:[0-9a-f-]{36}$/);
  assert.doesNotMatch(detail, /internals/);
  assert.equal(logged[0]?.fields.instance, instance);
});
