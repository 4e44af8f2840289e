import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { ConfigurationError, type Posthorn } from "../src/posthorn.ts";
import { Sender } from "../src/webhooks/http/sender.ts";
import { egressOf } from "../src/webhooks/targets/egress.ts";
import { TargetPolicy } from "../src/webhooks/targets/target-policy.ts";
import { ScriptedResolver } from "../src/webhooks/test-kit/scripted-resolver.ts";
import { ConnectProxy } from "./support/connect-proxy.ts";
import { MASTER_KEY } from "./support/endpoints.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { TokenServer } from "./support/token-server.ts";
import { until } from "./support/until.ts";

const OPTIONS = { masterKey: MASTER_KEY, allowTargets: ["127.0.0.1", "localhost"] };

async function endedJob(posthorn: Posthorn, status: "succeeded" | "failed") {
  const job = await until(`a delivery ${status}`, async () => {
    return (await posthorn.jobs.list({ status, tasks: ["webhook.deliver"] }, { limit: 1 }))[0];
  });
  return (await posthorn.jobs.attempts(job.id))[0];
}

function sent(posthorn: Posthorn) {
  return posthorn.webhooks.send({ tenant: "acme", type: "a", payload: { n: 1 } });
}

/** A receiver over TLS, certified for localhost by an authority of its own. */
async function tlsReceiver(t: TestContext) {
  const read = (name: string) =>
    readFileSync(new URL(`../src/store/postgres/test-kit/certificates/${name}`, import.meta.url), "utf8");
  const [cert, key, ca] = [read("localhost.pem"), read("server.key"), read("authority.pem")];
  const remotePorts: (number | undefined)[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    request.resume();
    remotePorts.push(request.socket.remotePort);
    response.end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `https://localhost:${port}/in`,
    port,
    remotePorts,
    auth: { kind: "mtls", certificate: cert, key, ca },
  } as const;
}

test("deliveries and token requests go through the proxy, which is told addresses that were checked, not names", async (t) => {
  const proxy = await ConnectProxy.start(t);
  const posthorn = await open(t, { ...OPTIONS, egressProxy: proxy.url() });
  const { endpoints } = posthorn.webhooks;
  const [secure, plain] = [await tlsReceiver(t), await Receiver.start(t)];
  const tokens = await TokenServer.start(t);
  const auth = { kind: "oauth2", tokenUrl: tokens.url, clientId: "c", clientSecret: "s" } as const;
  await endpoints.create("acme", { url: secure.url, auth: secure.auth });
  await endpoints.create("acme", { url: plain.url, auth });
  await sent(posthorn);
  const { headers } = await plain.nth(0);
  assert.equal(headers.authorization, `Bearer ${tokens.token}`);
  await until("it came over TLS as well", () => secure.remotePorts.length === 1);
  const expected = [secure.port, new URL(plain.url).port, new URL(tokens.url).port];
  assert.deepEqual(
    new Set(proxy.asked.map(({ authority }) => authority.replace("[::1]", "127.0.0.1"))),
    new Set(expected.map((port) => `127.0.0.1:${port}`)),
  );
  assert.ok(proxy.ports.has(secure.remotePorts[0]), "nothing came past the proxy");
});

test("an endpoint may choose a proxy by its name, for its deliveries, its tokens and its handshake, and has no other way out", async (t) => {
  const [all, eu] = [await ConnectProxy.start(t), await ConnectProxy.start(t)];
  const proxies = { egressProxy: all.url(), egressProxies: { eu: eu.url() } };
  const posthorn = await open(t, { ...OPTIONS, ...proxies });
  const { endpoints } = posthorn.webhooks;
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(200, "", { "webhook-allowed-origin": "hooks.example" }),
  );
  const tokens = await TokenServer.start(t);
  const auth = { kind: "oauth2", tokenUrl: tokens.url, clientId: "c", clientSecret: "s" } as const;
  const url = (path: string) => `${receiver.url}${path}`;
  await endpoints.create("acme", { url: url("/all") });
  const verification = { method: "handshake", origin: "hooks.example" } as const;
  await endpoints.create("acme", { uid: "eu", url: url("/eu"), auth, egress: "eu", verification });
  await until("it is verified", async () => (await endpoints.get("acme", "eu")).verification?.verified);
  await sent(posthorn);
  const came = async (path: string) =>
    until(`${path} has come`, () => receiver.ledger.find((each) => each.path === path && each.text !== ""));
  await came("/all");
  await came("/eu");
  const [authority, ofTokens] = [new URL(receiver.url).host, new URL(tokens.url).host];
  const asked = ({ asked: list }: ConnectProxy) => new Set(list.map((each) => each.authority));
  assert.deepEqual(asked(all), new Set([authority]));
  assert.deepEqual(asked(eu), new Set([authority, ofTokens]));

  await endpoints.patch("acme", "eu", { egress: "mars", auth: null });
  const trial = await endpoints.test("acme", "eu");
  assert.deepEqual(
    [trial.class, trial.error],
    ["error", "no egress proxy of this process is named mars (--egress-proxy mars=…)"],
  );
  assert.equal((await endpoints.patch("acme", "eu", { egress: null })).egress, null);
  await assert.rejects(
    endpoints.patch("acme", "eu", { egress: "Mars!" }),
    /egress: must be the name of an egress proxy/,
  );
});

