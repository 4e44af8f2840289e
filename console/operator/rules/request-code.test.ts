import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { deliveryCurl, requestCode } from "./request-code.ts";

const SENT = {
  server: "http://127.0.0.1:8000",
  target: "http://a.example/it's",
  payload: `{"it's": "\\"1\\""}`,
};
const BODY = { target_url: SENT.target, payload: { "it's": '"1"' } };

test("code to copy into a shell or a program sends the payload that was typed", async () => {
  const code = requestCode(SENT);
  const shell = `${code.get("curl")}`.replace("curl ", "printf '%s\\n' ");
  const words = execFileSync("sh", ["-c", shell], { encoding: "utf8" }).trim().split("\n");
  assert.equal(words[0], "http://127.0.0.1:8000/webhooks/deliver");
  assert.deepEqual(JSON.parse(words.at(-1) ?? ""), BODY);

  const asked: unknown[] = [];
  const fetch = (url: string, { body }: { readonly body: string }) => asked.push(url, JSON.parse(body));
  const posthorn = { webhooks: { deliver: (options: unknown) => asked.push(options) } };
  for (const name of ["fetch", "Library"]) {
    const run = new Function("fetch", "posthorn", `return (async () => { ${code.get(name)} })()`);
    await run(fetch, posthorn);
  }
  const { target_url: targetUrl, payload } = BODY;
  assert.deepEqual(asked, ["http://127.0.0.1:8000/webhooks/deliver", BODY, { targetUrl, payload }]);
  assert.match(code.get("Python") ?? "", /json\.loads\("\{\\"it's\\": \\"\\\\\\"1\\\\\\"\\"\}"\)/);
});

test("a shell hands a delivery's curl on as it is, and runs nothing that stands in it", () => {
  const request = {
    url: "https://example.com/in?a=[1-9]&b='$(id)'",
    headers: [
      { name: "webhook-id", value: "it's `id` $HOME" },
      { name: "x-`id`-$HOME", value: null },
    ],
  };
  const payload = `{"n": 1.0, "text": "it's $(id) \\n"}`;
  const script = `curl() { printf '%s\\0' "$@"; }\n${deliveryCurl(request, payload)}`;
  const env = { PATH: process.env.PATH, X__ID___HOME: "only $HOME theirs" };
  assert.deepEqual(execFileSync("sh", ["-c", script], { encoding: "utf8", env }).split("\0"), [
    ...["-g", request.url, "-H", "webhook-id: it's `id` $HOME", "-H", "x-`id`-$HOME: only $HOME theirs"],
    ...["--data-raw", payload, ""],
  ]);
});
