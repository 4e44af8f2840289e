import assert from "node:assert/strict";
import { test } from "node:test";
import { metaOf, readTraceParent, traceIdOf, traceOf } from "./trace-parent.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

for (const [text, read] of [
  [PARENT, PARENT],
  [`01-${TRACE}-b7ad6b7169203331-01-more`, PARENT],
  [`${PARENT}-more`, undefined],
  [`ff-${TRACE}-b7ad6b7169203331-01`, undefined],
  [`00-${"0".repeat(32)}-b7ad6b7169203331-01`, undefined],
  [`00-${TRACE}-${"0".repeat(16)}-01`, undefined],
  [PARENT.toUpperCase(), undefined],
  ["", undefined],
] as const)
  test(`the header traceparent: ${text} is ${read ? "read" : "ignored"}`, () => {
    assert.equal(readTraceParent(text)?.traceparent, read);
  });

test("what is kept with a job is read again, and names its trace", () => {
  const trace = readTraceParent(PARENT, "a=1,b=2") ?? assert.fail("it is valid");
  assert.deepEqual(traceOf({ meta: metaOf(trace) }), { traceparent: PARENT, tracestate: "a=1,b=2" });
  assert.equal(traceIdOf(trace), TRACE);
  assert.equal(traceOf(undefined), undefined);
  assert.equal(traceOf({ meta: "{}" }), undefined);
  assert.equal(traceOf({ meta: "damaged" }), undefined);
});

test("of a state that is too long, as many members are kept as 512 bytes have room for, the first ones", () => {
  const members = Array.from({ length: 30 }, (_, n) => `vendor${n}=${"x".repeat(20)}`);
  const meta = metaOf({ traceparent: PARENT, tracestate: members.join(",") });
  const kept = traceOf({ meta })?.tracestate?.split(",") ?? [];
  assert.ok(meta.length <= 512 && meta.length > 450, `${meta.length}`);
  assert.deepEqual(kept, members.slice(0, kept.length));
  assert.equal(
    metaOf({ traceparent: PARENT, tracestate: `a=${"x".repeat(600)}` }),
    metaOf({ traceparent: PARENT }),
  );
});
