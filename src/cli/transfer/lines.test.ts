import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Line, linesOf } from "./lines.ts";

async function* each(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

async function read(chunks: readonly Buffer[]): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of linesOf(each(chunks))) lines.push(line);
  return lines;
}

test("lines are the same however the stream is cut, and only a line feed ends one", async () => {
  const text = fc.string({ unit: fc.constantFrom("a", "☎", "\u2028", "\r", "\n") });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(40)), async (whole, cuts) => {
      const bytes = Buffer.from(whole);
      const places = [
        0,
        ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
        bytes.length,
      ];
      const chunks = places.slice(1).map((to, at) => bytes.subarray(places[at], to));
      const expected = whole.split("\n");
      const rest = expected.pop();
      const lines = await read(chunks);
      assert.deepEqual(
        lines.map((line) => line.text),
        rest === "" ? expected : [...expected, rest],
      );
      for (const { text: line, end, isWhole } of lines)
        assert.equal(
          bytes
            .subarray(0, end)
            .toString()
            .endsWith(isWhole ? `${line}\n` : line),
          true,
        );
    }),
  );
});

test("the last line is distinguished from one that was cut off", async () => {
  assert.deepEqual(await read([Buffer.from("one\ntw")]), [
    { text: "one", end: 4, isWhole: true },
    { text: "tw", end: 6, isWhole: false },
  ]);
});