test("a name that turns private after it was checked is refused before the proxy is asked", async (t) => {
  const proxy = await ConnectProxy.start(t);
  const resolver = new ScriptedResolver({ "rebind.example": [["93.184.215.14"], ["10.0.0.1"]] });
  const policy = new TargetPolicy({ allow: [], resolver, egress: egressOf({ egressProxy: proxy.url() }) });
  await policy.check("http://rebind.example/");
  const sender = new Sender({ policy, connections: 1 });
  t.after(() => sender.close());
  const attempt = { onAbort: () => () => {} };
  const send = (url: string) => sender.send({ url, headers: {}, body: "", attempt });
  const results = [await send("http://rebind.example/"), await send("http://10.0.0.1/")];
  assert.deepEqual(
    results.map((result) => result.kind === "broken" && result.class),
    ["blocked", "blocked"],
  );
  assert.deepEqual(proxy.asked, []);
});

test("a fault of the proxy is not held against the endpoint, and its password is not shown", async (t) => {
  const proxy = await ConnectProxy.start(t);
  const receiver = await Receiver.start(t);
  const posthorn = await open(t, { ...OPTIONS, egressProxy: proxy.url("wr0ng") });
  const { endpoints } = posthorn.webhooks;
  const attempts = 12; // ten failures of its own would open its breaker
  await endpoints.create("acme", { url: receiver.url, retry: { attempts, delays: [0] } });
  await sent(posthorn);
  const attempt = await endedJob(posthorn, "failed");
  assert.deepEqual(
    [attempt?.class, attempt?.error],
    ["error", `the egress proxy ${proxy.host} answered HTTP 407: it wants other credentials`],
  );
  assert.equal(attempt?.n, attempts);
});

test("what the proxy cannot reach, or does not allow, is reported as such", async (t) => {
  const proxy = await ConnectProxy.start(t);
  const receiver = await Receiver.start(t);
  const authority = new URL(receiver.url).host;
  const posthorn = await open(t, { ...OPTIONS, egressProxy: proxy.url() });
  await posthorn.webhooks.endpoints.create("acme", { url: receiver.url, uid: "a" });
  const told: unknown[] = [];
  for (const status of [403, 502]) {
    proxy.refuses = { authority, status };
    told.push((await posthorn.webhooks.endpoints.test("acme", "a")).class);
  }
  assert.deepEqual(told, ["blocked", "connect"]);
});

test("deliveries leave from the address that was chosen", async (t) => {
  const chosen = process.platform === "linux" ? "127.0.0.2" : "127.0.0.1";
  const posthorn = await open(t, { ...OPTIONS, egressAddress: chosen });
  const { endpoints } = posthorn.webhooks;
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const receiver = await Receiver.start(t, (delivery) => {
    resolve(delivery.remoteAddress);
    delivery.answer(200);
  });
  await endpoints.create("acme", { url: receiver.url.replace("127.0.0.1", "localhost") });
  await sent(posthorn);
  assert.equal(await promise, chosen);
});

test("an invalid proxy or address is refused at startup, and no password is repeated", () => {
  const refused = (options: Parameters<typeof egressOf>[0]): string => {
    try {
      egressOf(options);
    } catch (error) {
      assert.ok(error instanceof ConfigurationError);
      return error.message;
    }
    return "";
  };
  for (const egressProxy of ["socks5://a:s3cret@proxy", "a:s3cret", "http://a:s3cret@proxy/path"])
    assert.match(
      refused({ egressProxy }),
      /^egressProxy \(--egress-proxy\) must be the http or https URL(?!.*s3cret)/,
    );
  assert.match(refused({ egressProxies: { "E U": "http://proxy" } }), /"E U" is not a name/);
  assert.match(refused({ egressAddress: "localhost" }), /must be an IP address/);
  assert.match(refused({ egressAddress: "203.0.113.1" }), /must be an address of this machine/);
});
