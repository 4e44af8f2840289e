import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { parseQuery } from "./parse.ts";

test("an unknown parameter is answered with the valid ones, where there are any", () => {
  const refused = (schema: z.ZodObject, sentence: RegExp) =>
    assert.throws(() => parseQuery(schema, "/?token=1"), { message: sentence });
  refused(
    z.strictObject({ limit: z.string(), cursor: z.string() }).partial(),
    /valid names are limit, cursor$/,
  );
  refused(z.strictObject({}), /token is unknown$/);
});
