import assert from "node:assert/strict";
import { test } from "node:test";
import type { Caller } from "./permission.ts";
import { plainError } from "./plain-refusals.ts";

const RESOLVED = "internal.example resolves to an address that is not public; list it (--allow-targets)";

test("a session of the portal is not told what a target's name resolves to, nor how the server is configured", () => {
  const customer = { capabilities: ["view"] } as unknown as Caller; // the rest plays no part
  const operator = {} as unknown as Caller; // likewise
  assert.equal(
    plainError(customer, RESOLVED),
    "the endpoint is not an address that deliveries may be sent to",
  );
  assert.equal(plainError(customer, "HTTP 500 from acme.example"), "HTTP 500 from acme.example");
  assert.equal(plainError(customer, null), null);
  assert.equal(plainError(operator, RESOLVED), RESOLVED);
});
