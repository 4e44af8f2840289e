import assert from "node:assert/strict";
import { test } from "node:test";
import { handlerLog } from "./handler-log.ts";
import { createLog, type Log } from "./log.ts";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

function recorded() {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({
    level: "trace",
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  return { lines, log: handlerLog(log, { job: "job_1" }) };
}

test("fields and a message are written with what the log carries", () => {
  const { lines, log } = recorded();
  log.info({ rows: 3 }, "importing");
  const [{ time: _, ...line } = {}] = lines;
  assert.deepEqual(line, { level: "info", job: "job_1", rows: 3, msg: "importing" });
});

test("a string as the first argument is the message, at each level, and what follows it is not lost", () => {
  const { lines, log } = recorded();
  for (const level of LEVELS) log[level]("importing %d rows", 3, { from: "a.csv" });
  assert.deepEqual(
    lines.map(({ level, job, msg }) => [level, job, msg]),
    LEVELS.map((level) => [level, "job_1", "importing 3 rows { from: 'a.csv' }"]),
  );
});

test("levels that the underlying log does not have are left out, and what is fatal is an error", () => {
  const lines: string[] = [];
  const line = (level: string) => (_: unknown, message: string) => void lines.push(`${level}: ${message}`);
  const log = handlerLog({ info: line("info"), warn: line("warn"), error: line("error") }, {});
  for (const level of LEVELS) log[level](level);
  assert.deepEqual(lines, ["info: info", "warn: warn", "error: error", "error: fatal"]);
});

test("an error alone is a line with its message and stack", () => {
  const { lines, log } = recorded();
  log.error(new Error("no route"));
  log.error(new Error("no route"), "gave up");
  const [alone, told] = lines as { msg: string; err: { message: string; stack: string } }[];
  assert.deepEqual([alone?.msg, alone?.err.message, told?.msg], ["no route", "no route", "gave up"]);
  assert.match(alone?.err.stack ?? "", /handler-log\.test/);
});

test("an error next to a message is the field err, without what a library hung on it; a URL keeps its query to itself", () => {
  const { lines, log } = recorded();
  log.error(
    "gave up on",
    new URL("https://example.com/?token=hunter2"),
    Object.assign(new Error("reset"), { sent: "hunter2" }),
  );
  const [line] = lines as { msg: string; err: { message: string } }[];
  assert.deepEqual([line?.msg, line?.err.message], ["gave up on https://example.com/?[redacted]", "reset"]);
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
});

class Trap {
  get secret(): never {
    throw new Error("never read");
  }
  toJSON(): never {
    throw new Error("not as JSON");
  }
  toString(): never {
    throw new Error("not as a string");
  }
}

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
const ODD: readonly unknown[] = [
  Object.create(null),
  { err: Object.create(null) },
  { err: Symbol("s") },
  { err: new Proxy({}, { getPrototypeOf: () => assert.fail("looked at") }) },
  { err: Object.assign(new Error("with a code"), { code: Object.create(null) }) },
  { err: Object.defineProperty(new Error("x"), "message", { get: () => assert.fail("read") }) },
  {
    get value() {
      return assert.fail("read");
    },
  },
  new Proxy({}, { ownKeys: () => assert.fail("listed") }),
  { trap: new Trap() },
  new Trap(),
  { big: 1n, symbol: Symbol("s"), call() {}, cyclic },
  cyclic,
  1n,
  Symbol("s"),
  () => {},
  null,
  undefined,
  42,
];

test("nothing that is logged throws, whatever it is, and each call writes its line", () => {
  const { lines, log } = recorded();
  for (const odd of ODD) {
    for (const level of LEVELS) {
      log[level](odd as Error, "read all");
      log[level](odd as string);
      log[level]("next to it", odd);
    }
  }
  assert.equal(lines.length, ODD.length * LEVELS.length * 3);
});

test("a log of the user's own that throws fails no handler", () => {
  const fail = () => {
    throw new Error("the disk is full");
  };
  const broken: Log = { info: fail, warn: fail, error: fail };
  handlerLog(broken, {}).info({ rows: 1 }, "importing");
});
