import assert from "node:assert/strict";
import { test } from "node:test";
import { connectForTest, scratchServer } from "../test-kit/scratch.ts";
import { arrayOf, columnOf } from "./statement.ts";

const server = scratchServer();

const ODD = ["", "null", "a,b", '"', "\\", '\\"', "{}", " ", "line\nbreak", "ü€😀", "it's"];

test("an array has the strings that it was made of, whatever is in them", async (t) => {
  const client = await connectForTest(t, await server.newDatabase());
  const { rows } = await client.query("select unnest($1::text[]) as text", [arrayOf(ODD)]);
  assert.deepEqual(
    rows.map(({ text }) => text),
    ODD,
  );
  assert.equal(arrayOf([]), "{}");
  assert.equal(arrayOf([1, 2.5, true]), "{1,2.5,true}");
});

test("columns side by side have their nulls where they were, at the end too", async (t) => {
  const client = await connectForTest(t, await server.newDatabase());
  const items = [
    { id: 1, word: null, number: 5, nothing: null },
    { id: 2, word: "null", number: null, nothing: null },
    { id: 3, word: null, number: null, nothing: null },
  ];
  const { rows } = await client.query(
    `select *
     from unnest($1::int[], $2::text[], $3::int[], $4::text[]) as item (id, word, number, nothing)`,
    [
      columnOf(items, ({ id }) => id),
      columnOf(items, ({ word }) => word),
      columnOf(items, ({ number }) => number),
      columnOf(items, ({ nothing }) => nothing),
    ],
  );
  assert.deepEqual(rows, items);
});

test("nulls at the end of a column are not sent", () => {
  assert.equal(
    columnOf([null, 1, null], (value) => value),
    "{null,1}",
  );
  assert.equal(
    columnOf([null, null], (value) => value),
    "{}",
  );
});
