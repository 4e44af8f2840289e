import assert from "node:assert/strict";
import { test } from "node:test";
import { cronWords } from "./cron-words.ts";

test("a common cron expression is said in words, and no other", () => {
  const cases: [string, string | undefined][] = [
    ["* * * * *", "every minute"],
    ["*/5 * * * *", "every 5 minutes"],
    ["7 * * * *", "every hour at :07"],
    ["0 */6 * * *", "every 6 hours at :00"],
    ["0 3 * * *", "every day at 03:00"],
    ["30 9 * * 1-5", "on weekdays at 09:30"],
    ["0 8 * * 1", "every Monday at 08:00"],
    ["0 8 * * 7", "every Sunday at 08:00"],
    ["0 0 1 * *", "on day 1 of the month at 00:00"],
    ["0 0 1 1 *", undefined],
    ["0 9-17 * * *", undefined],
    ["0 8 * * 9", undefined],
    ["0 0 1 * 1", undefined],
    ["*/10 8 * * *", undefined],
    ["0 0 3 * * *", undefined],
    ["@daily", undefined],
  ];
  for (const [cron, words] of cases) assert.equal(cronWords(cron), words, cron);
});
