import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldLabel, shownValue } from "./shown-value.ts";

test("a setting is shown in words: its parts joined, durations with a unit, and a word for no value", () => {
  const shown = (field: string, value: unknown) => shownValue(field, value, "none");
  const unit = (n: number, name: string) =>
    new Intl.NumberFormat(undefined, { style: "unit", unit: name, unitDisplay: "short" }).format(n);
  const [five, minute, hours] = [unit(5, "second"), unit(1, "minute"), unit(2, "hour")];
  const retry = { attempts: 4, delays_ms: [5_000, 60_000, 7_200_000] };
  assert.equal(shown("retry", retry), `attempts 4; delays ${five}, ${minute}, ${hours}`);
  assert.equal(shown("limits", { rate: { limit: 10, per_ms: 60_000 } }), `rate limit 10; per ${minute}`);
  assert.equal(shown("timeout_ms", 1_500), unit(1_500, "millisecond"));
  assert.equal(shown("channels", ["x", "y"]), "x, y");
  assert.equal(shown("sends_event_type", false), "false");
  for (const nothing of [null, "", [], {}]) assert.equal(shown("channels", nothing), "none");
  assert.equal(
    shown("metadata", { my_key: "a_b" }),
    '{"my_key":"a_b"}',
    "their names are not ours to change",
  );
  assert.equal(fieldLabel("timeout_ms"), "timeout");
});
