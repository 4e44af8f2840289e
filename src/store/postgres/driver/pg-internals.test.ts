import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import pg from "pg";

// Of pg's Connection, which its documentation does not describe: what sends several statements in one message.
const USED = [
  "bind",
  "close",
  "describe",
  "execute",
  "parse",
  "stream.cork",
  "stream.destroy",
  "stream.uncork",
  "sync",
];

const version: unknown = createRequire(import.meta.url)("pg/package.json").version;

test("pg still has the undocumented members that a round trip is sent with", () => {
  const connection = new pg.Connection();
  const missing = USED.filter((path) => {
    const member = path.split(".").reduce<unknown>((of, name) => Reflect.get(Object(of), name), connection);
    return typeof member !== "function";
  });
  assert.deepEqual(
    missing,
    [],
    `pg ${version} has no ${missing.join(", ")} on its Connection: stay on the version before, or change round-trip.ts`,
  );
});

test("a round trip uses no other members of pg's Connection", () => {
  const source = readFileSync(join(import.meta.dirname, "round-trip.ts"), "utf8");
  const used = [...source.matchAll(/\bconnection\.(stream\.\w+|\w+)/g)].map(([, path]) => path);
  assert.deepEqual([...new Set(used)].sort(), USED);
});

test("pg is pinned, so that its internals change only where this is looked at", () => {
  const root = join(import.meta.dirname, "../../../..");
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.equal(dependencies.pg, version, "package.json has to name pg's exact version");
});
