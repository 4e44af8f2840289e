import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError, createLog, openPosthorn, schedule, silentLog, task } from "../src/posthorn.ts";

const note = task("note", { run: () => "done" });

// biome-ignore lint/suspicious/noExplicitAny: as it looks to those who call it without types
type Untyped = any;

test("a definition or a setting of another kind is refused where it is given, not at the first job", async () => {
  const untyped: Untyped = { task, openPosthorn, createLog };
  const scheduled = (options: Untyped, name: Untyped = "s") =>
    openPosthorn({
      database: ":memory:",
      tasks: [note],
      schedules: [schedule(name, { cron: "* * * * *", task: note, input: 1, ...options })],
      log: silentLog,
    });
  const wrong: readonly [string, () => unknown, RegExp][] = [
    ["a handler for options", () => untyped.task("f", async () => 1), /^task f: .* task\("f", \{ run \}\)$/],
    ["no options", () => untyped.task("f", null), /^task f: its options must be an object/],
    [
      "a schema of another kind",
      () => untyped.task("f", { input: { parse() {} } }),
      /^task f: input must be a Standard Schema/,
    ],
    [
      "a schema that is a name",
      () => untyped.task("f", { input: "string" }),
      /^task f: input must be a Standard Schema/,
    ],
    [
      "nothing to open",
      () => untyped.openPosthorn(),
      /^openPosthorn: options: must be an object with database/,
    ],
    [
      "one target for several",
      () => untyped.openPosthorn({ database: ":memory:", allowTargets: "127.0.0.1" }),
      /^allowTargets must be a list/,
    ],
    [
      "a worker by name",
      () => untyped.openPosthorn({ database: ":memory:", worker: "x" }),
      /^worker must be true/,
    ],
    [
      "a log without methods",
      () => untyped.openPosthorn({ database: ":memory:", log: 5 }),
      /^log must be a logger/,
    ],
    ["a log of nothing", () => untyped.createLog(null), /^createLog: options: must be an object with level/],
    [
      "a log of an unknown level",
      () => untyped.createLog({ level: "verbose" }),
      /^createLog: level must be one/,
    ],
    [
      "a log that is pretty in words",
      () => untyped.createLog({ pretty: "yes" }),
      /^createLog: pretty must be/,
    ],
    ["a log to a path", () => untyped.createLog({ destination: "a.log" }), /^createLog: destination must be/],
    [
      "a log with a misspelt option",
      () => untyped.createLog({ levle: "warn" }),
      /^createLog: levle: is unknown/,
    ],
    [
      "a key of bytes",
      () => untyped.openPosthorn({ database: ":memory:", masterKey: [] }),
      /^masterKey must be a/,
    ],
    [
      "a number in words",
      () => untyped.openPosthorn({ database: ":memory:", concurrency: "8" }),
      /^concurrency must be a whole number from 1 to 1000, not "8"/,
    ],
    [
      "a word for true",
      () => untyped.openPosthorn({ database: ":memory:", logSuccesses: "true" }),
      /^logSuccesses must be true or false/,
    ],
    [
      "a number for true",
      () => untyped.openPosthorn({ database: ":memory:", propagateTrace: 1 }),
      /^propagateTrace must be true or false/,
    ],
    [
      "tasks by name",
      () => untyped.openPosthorn({ database: ":memory:", tasks: { note } }),
      /^tasks must be a list/,
    ],
    ["a schedule without a name", () => scheduled({}, null), /^null cannot name a schedule/],
    [
      "an endless time zone",
      () => scheduled({ timeZone: 1 / 0 }),
      /timeZone must be an IANA name, such as Europe/,
    ],
    ["a date for a cron", () => scheduled({ cron: new Date() }), /cron must be a string/],
  ];
  for (const [what, ask, says] of wrong)
    await assert.rejects(
      async () => ask(),
      (thrown) => {
        assert.ok(thrown instanceof ConfigurationError, `${what}: ${thrown}`);
        assert.match(thrown.message, says, what);
        return true;
      },
      what,
    );
});
