import assert from "node:assert/strict";
import { test } from "node:test";
import { testApp } from "../../test-kit/fake-posthorn.ts";
import { problemOf } from "../../test-kit/problem-of.ts";

test("the page of docs and its parts are served with their types", async () => {
  const { ask } = testApp();
  for (const [path, type] of [
    ["/docs", "text/html; charset=utf-8"],
    ["/docs/page.css", "text/css; charset=utf-8"],
    ["/docs/page.js", "text/javascript; charset=utf-8"],
  ] as const) {
    const answer = await ask(path);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), type);
  }
});

test("the page can ask no other host, and names none", async () => {
  const { ask } = testApp();
  for (const path of ["/docs", "/docs/page.css", "/docs/page.js"]) {
    const answer = await ask(path);
    const policy = answer.headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none'; /);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.doesNotMatch(await answer.text(), /https?:|["'(]\/\//);
  }
});

test("all that the page refers to is there", async () => {
  const { ask } = testApp();
  const html = await (await ask("/docs")).text();
  const paths = [...html.matchAll(/(?:src|href)="([^":]*)"/g)].map(([, path = ""]) => path);
  assert.ok(paths.length >= 3);
  for (const path of paths) {
    assert.doesNotMatch(path, /^\//, "an address from the root is wrong where the API is mounted below it");
    assert.equal((await ask(`/${path}`)).status, 200, path);
  }
});

test("no other file is served", async () => {
  const { ask } = testApp();
  for (const file of ["nope.js", "..%2fapp.ts", "%2e%2e%2fapp.ts", "page.html%00", "__proto__"]) {
    await problemOf(await ask(`/docs/${file}`), 404);
  }
});
