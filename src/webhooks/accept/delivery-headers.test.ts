import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FieldProblem } from "../../core/errors.ts";
import { readHeaders } from "./delivery-headers.ts";

function read(headers: unknown): { kept: Record<string, string> | undefined; problems: string[] } {
  const problems: FieldProblem[] = [];
  const kept = readHeaders(headers, problems);
  return { kept, problems: problems.map(({ path, detail }) => `${path.join("/")}: ${detail}`) };
}

test("ordinary headers are kept as they were written", () => {
  const headers = {
    Authorization: "Bearer a b",
    "X-Trace": "1",
    "x-empty": "",
    "x-tab": "a\tb",
    "!#$%&'*+-.^_`|~": "token",
  };
  assert.deepEqual(read(headers), { kept: headers, problems: [] });
});

test("the content type can be set, in whatever case it is written", () => {
  assert.deepEqual(read({ "Content-Type": "application/cloudevents+json" }).kept, {
    "content-type": "application/cloudevents+json",
  });
});

test("a header that happens to be called __proto__ is a header", () => {
  const { kept, problems } = read(JSON.parse('{"__proto__":"a"}'));
  assert.deepEqual(problems, []);
  assert.equal(JSON.stringify(kept), '{"__proto__":"a"}');
});

test("what Posthorn or HTTP itself sets is refused, in whatever case it is written", () => {
  const ours = [
    "user-agent",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "content-length",
    "content-encoding",
  ];
  const https = [
    "host",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "http2-settings",
    "te",
    "trailer",
  ];
  const rest = ["expect", "proxy-authorization", "proxy-connection", "proxy-anything"];
  for (const name of [...ours, ...https, ...rest]) {
    for (const spelled of [name, name.toUpperCase(), name.charAt(0).toUpperCase() + name.slice(1)]) {
      const expected = ours.includes(name)
        ? /^headers\/.*: is set by Posthorn/
        : /^headers\/.*: belongs to HTTP itself$/;
      const [problem, ...others] = read({ [spelled]: "a" }).problems;
      assert.match(problem ?? "", expected, spelled);
      assert.deepEqual(others, []);
    }
  }
});

test("headers that only endpoints get in addition may be set for a target", () => {
  const headers = { "webhook-event-type": "a", "Svix-Id": "b" };
  assert.deepEqual(read(headers).kept, headers);
});

test("a name that is not a token is refused, and named", () => {
  for (const name of ["", " ", "x y", "x:", "x\r\ny", "é", "x\u0000", "(x)", "x,y", '"x"', "x/y"]) {
    assert.deepEqual(read({ [name]: "a" }).problems, [`headers/${name}: is not a header name (RFC 9110)`]);
  }
});

test("a value that is not visible ASCII text is refused, and not repeated", () => {
  const values = [
    "a\r\nx: y",
    "a\n",
    "\ra",
    "a\u0000b",
    " a",
    "a ",
    "\ta",
    "a\t",
    " ",
    "é",
    "€",
    "a\u007fb",
    "a\u0085",
  ];
  for (const value of [...values, 5, null, undefined, ["a"], { a: 1 }, true]) {
    assert.deepEqual(read({ "x-a": value }).problems, [
      "headers/x-a: must be a string of visible ASCII characters, with blanks only between them",
    ]);
  }
});

test("the same name twice, in two spellings, is refused", () => {
  assert.deepEqual(read({ "X-A": "1", "x-a": "2" }).problems, ["headers/x-a: is given twice"]);
});

test("every invalid header is named", () => {
  assert.equal(read({ Host: "a", "x y": "b", "x-a": "\n", "x-b": "fine" }).problems.length, 3);
});

test("what is not an object of headers is refused, even when it would be read as an empty one", () => {
  const hidden = new (class {
    get(name: string) {
      return name;
    }
  })();
  const others = [new Set(["x: y"]), new Date(0), hidden];
  for (const headers of [null, "x: y", 5, ["x: y"], [["x-a", "1"]], ...others]) {
    assert.deepEqual(read(headers).problems, [
      "headers: must be an object of names and strings, a Headers or a Map",
    ]);
  }
});

test("the entries of Headers and of a Map are taken, and checked like others", () => {
  const kept = { authorization: "Bearer a", "x-trace": "1" };
  const headers = new Headers({ Authorization: "Bearer a", "X-Trace": "1" });
  assert.deepEqual(read(headers), { kept, problems: [] });
  assert.deepEqual(read(new Map(Object.entries(kept))), { kept, problems: [] });
  assert.deepEqual(read(new Map([["Host", "a"]])).problems, ["headers/Host: belongs to HTTP itself"]);
  assert.deepEqual(read(new Map([["x-a", 1]])).problems.length, 1);
  assert.deepEqual(read(new Headers()), { kept: {}, problems: [] });
  assert.deepEqual(read(Object.create(null)), { kept: {}, problems: [] });
});

test("fifty headers are taken, fifty-one are not", () => {
  const make = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, "a"]));
  assert.deepEqual(read(make(50)).problems, []);
  assert.deepEqual(read(make(51)).problems, ["headers: must be at most 50; there are 51"]);
});

test("8192 bytes of headers are taken, 8193 are not", () => {
  assert.deepEqual(read({ "x-a": "a".repeat(8_189) }).problems, []);
  assert.deepEqual(read({ "x-a": "a".repeat(8_190) }).problems, [
    "headers: must be at most 8192 bytes together; there are 8193",
  ]);
});

test("whatever is given, nothing that could end a line is let through", () => {
  const piece = fc.constantFrom(
    "\r",
    "\n",
    "\r\n",
    "\0",
    " ",
    "\t",
    ":",
    "x",
    "é",
    "\u010a",
    "host",
    "Ā",
    "\u2028",
  );
  const text = fc.oneof(
    fc.array(piece).map((pieces) => pieces.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.dictionary(text, text), (headers) => {
      const { kept = {}, problems } = read(headers);
      if (problems.length > 0) return;
      for (const [name, value] of Object.entries(kept)) {
        assert.match(name, /^[^\s:\p{Cc}\u0080-\uffff]+$/u);
        assert.match(value, /^[\t\x20-\x7e]*$/);
        assert.equal(value.trim(), value);
      }
    }),
    { numRuns: 1_000 },
  );
});
