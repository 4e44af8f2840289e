import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json } from "../../../core/json/exact-json.ts";
import { EndpointMatcher, type EndpointToMatch, type PayloadFilter } from "./endpoint-matcher.ts";
import { EventToMatch } from "./event-to-match.ts";

const ALL = { eventTypes: null, channels: null, filter: null, status: "active" } as const;
const EVENT = { type: "invoice.paid", channels: null, payload: "{}" };

function verdict(
  endpoint: Partial<EndpointToMatch>,
  event: Partial<ConstructorParameters<typeof EventToMatch>[0]> = {},
) {
  return new EndpointMatcher({ ...ALL, ...endpoint }).verdictOn(new EventToMatch({ ...EVENT, ...event }));
}

/** Matches the one payload. */
function filterOn(wanted: Json): PayloadFilter {
  return { matches: (payload) => payload === wanted };
}

test("an endpoint that asks for nothing wants every event", () => {
  assert.equal(verdict({}), "wanted");
  assert.equal(verdict({}, { channels: ["a"], payload: "not JSON" }), "wanted");
  assert.equal(verdict({ status: "paused" }), "wanted");
});

test("event types are names and wildcards", () => {
  assert.equal(verdict({ eventTypes: ["invoice.paid"] }), "wanted");
  assert.equal(verdict({ eventTypes: ["user.made", "invoice.*"] }), "wanted");
  assert.equal(verdict({ eventTypes: ["*"] }), "wanted");
  assert.equal(verdict({ eventTypes: ["invoice", "invoice.paid.*", "user.*"] }), "type");
});

test("an endpoint with channels wants events that share one, and never one without", () => {
  assert.equal(verdict({ channels: ["a", "b"] }, { channels: ["c", "b"] }), "wanted");
  assert.equal(verdict({ channels: ["a", "b"] }, { channels: ["c"] }), "channel");
  assert.equal(verdict({ channels: ["a"] }, { channels: null }), "channel");
  assert.equal(verdict({ channels: ["a"] }, { channels: [] }), "channel");
});

test("a filter sees the payload, as text or as bytes", () => {
  assert.equal(verdict({ filter: filterOn(5) }, { payload: "5" }), "wanted");
  assert.equal(verdict({ filter: filterOn("é") }, { payload: Buffer.from('"é"') }), "wanted");
  assert.equal(verdict({ filter: filterOn(5) }, { payload: "6" }), "filter");
});

test("a payload that is not JSON matches no filter, and that is the reason given", () => {
  const everything = { matches: () => true };
  for (const payload of ["", "{", Buffer.from([0x22, 0xff, 0x22]), Buffer.from("\ufeff5")])
    assert.equal(verdict({ filter: everything }, { payload }), "not_json");
});

test("being disabled is the reason only for what the endpoint would have wanted", () => {
  const status = "disabled";
  assert.equal(verdict({ status }), "disabled");
  assert.equal(verdict({ status, eventTypes: ["a"] }), "type");
  assert.equal(verdict({ status, channels: ["a"] }), "channel");
  assert.equal(verdict({ status, filter: filterOn(1) }), "filter");
});

test("the payload is parsed once, and only when an endpoint that wants type and channel filters it", (context) => {
  const parse = context.mock.method(JSON, "parse");
  const event = new EventToMatch({ ...EVENT, payload: "5" });
  const others = [{ filter: null }, { eventTypes: ["a"] }, { channels: ["a"] }];
  for (const other of others) new EndpointMatcher({ ...ALL, filter: filterOn(5), ...other }).verdictOn(event);
  assert.equal(parse.mock.callCount(), 0);
  for (let n = 0; n < 3; n++) new EndpointMatcher({ ...ALL, filter: filterOn(n) }).verdictOn(event);
  assert.equal(parse.mock.callCount(), 1);

  const broken = new EventToMatch({ ...EVENT, payload: "{" });
  for (let n = 0; n < 3; n++) new EndpointMatcher({ ...ALL, filter: filterOn(n) }).verdictOn(broken);
  assert.equal(parse.mock.callCount(), 2);
});

test("the verdict is what the lists say one by one", () => {
  const words = fc.constantFrom("a", "a.b", "a.b.c", "b");
  const patterns = fc.constantFrom("a", "a.b", "a.*", "a.b.*", "b.*");
  const some = <T>(of: fc.Arbitrary<T>) =>
    fc.option(fc.array(of, { minLength: 1, maxLength: 3 }), { nil: null });
  fc.assert(
    fc.property(some(patterns), some(words), words, some(words), (eventTypes, channels, type, labels) => {
      const wantsType =
        eventTypes?.some(
          (pattern) => pattern === type || (pattern.endsWith("*") && type.startsWith(pattern.slice(0, -1))),
        ) ?? true;
      const wantsChannel = channels?.some((channel) => labels?.includes(channel)) ?? true;
      const expected = wantsType ? (wantsChannel ? "wanted" : "channel") : "type";
      assert.equal(verdict({ eventTypes, channels }, { type, channels: labels }), expected);
    }),
    { numRuns: 2_000 },
  );
});
