import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, type LogOptions } from "./log.ts";
import { redactUrl } from "./redact-url.ts";

function recorded(options: LogOptions): { lines: string[]; log: ReturnType<typeof createLog> } {
  const lines: string[] = [];
  return { lines, log: createLog({ ...options, destination: { write: (line) => lines.push(line) } }) };
}

test("an entry is one line of JSON with an RFC 3339 time, its level by name, its fields and the message", () => {
  const { lines, log } = recorded({});
  log.warn({ jobId: "job_1", attempts: 3 }, "delivery failed");
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /\}\n$/);
  const { time, ...rest } = JSON.parse(lines[0] ?? "");
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, { level: "warn", jobId: "job_1", attempts: 3, msg: "delivery failed" });
});

test("entries below the level are not written", () => {
  const { lines, log } = recorded({ level: "error" });
  log.info({}, "one");
  log.warn({}, "two");
  log.error({}, "three");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).msg),
    ["three"],
  );
});

test("a URL loses its userinfo and query, as a string or as a URL", () => {
  const { lines, log } = recorded({});
  const targetUrl = "https://user:hunter2@example.com/hook?token=hunter2#hunter2";
  log.info({ targetUrl, url: new URL(targetUrl) }, "sent");
  assert.doesNotMatch(lines.join(), /hunter2/);
  assert.equal(JSON.parse(lines[0] ?? "").targetUrl, "https://example.com/hook?[redacted]");
});

test("an error keeps message, code, stack and cause, and nothing that a library hung on it", () => {
  const { lines, log } = recorded({});
  const cause = Object.assign(new Error("reset"), {
    code: "ECONNRESET",
    request: { authorization: "hunter2" },
  });
  log.error({ err: new Error("cannot send", { cause }) }, "oh");
  assert.doesNotMatch(lines.join(), /hunter2/);
  const { err } = JSON.parse(lines[0] ?? "");
  assert.equal(err.message, "cannot send");
  assert.match(err.stack, /log\.test/);
  assert.equal(err.cause.code, "ECONNRESET");
});

test("pretty lines are for people", () => {
  const { lines, log } = recorded({ pretty: true });
  log.info({ url: "http://127.0.0.1:8000", of: "a b" }, "listening");
  log.error({ err: new Error("no", { cause: new Error("why") }) }, "failed");
  assert.match(
    lines[0] ?? "",
    /^\d\d:\d\d:\d\d\.\d{3} info {2}listening {2}url=http:\/\/127\.0\.0\.1:8000\/ {2}of="a b"\n$/,
  );
  assert.match(lines[1] ?? "", /error failed\n {4}Error: no\n.*caused by: Error: why/s);
});

test("pretty lines do not let what was logged steer the terminal", () => {
  const { lines, log } = recorded({ pretty: true });
  log.error({ err: new Error("a\u001b[31mb"), said: "\u202edoog" }, "it\u0007 failed");
  assert.match(lines[0] ?? "", /it\\x07 failed .*\\u202edoog/);
  assert.match(lines[0] ?? "", /Error: a\\x1b\[31mb/);
});

test("a value that is not a URL is not shown in its place", () => {
  assert.equal(redactUrl("http://[hunter2"), "[not a URL]");
});
