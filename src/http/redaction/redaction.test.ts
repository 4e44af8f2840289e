import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidInputError } from "../../core/errors.ts";
import { redactJson, redactText } from "./redact-text.ts";
import { RedactedAnswers } from "./redacted-answers.ts";
import { isSecretName, RedactionPaths } from "./redaction-paths.ts";

const PATHS = new RedactionPaths(["$.customer.email", "**.street", "$.items[*].price"]);

const CASES: readonly (readonly [given: string, redacted: string])[] = [
  ['{"a":1}', '{"a":1}'],
  // numbers, white space, the order of keys and keys that come twice stay as they are
  [
    '{ "z" : 9007199254740993, "a":1.0,\n"a":2,"password" :"hunter2" }',
    '{ "z" : 9007199254740993, "a":1.0,\n"a":2,"password" :"•••• 7 chars" }',
  ],
  ['{"customer":{"email":"a@b.c","name":"Ana"}}', '{"customer":{"email":"•••• 5 chars","name":"Ana"}}'],
  ['{"other":{"email":"a@b.c"}}', '{"other":{"email":"a@b.c"}}'],
  ['{"x":[{"address":{"street":"5 High St"}}]}', '{"x":[{"address":{"street":"•••• 9 chars"}}]}'],
  ['{"items":[{"price":12.50},{"price":null}]}', '{"items":[{"price":"•••• 5 chars"},{"price":null}]}'],
  // below a secret, the shape stays
  [
    '{"credentials":{"user":"me","scopes":["a","bc"],"n":null}}',
    '{"credentials":{"user":"•••• 2 chars","scopes":["•••• 1 char","•••• 2 chars"],"n":null}}',
  ],
  ['{"\\u0070assword":"x\\"y"}', '{"\\u0070assword":"•••• 3 chars"}'],
  // JSON within JSON, and text within it
  ['{"body":"{\\"apiKey\\":\\"k\\"}"}', '{"body":"{\\"apiKey\\":\\"•••• 1 char\\"}"}'],
  ['["see https://u:p@a.example/x?k=1"]', '["see https://a.example/x?••••"]'],
  ["[]", "[]"],
  ["{}", "{}"],
];

test("what is secret is replaced by its length, and everything else stays as it was written", () => {
  for (const [given, redacted] of CASES) {
    assert.equal(redactJson(given, PATHS), redacted);
    JSON.parse(redacted);
  }
});

test("in other text, what follows a secret's name, tokens and the queries of URLs are left out", () => {
  const secret = "s3cr3t-of-theirs";
  for (const text of [
    `password=${secret}&a=1`,
    `{"id":1,"token":"${secret}","x`,
    `{"token":"${secret}`,
    `Authorization: Bearer ${secret}`,
    `it sent Bearer ${secret}`,
    `{"nested":"{\\"secret\\":\\"${secret}\\"`,
    `api_key: '${secret}'`,
    `no route to https://a.example/in?key=${secret}`,
    `https://me:${secret}@a.example/`,
    `whsec_${Buffer.from(secret).toString("base64")}`,
    `it-sent-eyJh.${secret}.sig to a.example`,
    `a..eyJh.${secret}.`,
    `eyJ..eyJh.eyJi.${secret}`,
    `eyJh.eyJi.key.iv.${secret}`, // a JWE has five parts
  ]) {
    const redacted = redactText(text, PATHS);
    assert.ok(!redacted.includes(secret) && !redacted.includes("whsec_"), redacted);
  }
  assert.equal(redactText("it sent x-eyJh.a.b, twice", PATHS), "it sent x-•••• 8 chars, twice");
  for (const plain of [
    "HTTP 500 from a.example",
    "it answered 410 Gone",
    "https://a.example/in",
    "eyJ.a.b",
    "eyJh.a",
  ])
    assert.equal(redactText(plain, PATHS), plain);
});

test("what a string costs to redact grows with its length, and not with its square", () => {
  // a pattern read to the end of the string from each place in it would take minutes here: this would not end
  for (const unit of ["-eyJ", "eyJ-", "https://a"]) {
    const text = unit.repeat(100_000);
    assert.ok(redactText(text, PATHS).length <= text.length, unit);
  }
});

test("the names of secrets are recognised in every spelling", () => {
  for (const name of [
    "password",
    "user_password",
    "apiKey",
    "X-API-Key",
    "clientSecret",
    "PIN",
    "access_token",
  ])
    assert.ok(isSecretName(name), name);
  for (const name of ["name", "shipping", "pinned", "email", "keyboard", "opinion"])
    assert.ok(!isSecretName(name), name);
});

test("JSON that is nested too deep is left out whole", () => {
  const deep = "[".repeat(5_000) + "]".repeat(5_000);
  assert.equal(redactJson(deep, PATHS), '"•••• 10000 chars"');
});

test("an invalid path is refused", () => {
  for (const path of ["customer.email", "$", "**", "$..x", "$.a b", ""])
    assert.throws(() => new RedactionPaths([path]), InvalidInputError);
});

test("in an answer, what was sent and its outcome are redacted or left out, and nothing else", () => {
  const answers = new RedactedAnswers(PATHS);
  const answer = JSON.stringify({
    data: [{ job_id: "job_1", target_url: "https://a.example/x?t=1", payload: { password: "p", n: 1 } }],
    response: "token=abcdef",
    error: null,
    payload_base64: "aGVsbG8=",
    schemas: { 1: { properties: { payload: { type: "object" } } } },
  });
  const [job] = JSON.parse(answers.text(answer, "redacted")).data;
  assert.deepEqual(job.payload, { password: "•••• 1 char", n: 1 });
  assert.equal(job.target_url, "https://a.example/x?••••");
  const redacted = JSON.parse(answers.text(answer, "redacted"));
  assert.deepEqual([redacted.response, redacted.error], ["token=•••• 6 chars", null]);
  const none = answers.text(answer, "none");
  for (const part of ["password", "abcdef", "aGVsbG8"]) assert.ok(!none.includes(part), part);
  assert.deepEqual(JSON.parse(none).schemas, JSON.parse(answer).schemas);
  assert.match(JSON.parse(none).data[0].payload, /not shown to this key/);
});

test("an event stream is redacted event by event, however its bytes are cut", async () => {
  const text = `: alive\n\nevent: progress\ndata: {"job_id":"job_1","progress":{"note":"password=hunter22"}}\n\n`;
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
  const answer = new Response(body, { headers: { "content-type": "text/event-stream" } });
  const shown = await (await new RedactedAnswers(PATHS).shown(answer, "redacted")).text();
  assert.equal(shown, text.replace("hunter22", "•••• 8 chars"));
});
