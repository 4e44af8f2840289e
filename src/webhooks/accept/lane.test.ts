import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { laneOfUrl } from "./lane.ts";

test("a lane is the URL's origin and path", () => {
  const cases: [string, string][] = [
    ["https://hooks.example.com/in", "https://hooks.example.com/in"],
    ["https://hooks.example.com", "https://hooks.example.com/"],
    ["https://HOOKS.example.com:443/in", "https://hooks.example.com/in"],
    ["http://127.0.0.1:9000/a/../b", "http://127.0.0.1:9000/b"],
    ["http://[::1]:9000/", "http://[::1]:9000/"],
    ["https://hooks.example.com/in?token=secret#part", "https://hooks.example.com/in"],
  ];
  for (const [url, lane] of cases) assert.equal(laneOfUrl(new URL(url)), lane);
});

test("URLs that differ in their query share a lane; those that differ in path, port or scheme do not", () => {
  const lanes = ["/a?x=1", "/a?x=2", "/b", ":81/a"].map((rest) =>
    laneOfUrl(new URL(`http://example.com${rest}`)),
  );
  assert.equal(lanes[0], lanes[1]);
  assert.equal(new Set([...lanes, laneOfUrl(new URL("https://example.com/a"))]).size, 4);
});

test("a lane is at most 256 characters long, and two long ones that differ anywhere stay two", () => {
  const path = fc.stringMatching(/^[a-z]{0,600}$/);
  fc.assert(
    fc.property(path, path, (one, other) => {
      const lanes = [one, other].map((end) =>
        laneOfUrl(new URL(`https://example.com/${"p".repeat(200)}/${end}`)),
      );
      for (const lane of lanes) assert.ok(lane.length <= 256);
      assert.equal(lanes[0] === lanes[1], one === other);
    }),
  );
});
