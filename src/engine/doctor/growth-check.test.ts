import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MS, HOUR_MS } from "../../core/duration.ts";
import { FILE, judges, NOW, PERIODS, POSTGRES, SQLITE } from "../test-kit/judged.ts";
import { GIB, MIB } from "./finding.ts";
import { fullAt, growthOf } from "./growth.ts";
import { growth } from "./growth-check.ts";

const storage = [
  { part: "data", bytes: 20 * GIB },
  { part: "free", bytes: GIB },
  { part: "wal", bytes: 64 * MIB },
];
const sized = (bytes: number, freeDiskBytes: number, mostBytes: number | null = null) => ({
  ...{ storage, file: { ...FILE, bytes, freeDiskBytes, mostBytes } },
});
/** Since this long ago, when the data was this large. */
const grown = (ms: number, before: number) => ({
  growth: growthOf(NOW, storage, [{ hour: NOW - ms, part: "data", bytes: before, at: NOW - ms }]),
});

test("growth is unknown for a database that was not looked at before", () => {
  assert.equal(growthOf(NOW, storage, []), undefined);
});

judges("growth, of a SQLite file", growth, SQLITE, [
  ["ok", sized(21 * GIB, 50 * GIB), /^unknown until/, grown(5 * HOUR_MS, GIB)],
  ["ok", sized(21 * GIB, 50 * GIB), /^the database has not grown lately$/, grown(DAY_MS, 20 * GIB)],
  [
    "ok",
    sized(21 * GIB, 50 * GIB),
    /^6\.0 GiB a day: there is room for 8d12h$/,
    grown(12 * HOUR_MS, 17 * GIB),
  ],
  [
    "warn",
    sized(21 * GIB, 50 * GIB),
    /^10\.0 GiB a day: there is room for 5d2h; keep less/,
    grown(DAY_MS, 10 * GIB),
  ],
  ["bad", sized(21 * GIB, 4 * GIB), /there is room for 12h; keep less/, grown(DAY_MS, 10 * GIB)],
  ["bad", sized(21 * GIB, 50 * GIB, 25 * GIB), /there is room for 12h; keep less/, grown(DAY_MS, 10 * GIB)],
  [
    ...(["ok", sized(21 * GIB, 4 * GIB), /^10\.0 GiB a day$/] as const),
    { ...grown(DAY_MS, 10 * GIB), retention: { ...PERIODS, mostBytes: 22 * GIB } },
  ],
]);

test("unused space and the log do not count as growth, and no date years ahead is given", () => {
  const kept = storage.map(({ part }) => ({ hour: NOW - DAY_MS, part, bytes: 0, at: NOW - DAY_MS }));
  assert.deepEqual([...(growthOf(NOW, storage, kept) ?? [])], [["data", 20 * GIB]]);
  const facts = { ...SQLITE, ...sized(21 * GIB, 50 * GIB) };
  assert.equal(fullAt(NOW, facts, new Map([["data", 100 * MIB]]), {}), null);
});

judges("growth, of a PostgreSQL database", growth, POSTGRES, [
  [
    ...(["ok", {}, /^3\.0 GiB a day, most of it in posthorn\.events$/] as const),
    {
      growth: new Map([
        ["jobs", GIB],
        ["events", 2 * GIB],
      ]),
    },
  ],
]);
