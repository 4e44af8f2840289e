import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { describe, type TestContext, test } from "node:test";
import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import pg from "pg";
import { Webhook } from "standardwebhooks";
import {
  memoryOnce,
  type OnceStore,
  postgresOnce,
  type ReceivedEvent,
  Receiver,
  sqliteOnce,
} from "../src/receiver/receiver.ts";
import { startTestServer } from "../src/store/postgres/test-kit/server.ts";
import { open } from "./support/posthorn.ts";
import { until } from "./support/until.ts";

const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const OLD_SECRET = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;
const BODY = '{ "id": 12345678901234567890, "a": 1 }';

interface Events {
  "invoice.paid": { readonly a: number };
  "user.created": { readonly name: string };
}

function signed(body: string, { id = "msg_1", type = "invoice.paid", secret = SECRET } = {}) {
  const now = new Date();
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
    "webhook-signature": new Webhook(secret).sign(id, now, body),
    "webhook-event-type": type,
    "content-type": "application/json",
  };
}

type Serve = (receiver: Receiver<Events>, t: TestContext) => Promise<string>;

async function urlOf(server: Server, t: TestContext): Promise<string> {
  if (!server.listening) await new Promise<void>((resolve) => server.once("listening", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`; // it listens on TCP
}

const FRAMEWORKS: Readonly<Record<string, Serve>> = {
  Express: (receiver, t) => {
    const app = express();
    app.post("/hooks", receiver.express);
    app.use(express.json());
    app.use(((_error, _request, response, _next) => {
      response.status(500).end("failed");
    }) as express.ErrorRequestHandler);
    return urlOf(app.listen(0, "127.0.0.1"), t);
  },
  "Express, after a parser that keeps the bytes": (receiver, t) => {
    const app = express();
    app.use(express.raw({ type: "*/*" }));
    app.post("/hooks", receiver.express);
    app.use(((_error, _request, response, _next) => {
      response.status(500).end("failed");
    }) as express.ErrorRequestHandler);
    return urlOf(app.listen(0, "127.0.0.1"), t);
  },
  Fastify: async (receiver, t) => {
    const app = fastify();
    app.register(receiver.fastify, { path: "/hooks" });
    app.post("/json", async (request) => ({ got: request.body }));
    await app.ready();
    const url = await new Promise<string>((resolve, reject) => {
      app.listen({ host: "127.0.0.1", port: 0 }, (error, address) =>
        error ? reject(error) : resolve(address),
      );
    });
    t.after(() => app.close());
    const other = await fetch(`${url}/json`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"a":1}',
    });
    assert.deepEqual(await other.json(), { got: { a: 1 } }, "other routes have their bodies parsed");
    return `${url}/hooks`;
  },
  Hono: (receiver, t) => {
    const app = new Hono();
    app.post("/hooks", receiver.hono);
    return urlOf(serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server, t);
  },
  "a route handler of Next.js": (receiver, t) => {
    const route = { POST: receiver.fetch };
    return urlOf(serve({ fetch: route.POST, port: 0, hostname: "127.0.0.1" }) as Server, t);
  },
  "node:http": (receiver, t) => {
    const server = createServer((request, response) => {
      receiver.node(request, response).catch(() => response.writeHead(500).end());
    });
    return urlOf(server.listen(0, "127.0.0.1"), t);
  },
};

describe("a receiver in", () => {
  for (const [name, start] of Object.entries(FRAMEWORKS)) {
    test(`${name} hands signed webhooks to the handler of their type, byte for byte, and refuses others`, async (t) => {
      const receiver = new Receiver<Events>({ secret: [OLD_SECRET, SECRET], maxBodyBytes: 1_000 });
      const got: ReceivedEvent[] = [];
      receiver
        .on("invoice.paid", (event) => {
          got.push(event);
          if (event.payload.a > 1) throw new Error("not now");
        })
        .on("user.created", (event) => void got.push(event));
      const url = await start(receiver, t);
      const post = async (body: string, headers: Record<string, string>) => {
        const response = await fetch(url, { method: "POST", body, headers });
        return [response.status, /"code":"(\w+)"/.exec(await response.text())?.[1]] as const;
      };
      assert.equal((await post(BODY, signed(BODY)))[0], 200);
      assert.equal((await post(BODY, signed(BODY, { secret: OLD_SECRET })))[0], 200);
      assert.deepEqual(await post(`${BODY} `, signed(BODY)), [401, "no_match"]);
      assert.deepEqual(await post(BODY, {}), [401, "missing_header"]);
      const large = JSON.stringify("x".repeat(1_000));
      assert.equal((await post(large, signed(large)))[0], 413);
      assert.equal(
        (await post('{"a":2}', signed('{"a":2}')))[0],
        500,
        "a webhook whose handler throws is sent again",
      );
      assert.equal((await post(BODY, signed(BODY, { type: "else" })))[0], 200, "nobody waits for this type");
      assert.deepEqual(
        got.map(({ id, type, text }) => [id, type, text]),
        [BODY, BODY, '{"a":2}'].map((text) => ["msg_1", "invoice.paid", text]),
      );
    });
  }

  test("Express, behind a parser that has taken the bytes, says what to do", async (t) => {
    const receiver = new Receiver({ secret: SECRET });
    const app = express();
    app.use(express.json());
    app.post("/hooks", receiver.express);
    let told = "";
    app.use(((error, _request, response, _next) => {
      told = error.message;
      response.status(500).end();
    }) as express.ErrorRequestHandler);
    const url = await urlOf(app.listen(0, "127.0.0.1"), t);
    assert.equal((await fetch(url, { method: "POST", body: BODY, headers: signed(BODY) })).status, 500);
    assert.match(told, /register the receiver before what parses bodies \(express\.json\(\)\)/);
  });
});

test("what Posthorn sends is received, under the names of Standard Webhooks and of Svix, HMAC and ed25519", async (t) => {
  const posthorn = await open(t, { allowTargets: ["127.0.0.1"] });
  const { endpoints } = posthorn.webhooks;
  const got: string[] = [];
  for (const signature of ["hmac", "ed25519"] as const) {
    for (const headerStyle of ["webhook", "svix"] as const) {
      const uid = `${signature}-${headerStyle}`;
      const server = createServer((request, response) => void receiver.node(request, response));
      const url = await urlOf(server.listen(0, "127.0.0.1"), t);
      await endpoints.create("acme", { uid, url, headerStyle, signature });
      const { secret, publicKey } = await endpoints.secret("acme", uid);
      const receiver: Receiver<Events> = new Receiver({ secret: publicKey ?? secret });
      receiver.on("user.created", ({ payload }) => void got.push(`${uid} ${payload.name}`));
    }
  }
  await posthorn.webhooks.send({ tenant: "acme", type: "user.created", payload: { name: "Ann" } });
  await until("all have come", () => got.length === 4);
  assert.deepEqual(got.sort(), [
    "ed25519-svix Ann",
    "ed25519-webhook Ann",
    "hmac-svix Ann",
    "hmac-webhook Ann",
  ]);
});

test("a receiver answers by itself the challenge that verifies an endpoint", async (t) => {
  const posthorn = await open(t, { allowTargets: ["127.0.0.1"] });
  const { endpoints } = posthorn.webhooks;
  const receiver = new Receiver({ secret: [OLD_SECRET, SECRET] });
  const server = createServer((request, response) => void receiver.node(request, response));
  const url = await urlOf(server.listen(0, "127.0.0.1"), t);
  await endpoints.create("acme", { uid: "a", url, secret: SECRET, verification: { method: "challenge" } });
  await until("it is verified", async () => (await endpoints.get("acme", "a")).verification?.verified);
});

test("the type in a body of the standard's form goes before the one in a header, which nobody signs", async () => {
  const types: string[] = [];
  const receiver = new Receiver({ secret: SECRET }).otherwise(({ type }) => void types.push(type));
  const bodies = [
    '{"type":"a","timestamp":"2030-01-01T00:00:00Z","data":{}}',
    '{"type":"a"}',
    "[1]",
    "no JSON",
  ];
  for (const body of bodies) await receiver.receive(body, signed(body, { type: "b" }));
  const { "webhook-event-type": _, ...unnamed } = signed('{"type":"a"}');
  await receiver.receive('{"type":"a"}', unnamed);
  assert.deepEqual(types, ["a", "b", "b", "b", "a"]);
});

test("a map of events types the handlers, and a type has one handler", () => {
  const receiver = new Receiver<Events>({ secret: SECRET });
  receiver.on("user.created", ({ type: its, payload }) => {
    its satisfies "user.created";
    payload.name satisfies string;
    // @ts-expect-error: it belongs to another event
    payload.a;
  });
  // @ts-expect-error: there is no such event
  receiver.on("user.deleted", () => {});
  assert.throws(() => receiver.on("user.created", () => {}), /has a handler already/);
});

test("a secret that is missing or malformed is refused when the receiver is made", () => {
  for (const secret of [[], "", "hunter2", [SECRET, "whsec_?"]])
    assert.throws(() => new Receiver({ secret }), TypeError);
  assert.throws(() => new Receiver(null as never), /^TypeError: a receiver needs a secret/); // as without types
});

/** What is true of every store that remembers what was handled. */
async function handlesOnce(stores: readonly OnceStore[]): Promise<void> {
  let now = Date.now();
  let fails = false;
  let meanwhile: (() => Promise<void>) | undefined;
  const handled: string[] = [];
  const [one, two] = stores.map((once) =>
    new Receiver({ secret: SECRET, once, claimSeconds: 60, now: () => now }).otherwise(async ({ id }) => {
      handled.push(id);
      await meanwhile?.();
      if (fails) throw new Error("it broke");
    }),
  );
  assert.ok(one && two);
  const deliver = async (to: typeof one, id: string) => {
    const headers = new Webhook(SECRET);
    const at = new Date(now);
    const given = {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now / 1_000)),
      "webhook-signature": headers.sign(id, at, "1"),
    };
    return (await to.receive("1", given)).status;
  };
  assert.deepEqual(
    [await deliver(one, "a"), await deliver(two, "a"), await deliver(one, "a")],
    [200, 200, 200],
  );
  assert.deepEqual(handled.splice(0), ["a"], "it was handled once");

  fails = true;
  await assert.rejects(deliver(one, "b"), /it broke/);
  fails = false;
  assert.equal(await deliver(two, "b"), 200);
  assert.deepEqual(handled.splice(0), ["b", "b"], "what failed is handled again");

  meanwhile = async () => {
    meanwhile = undefined;
    assert.equal(await deliver(two, "c"), 409, "somebody is handling it");
    now += 60_000; // it has died, as far as anybody can tell
    assert.equal(await deliver(two, "c"), 200);
  };
  assert.equal(await deliver(one, "c"), 200);
  assert.equal(await deliver(one, "c"), 200);
  assert.deepEqual(handled.splice(0), ["c", "c"], "a claim that has run out is anybody's");

  fails = true;
  meanwhile = async () => {
    meanwhile = undefined;
    now += 60_000;
    fails = false;
    await deliver(two, "d");
    fails = true;
  };
  await assert.rejects(deliver(one, "d"));
  fails = false;
  await deliver(one, "d");
  assert.deepEqual(
    handled.splice(0),
    ["d", "d"],
    "a handler that was too late gives up nothing that another has done",
  );

  now += 31 * 86_400_000;
  await deliver(one, "a");
  assert.deepEqual(handled.splice(0), ["a"], "after a month it is forgotten");
}

describe("with a store, each webhook is handled once, unless its handler fails or dies", () => {
  test("in memory", () => {
    const once = memoryOnce();
    return handlesOnce([once, once]);
  });
  test("in SQLite", (t) => {
    const database = new DatabaseSync(":memory:");
    t.after(() => database.close());
    return handlesOnce([sqliteOnce(database), sqliteOnce(database)]);
  });
  test("in PostgreSQL", async (t) => {
    const server = await startTestServer();
    const pool = new pg.Pool({ connectionString: await server.newDatabase() });
    t.after(async () => {
      await pool.end();
      await server.stop();
    });
    await handlesOnce([
      postgresOnce(pool, { table: "public.hooks" }),
      postgresOnce(pool, { table: "public.hooks" }),
    ]);
  });
  test("a table's name is checked", () => {
    assert.throws(() => postgresOnce({ query: async () => ({ rows: [] }) }, { table: "a; drop" }), TypeError);
  });
  test("a store is refused without a database, and with options that are wrong, saying what it needs", () => {
    // biome-ignore lint/suspicious/noExplicitAny: as they look to those who call them without types
    const [sqlite, postgres, memory] = [sqliteOnce, postgresOnce, memoryOnce] as any[];
    const database = new DatabaseSync(":memory:");
    for (const [make, says] of [
      [() => sqlite(null), /^sqliteOnce needs an open database/],
      [() => sqlite("app.db"), /^sqliteOnce needs an open database/],
      [() => postgres(undefined, {}), /^postgresOnce needs a pool or a client of pg/],
      [() => sqlite(database, null), /^options must be an object/],
      [() => sqlite(database, { table: null }), /^null cannot be the name of a table/],
      [() => postgres({ query() {} }, 5), /^options must be an object/],
      [() => memory(null), /^options must be an object, such as \{ keepDays: 30 \}/],
      [() => memory({ keepDays: "30" }), /^keepDays must be a number greater than 0/],
    ] as const)
      assert.throws(make, { name: "TypeError", message: says });
    database.close();
  });
});
