import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "../../core/errors.ts";
import { firstRun, nextRun } from "./cron.ts";

test("an expression or a time zone that is invalid is named, with what to write instead", () => {
  const wrong: [cron: string, timeZone: string, why: RegExp][] = [
    [
      "99 * * * *",
      "UTC",
      /^"99 \* \* \* \*" in the time zone "UTC" is not a schedule: cron takes five fields .*minute/,
    ],
    ["* * *", "UTC", /"\* \* \*" in the time zone "UTC" is not a schedule: cron takes five fields/],
    ["", "UTC", /"" in the time zone "UTC" is not a schedule: cron takes five fields/],
    ["0 0 3 * * * 2030", "UTC", /cron takes five fields .*or six with seconds first/],
    ["2030-01-31T03:00:00", "UTC", /cron takes five fields .*not a time; for a single run, .*runAt/],
    ["2030-01-31T03:00:00Z", "UTC", /not a time/],
    ["* * * * *", "Mars/One", /in the time zone "Mars\/One" is not a schedule: timeZone is unknown.*Europe/],
    ["* * * * *", "", /in the time zone "" is not a schedule: timeZone must be an IANA name/],
  ];
  for (const [cron, timeZone, why] of wrong) {
    assert.throws(
      () => nextRun(cron, timeZone, 0),
      (error) => error instanceof ConfigurationError && why.test(error.message),
      cron,
    );
  }
});

test("nicknames, and six fields with seconds first, are expressions", () => {
  assert.equal(nextRun("@daily", "UTC", 0), 86_400_000);
  assert.equal(nextRun("*/10 * * * * *", "UTC", 0), 10_000);
});

test("only an expression that matches no day at all is never due", () => {
  const now = Date.parse("2026-05-01T12:00:00Z");
  assert.equal(nextRun("0 0 30 2 *", "UTC", now), null);
  assert.throws(() => firstRun({ cron: "0 0 30 2 *", timeZone: "UTC" }, now), {
    name: "ConfigurationError",
    message: /cron matches no day that exists; correct its day and month/,
  });
  assert.equal(firstRun({ cron: "0 0 29 2 *", timeZone: "UTC" }, now), Date.parse("2028-02-29T00:00:00Z"));
});
