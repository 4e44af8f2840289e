import assert from "node:assert/strict";
import { test } from "node:test";
import { printTable } from "./table.ts";
import { columnsOf, cutColumns } from "./width.ts";

function printed(rows: readonly string[][], columns?: number): string[] {
  const lines: string[] = [];
  const terminal = { isTTY: columns !== undefined, ...(columns !== undefined && { columns }) };
  const write = (text: string | Uint8Array) => lines.push(String(text).replace(/\n$/, ""));
  printTable({ write, ...terminal }, ["NAME", "STATE", "MORE"], rows);
  return lines;
}

test("a string takes as many columns as a terminal draws", () => {
  const cases: [string, number][] = [
    ["plain", 5],
    ["日本語", 6],
    ["サーバー", 8],
    ["ｶﾅ", 2],
    ["한국", 4],
    ["cafe\u0301", 4],
    ["zero\u200bwidth", 9],
    ["💩", 2],
    ["👩\u200d👩\u200d👧", 2],
    ["❤\ufe0f", 2],
    ["ملف", 3],
  ];
  for (const [text, columns] of cases) assert.equal(columnsOf(text), columns, text);
});

test("a table's columns are aligned whatever the names are made of", () => {
  const names = [
    "plain",
    "日本語のタスク",
    "💩👩\u200d👩\u200d👧",
    "cafe\u0301",
    "ملف-عربي",
    "\u001b[31mred",
    "a\nb\tc",
  ];
  const [heading = "", ...lines] = printed(names.map((name) => [name, "open", "x"]));
  for (const line of lines) {
    assert.equal(columnsOf(line.slice(0, line.indexOf("open"))), heading.indexOf("STATE"), line);
    assert.doesNotMatch(line, /\p{Cc}/u);
  }
});

test("on a terminal a long name leaves room for the other columns, and nothing is cut within a character", () => {
  const rows = [
    ["x".repeat(200), "open", "first"],
    ["日".repeat(100), "open", "second"],
  ];
  const lines = printed(rows, 80);
  assert.deepEqual(
    lines
      .map((line) =>
        line
          .slice(line.indexOf("…") + 1)
          .trim()
          .split(/\s+/),
      )
      .slice(1),
    [
      ["open", "first"],
      ["open", "second"],
    ],
  );
  for (const line of lines) assert.ok(columnsOf(line) <= 80, line);
  assert.ok(printed(rows)[1]?.startsWith("x".repeat(200)), "a file gets all of it");
  assert.equal(cutColumns("💩💩💩", 4), "💩…");
});
