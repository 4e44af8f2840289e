import assert from "node:assert/strict";
import { test } from "node:test";
import { exampleOf } from "./example-of.ts";

test("an input to begin with is made from the schema of a task's input", () => {
  const schema = {
    type: "object",
    properties: {
      orderId: { type: "string", examples: ["42"] },
      note: { type: ["string", "null"] },
      copies: { type: "integer", minimum: 1 },
      urgent: { type: "boolean", default: true },
      kind: { enum: ["invoice", "receipt"] },
      to: { anyOf: [{ type: "array", items: { type: "string" } }, { type: "null" }] },
      address: { properties: { street: { type: "string" } } },
      version: { const: 2 },
      more: {},
    },
  };
  assert.deepEqual(exampleOf(schema), {
    ...{ orderId: "42", note: "", copies: 1, urgent: true, kind: "invoice", to: [""] },
    ...{ address: { street: "" }, version: 2, more: null },
  });
  for (const none of [null, undefined, true, {}]) assert.equal(exampleOf(none), null);
  const endless: Record<string, unknown> = { type: "array" };
  endless.items = endless;
  assert.doesNotThrow(() => JSON.stringify(exampleOf(endless)));
});
