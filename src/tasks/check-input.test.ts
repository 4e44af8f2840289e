import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { InvalidInputError } from "../core/errors.ts";
import { checkInput } from "./check-input.ts";

const schemas: Record<string, StandardSchemaV1> = {
  zod: z.object({ orderId: z.string(), lines: z.array(z.object({ count: z.number() })) }),
  valibot: v.object({ orderId: v.string(), lines: v.array(v.object({ count: v.number() })) }),
  arktype: type({ orderId: "string", lines: type({ count: "number" }).array() }),
};

for (const [library, schema] of Object.entries(schemas)) {
  describe(`a schema of ${library}`, () => {
    test("accepts what fits", async () => {
      const input = { orderId: "o1", lines: [{ count: 1 }] };
      assert.deepEqual(await checkInput(schema, input), input);
    });

    test("names every field that does not fit, however deep", async () => {
      const wrong = checkInput(schema, { orderId: 1, lines: [{ count: 1 }, { count: "two" }] });
      await assert.rejects(wrong, (error) => {
        assert.ok(error instanceof InvalidInputError);
        assert.deepEqual(error.problems.map(({ path }) => path.join(".")).sort(), [
          "lines.1.count",
          "orderId",
        ]);
        for (const { detail } of error.problems) assert.notEqual(detail, "");
        return true;
      });
    });
  });
}

test("what a schema converts is what comes out, also when it takes its time", async () => {
  const schema = z.object({ at: z.iso.datetime().transform(async (text) => new Date(text)) });
  const checked = await checkInput(schema, { at: "2030-01-01T00:00:00Z" });
  assert.deepEqual(checked, { at: new Date("2030-01-01T00:00:00Z") });
});

test("without a schema everything fits", async () => {
  assert.equal(await checkInput(undefined, 7), 7);
});

test("no more than twenty problems are named", async () => {
  const many = checkInput(
    z.array(z.string()),
    Array.from({ length: 100 }, (_, n) => n),
  );
  await assert.rejects(many, (error) => error instanceof InvalidInputError && error.problems.length === 20);
});
