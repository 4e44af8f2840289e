import assert from "node:assert/strict";
import { test } from "node:test";
import { isSafeToShare, sharingCaution } from "./sharing.ts";

test("only versions without the WAL-reset bug share a file", () => {
  const safe = ["3.44.6", "3.44.9", "3.50.7", "3.51.3", "3.51.10", "3.52.0", "3.53.1", "4.0.0"];
  const unsafe = ["3.44.5", "3.45.0", "3.49.2", "3.50.4", "3.50.6", "3.51.0", "3.51.2", "3.7.17", "0"];
  for (const version of safe) assert.equal(isSafeToShare(version), true, version);
  for (const version of unsafe) assert.equal(isSafeToShare(version), false, version);
});

test("where a file cannot be shared, its user is told which Node to use, of the same major version if there is one", () => {
  for (const [sqlite, node, take] of [
    ["3.50.2", "22.18.0", "22.22.3"],
    ["3.50.4", "23.11.1", "24.15.0"],
    ["3.50.4", "24.11.1", "24.15.0"],
    ["3.51.2", "25.8.0", "25.9.0"],
  ] as const) {
    const caution = String(sharingCaution("/data/app.db", sqlite, node));
    assert.match(caution, /no other one .* can open \/data\/app\.db/);
    assert.ok(caution.includes(`the SQLite ${sqlite} of Node ${node} `), caution);
    assert.ok(caution.endsWith(`use Node ${take} or later`), caution);
  }
});

test("nobody is cautioned whose SQLite can share files, or whose database is in memory", () => {
  assert.equal(sharingCaution("/data/app.db", "3.51.3", "24.15.0"), undefined);
  assert.equal(sharingCaution(":memory:", "3.50.4", "24.11.1"), undefined);
});
