import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FieldProblem, InvalidInputError } from "./errors.ts";
import { newId } from "./id.ts";
import { callerIdOf, channelsOf, eventTypeOf, isCallerId, tagsOf } from "./names.ts";

function problemsOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    assert.ok(error instanceof InvalidInputError);
    return error.problems.map(({ path, detail }: FieldProblem) => `${path.join("/")}: ${detail}`);
  }
}

const uidProblems = (value: unknown) => problemsOf(() => callerIdOf(value, "app", ["uid"]));

test("an id of the caller's own is taken as it is written", () => {
  for (const uid of [
    "a",
    "customer-42",
    "A_b.c-9",
    "app",
    "app-1",
    "ep_1",
    "msg_1",
    "evt_1",
    "...",
    "x".repeat(256),
  ])
    assert.equal(callerIdOf(uid, "app", ["uid"]), uid);
});

test("an id that could be read as one of ours, or cannot stand in a URL, is refused", () => {
  assert.deepEqual(uidProblems("app_1"), ["uid: must not begin with app_, as Posthorn's own ids do"]);
  assert.match(problemsOf(() => callerIdOf("ep_", "ep", ["uid"])).join(), /ep_/);
  assert.match(problemsOf(() => callerIdOf("msg_1", "msg", ["eventId"])).join(), /^eventId: .*msg_/);
  assert.deepEqual(uidProblems(".."), ['uid: must not be "..", which no URL can name']);
  assert.deepEqual(uidProblems("."), ['uid: must not be ".", which no URL can name']);
});

test("an id of the wrong form is refused, and the error says what is allowed", () => {
  for (const uid of ["a b", "a/b", "a,b", "é", "a\n", "a:b", "a\0", "%2e"])
    assert.deepEqual(uidProblems(uid), ["uid: may contain only letters, digits, -, _ and ."]);
  assert.deepEqual(uidProblems(""), ["uid: must have 1 to 256 characters, not 0"]);
  assert.deepEqual(uidProblems("x".repeat(257)), ["uid: must have 1 to 256 characters, not 257"]);
  for (const uid of [5, null, undefined, {}, ["a"]])
    assert.deepEqual(uidProblems(uid), ["uid: must be a string"]);
});

test("what is an id of ours is never one of the caller's, and the other way round", () => {
  for (const prefix of ["app", "ep", "msg"] as const) assert.equal(isCallerId(newId(prefix), prefix), false);
  assert.equal(isCallerId("customer-42", "app"), true);
  assert.equal(isCallerId("a/b", "app"), false);
});

test("an id that is taken stays one step of a URL's path", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8, unit: fc.constantFrom(..."ab.-_/%\\?# :é\n") }), (uid) => {
      if (!isCallerId(uid, "app")) return;
      assert.equal(new URL(`http://a/tenants/${uid}/endpoints`).pathname, `/tenants/${uid}/endpoints`);
    }),
    { numRuns: 1_000 },
  );
});

test("an event type is named like an id, without a reserved beginning", () => {
  for (const type of ["invoice.paid", "app_installed", "msg_sent", "a..b", "x".repeat(256)])
    assert.equal(eventTypeOf(type), type);
  assert.deepEqual(
    problemsOf(() => eventTypeOf("invoice.*")),
    ["type: may contain only letters, digits, -, _ and ."],
  );
  assert.deepEqual(
    problemsOf(() => eventTypeOf(undefined)),
    ["type: must be a string"],
  );
});

test("channels are taken once each, in their order", () => {
  assert.deepEqual(channelsOf(["b", "project:1+2", "a-_.9", "b"]), ["b", "project:1+2", "a-_.9"]);
  const ten = Array.from({ length: 10 }, (_, at) => `c${at}`);
  assert.deepEqual(channelsOf([...ten, ...ten]), ten);
});

test("every invalid channel is named by its place", () => {
  const takes = "letters, digits, -, _, ., : and +";
  assert.deepEqual(
    problemsOf(() => channelsOf(["a", "b c", 5, "", "d/e", "x".repeat(129)])),
    [
      `channels/1: must hold at least one character, and only ${takes}`,
      "channels/2: must be a string",
      `channels/3: must hold at least one character, and only ${takes}`,
      `channels/4: must hold at least one character, and only ${takes}`,
      "channels/5: must be at most 128 characters long",
    ],
  );
});

test("no channel, eleven of them, and what is not a list are refused", () => {
  const eleven = Array.from({ length: 11 }, (_, at) => `c${at}`);
  assert.deepEqual(
    problemsOf(() => channelsOf(eleven)),
    ["channels: must be at most 10 channels; there are 11"],
  );
  assert.deepEqual(
    problemsOf(() => channelsOf([])),
    ["channels: must name at least one channel, or be left out"],
  );
  for (const value of ["a", null, {}, new Set(["a"])])
    assert.deepEqual(
      problemsOf(() => channelsOf(value)),
      ["channels: must be a list of channels"],
    );
});

test("a tag may hold what a channel may, and a path or a number", () => {
  assert.deepEqual(tagsOf(["team/billing", "a\\b", "#7", "x:1+2", "x".repeat(128)]).length, 5);
  assert.match(
    problemsOf(() => tagsOf(["a,b"])).join(),
    /^tags\/0: must hold at least one character, and only /,
  );
});
