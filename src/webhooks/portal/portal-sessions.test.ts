import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../core/clock.ts";
import { InvalidInputError, NotFoundError } from "../../core/errors.ts";
import type { PortalPass } from "../../store/shelves/portal-sessions.ts";
import { CAPABILITIES } from "./capabilities.ts";
import { PortalSessions } from "./portal-sessions.ts";

const MINUTE = 60_000;

function portal() {
  const clock = new ManualClock();
  const passes = new Map<string, PortalPass>();
  const shelf = {
    add: async (added: readonly PortalPass[]) => {
      for (const pass of added) passes.set(pass.id, pass);
    },
    find: async (id: string) => passes.get(id),
    exchange: async (id: string, codeHash: string, hash: string, now: number) => {
      const pass = passes.get(id);
      if (pass?.kind !== "code" || pass.hash !== codeHash || pass.usableUntil <= now) return undefined;
      const made = { ...pass, kind: "token", hash, usableUntil: pass.expiresAt } as const;
      passes.set(id, made);
      return made;
    },
    end: async () => passes.size,
  };
  const tenants = {
    get: async (name: string) => {
      if (name !== "acme") throw new NotFoundError("tenant", name);
      return { id: "app_1" } as never; // its id is all that is asked of it
    },
  };
  const audit = { act: () => ({ row: {} as never, done: () => {} }) };
  return { clock, passes, it: new PortalSessions({ shelf, tenants, clock, audit }) };
}

test("a code gives one token, which is good until the session ends", async () => {
  const { it, clock } = portal();
  const { code, expiresAt } = await it.create("acme", { expiresIn: "1h" });
  const session = await it.exchange(code);
  assert.equal(session?.tenant, "app_1");
  assert.deepEqual(session?.expiresAt, expiresAt);
  assert.equal(await it.exchange(code), undefined);
  clock.advance(59 * MINUTE);
  assert.equal((await it.authenticate(session?.token ?? ""))?.sessionId, session?.sessionId);
  clock.advance(MINUTE);
  assert.equal(await it.authenticate(session?.token ?? ""), undefined);
});

test("a code is good for ten minutes", async () => {
  const { it, clock } = portal();
  const { code } = await it.create("acme", { expiresIn: "7d" });
  clock.advance(10 * MINUTE);
  assert.equal(await it.exchange(code), undefined);
});

test("a code is not a token, and neither can be made up", async () => {
  const { it, passes } = portal();
  const { code, token } = await it.create("acme");
  assert.equal(await it.authenticate(code), undefined);
  assert.equal(await it.authenticate(code.replace("phc_", "phs_")), undefined);
  assert.equal(await it.exchange(token.replace("phs_", "phc_")), undefined);
  assert.equal(await it.authenticate(`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`), undefined);
  for (const { hash } of passes.values()) assert.ok(!token.includes(hash) && !code.includes(hash));
});

test("a session may do everything but set limits, unless it is said otherwise", async () => {
  const { it } = portal();
  const { token } = await it.create("acme");
  const session = await it.authenticate(token);
  assert.deepEqual(
    session?.capabilities,
    CAPABILITIES.filter((each) => each !== "limits"),
  );
});

test("what is wrong with the options of a session is named", async () => {
  const { it } = portal();
  const odd = { expiresIn: "8d", capabilities: ["view", "all"], sessionId: "a b", expires: "1h" };
  await assert.rejects(it.create("acme", odd as never), {
    problems: [
      {
        path: ["expires"],
        detail:
          "is unknown; valid names are expiresIn, capabilities, featureFlags, eventTypes, refreshUrl, origin, sessionId",
      },
      { path: ["expiresIn"], detail: "must be from 1m to 7d" },
      { path: ["capabilities", 1], detail: `must be one of ${CAPABILITIES.join(", ")}` },
      { path: ["sessionId"], detail: "must be 1 to 256 letters, digits, -, _ or ." },
    ],
  });
  await assert.rejects(it.create("acme", { capabilities: [] }), /capabilities: must be a list/);
  await assert.rejects(it.create("nobody"), NotFoundError);
});

test("a session keeps which event types it is for, where it is renewed, and which page is around it", async () => {
  const { it } = portal();
  const given = {
    eventTypes: ["invoice.paid", "invoice.paid"],
    refreshUrl: "https://app.example.com/webhooks",
    origin: "https://app.example.com",
  };
  const { code, token } = await it.create("acme", given);
  for (const session of [await it.authenticate(token), await it.exchange(code)]) {
    assert.deepEqual(session?.eventTypes, ["invoice.paid"]);
    assert.equal(session?.refreshUrl, given.refreshUrl);
    assert.equal(session?.origin, given.origin);
  }
  for (const [wrong, message] of [
    [{ eventTypes: [] }, /eventTypes: must be a list of 1 to 100/],
    [{ eventTypes: ["invoice.*"] }, /eventTypes\.0/],
    [{ refreshUrl: "javascript:alert(1)" }, /refreshUrl: must be an http or https URL/],
    [{ refreshUrl: "/webhooks" }, /refreshUrl: must be an http or https URL/],
    [{ origin: "https://app.example.com/" }, /origin: must be an origin/],
    [{ origin: "null" }, /origin: must be an origin/],
  ] as const)
    await assert.rejects(it.create("acme", wrong), message);
});

test("no option is passed over because it is empty or null", async () => {
  const { it, passes } = portal();
  const options = [
    "expiresIn",
    "capabilities",
    "featureFlags",
    "eventTypes",
    "refreshUrl",
    "origin",
    "sessionId",
  ];
  for (const option of options)
    for (const nothing of [null, "", 0, false, Number.NaN])
      await assert.rejects(
        it.create("acme", { [option]: nothing }),
        (error) => error instanceof InvalidInputError && error.message.startsWith(`${option}: `),
        `${option}: ${nothing}`,
      );
  assert.equal(passes.size, 0);
});

test("what is not a string is neither a token nor a code nor a session's id", async () => {
  const { it } = portal();
  for (const wrong of [null, 1, {}, [], Symbol("phs"), Object.create(null)]) {
    assert.equal(await it.authenticate(wrong as never), undefined);
    assert.equal(await it.exchange(wrong as never), undefined);
    await assert.rejects(it.end("acme", wrong as never), /^InvalidInputError: sessionId: must be a string/);
  }
});
