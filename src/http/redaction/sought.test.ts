import assert from "node:assert/strict";
import { test } from "node:test";
import { holdsIn } from "../../core/job-content.ts";
import { RedactedAnswers } from "./redacted-answers.ts";
import { RedactionPaths } from "./redaction-paths.ts";
import { errorHolds, soughtBy } from "./sought.ts";

const redacted = new RedactedAnswers(new RedactionPaths(["$.customer.email"]));
const JOB = {
  input:
    '{"id":9007199254740993,"items":[{"sku":"a-1","n":1.50}],"password":"hunter2 input 24 chars","customer":{"email":"ana@example.com"},"ok":true}',
  result: '{"at":"https://example.com/?token=whsec_secret"}',
  error: "HTTP 500 from example.com, with authorization: Bearer abcdefghijkl",
};

function finds(asked: string, payloads: "full" | "redacted" = "full"): boolean {
  return holdsIn(soughtBy(asked, payloads, redacted))(JOB);
}

test("a string is found in input, result and error, as it is written there", () => {
  for (const asked of ['"sku":"a-1"', "9007199254740993", "hunter2", "example.com/?token", "HTTP 500"])
    assert.ok(finds(asked), asked);
  for (const asked of ["9007199254740992", "A-1", "nobody"]) assert.ok(!finds(asked), asked);
});

test("a value is found at its path, with every digit, and nowhere else", () => {
  for (const asked of [
    "$.id = 9007199254740993",
    "$.items[0].sku = a-1",
    '$.items[0].sku="a-1"',
    "$.items[0].n = 1.5",
    "$.ok = true",
  ])
    assert.ok(finds(asked), asked);
  for (const asked of [
    "$.id = 9007199254740992",
    "$.items[1].sku = a-1",
    "$.items.sku = a-1",
    "$.sku = a-1",
    "$.ok = 1",
    "$.constructor = x",
    "$.items = a-1",
  ])
    assert.ok(!finds(asked), asked);
});

test("what is not shown is not found: not its text, not what stands for it, not at its path", () => {
  for (const asked of [
    "hunter2",
    "24 chars",
    "ana@example.com",
    "$.password = hunter2 input 24 chars",
    "$.customer.email = ana@example.com",
    "whsec_secret",
    "abcdefghijkl",
    "input 2",
  ]) {
    assert.ok(finds(asked), `${asked}, to who is shown all`);
    assert.ok(!finds(asked, "redacted"), asked);
  }
  for (const asked of ["HTTP 500", "a-1", "$.items[0].sku = a-1", "$.id = 9007199254740993"])
    assert.ok(finds(asked, "redacted"), asked);
});

test("a key that is shown no payloads cannot search them", () => {
  assert.throws(() => soughtBy("a-1", "none", redacted), /text/);
});

test("an error is searched ignoring case, and never for what is not shown of it", () => {
  const finds = (asked: string, payloads: "full" | "redacted") =>
    errorHolds(asked, payloads, redacted)(JOB.error);
  for (const payloads of ["full", "redacted"] as const) {
    assert.ok(finds("http 500 FROM", payloads));
    assert.ok(!finds("HTTP 501", payloads));
  }
  assert.ok(finds("abcdefghijkl", "full"));
  for (const asked of ["abcdefghijkl", "••••", "chars"]) assert.ok(!finds(asked, "redacted"), asked);
  assert.throws(() => errorHolds("a", "none", redacted), /text/);
});

test("what is not shown takes as much work to look for, and to miss, as what is not there", () => {
  const made: string[] = [];
  const noting = {
    member(...[name, written, payloads]: Parameters<RedactedAnswers["member"]>) {
      made.push(name);
      return redacted.member(name, written, payloads);
    },
  };
  const work = (asked: string) => {
    made.length = 0;
    assert.ok(!holdsIn(soughtBy(asked, "redacted", noting))(JOB), asked);
    return [...made];
  };
  const missed = work("nobody");
  assert.deepEqual(missed, ["input", "result", "error"]);
  for (const asked of ["hunter2", "whsec_s", "abcdefghijkl", "$.customer.email = ana@example.com"])
    assert.deepEqual(work(asked), missed, asked);
});
