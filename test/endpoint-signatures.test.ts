import assert from "node:assert/strict";
import { createHmac, createPublicKey, verify as verifyEd25519 } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { Webhook } from "standardwebhooks";
import type { Posthorn } from "../src/posthorn.ts";
import { open } from "./support/posthorn.ts";
import { type Delivery, Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

const sent = { tenant: "acme", type: "a", payload: { paid: true } } as const;

const opened = (t: TestContext) => open(t, { allowTargets: ["127.0.0.1"] });

function isSignedWith(secret: string, { text, headers }: Delivery): boolean {
  try {
    new Webhook(secret).verify(text, headers as Record<string, string>); // one value each
    return true;
  } catch {
    return false;
  }
}

/** With nothing but node:crypto: one of the signatures is this key's. */
function isSignedWithPublic(publicKey: string, { bytes, headers }: Delivery): boolean {
  const raw = Buffer.from(publicKey.slice("whpk_".length), "base64");
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  const signed = Buffer.concat([
    Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`),
    bytes,
  ]);
  return signaturesOf({ headers })
    .filter((each) => each.startsWith("v1a,"))
    .some((each) => verifyEd25519(null, signed, key, Buffer.from(each.slice("v1a,".length), "base64")));
}

function signaturesOf({ headers }: Pick<Delivery, "headers">): string[] {
  return String(headers["webhook-signature"]).split(" ");
}

test("while secrets are rotated, every delivery is signed with the one before and the one after, HMAC or ed25519", async (t) => {
  const { webhooks } = await opened(t);
  const { endpoints } = webhooks;
  const receiver = await Receiver.start(t);
  const { endpoint } = await endpoints.create("acme", { url: receiver.url });
  const { id } = endpoint;
  const { secret: first } = await endpoints.secret("acme", id);

  // rotated while events are sent
  const secrets = [first];
  let isRotating = true;
  const sending = (async () => {
    let count = 0;
    for (; isRotating; count++) await webhooks.send(sent);
    return count;
  })();
  for (let n = 0; n < 6; n++) {
    const seen = receiver.ledger.length;
    secrets.push((await endpoints.rotateSecret("acme", id)).secret);
    await receiver.received(seen + 3);
  }
  isRotating = false;
  const all = await receiver.received(await sending);
  assert.deepEqual(
    all.filter((delivery) => !isSignedWith(first, delivery)),
    [],
    "a receiver that has not learnt any of them is satisfied",
  );
  await webhooks.send(sent);
  const last = await receiver.nth(all.length);
  assert.deepEqual([signaturesOf(last).length, secrets.length], [7, 7]);
  assert.ok(secrets.every((secret) => isSignedWith(secret, last)));
  assert.match(signaturesOf(last)[0] ?? "", /^v1,/);

  // to another kind of key, with both for a while
  const asymmetric =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
  const { publicKey } = await endpoints.rotateSecret("acme", id, { secret: asymmetric });
  assert.ok(publicKey);
  await webhooks.send(sent);
  const mixed = await receiver.nth(all.length + 1);
  assert.match(signaturesOf(mixed)[0] ?? "", /^v1a,/);
  assert.ok(isSignedWithPublic(publicKey, mixed) && isSignedWith(secrets.at(-1) ?? "", mixed));

  // without an overlap, the old ones are over at once
  const { secret: only } = await endpoints.rotateSecret("acme", id, { overlap: "0s" });
  await webhooks.send(sent);
  const alone = await receiver.nth(all.length + 2);
  assert.ok(only.startsWith("whsk_"), "a new one is of the kind that it follows");
  assert.equal(signaturesOf(alone).length, 1);
});

/** A receiver that says which method it was asked with, and answers as it is told. */
async function asked(
  t: TestContext,
  answer: (method: string, headers: Record<string, unknown>, body: string) => Answer,
) {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "" } = request;
    const {
      status = 200,
      headers = {},
      body = "",
    } = answer(method, request.headers, Buffer.concat(chunks).toString());
    requests.push(
      `${method} ${String(request.headers["webhook-event-type"] ?? request.headers["webhook-request-origin"])}`,
    );
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`, requests };
}

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function verificationOf({ webhooks }: Posthorn, id: string) {
  return until("it was asked", async () => {
    const { verification } = await webhooks.endpoints.get("acme", id);
    return verification?.triedAt ? verification : undefined;
  });
}

test("an endpoint gets nothing before it has answered the challenge with its secret; then what waited comes", async (t) => {
  const posthorn = await opened(t);
  const { endpoints } = posthorn.webhooks;
  const secret = `whsec_${Buffer.alloc(24, 5).toString("base64")}`;
  let answers = (_: string) => "ok";
  const { url, requests } = await asked(t, (_method, _headers, body) => ({
    body: body.includes("webhook.challenge") ? answers(JSON.parse(body).challenge) : "",
  }));
  const { endpoint } = await endpoints.create("acme", { url, secret, verification: { method: "challenge" } });
  const { eventId } = await posthorn.webhooks.send(sent);
  const refused = await verificationOf(posthorn, endpoint.id);
  assert.equal(refused.verified, false);
  assert.match(refused.error ?? "", /did not answer with the challenge signed/);
  const [waiting] = await posthorn.jobs.list({ event: eventId });
  assert.deepEqual([waiting?.status, waiting?.attempts], ["queued", 0]);
  assert.deepEqual(requests, ["POST webhook.challenge"]);

  const sign = (challenge: string, key: string) =>
    `v1,${createHmac("sha256", Buffer.from(key.slice(6), "base64"))
      .update(challenge)
      .digest("base64")}`;
  answers = (challenge) => sign(challenge, `whsec_${Buffer.alloc(24, 6).toString("base64")}`);
  assert.equal((await endpoints.verify("acme", endpoint.id)).verification?.verified, false, "another secret");
  answers = (challenge) => JSON.stringify({ challenge: sign(challenge, secret) });
  assert.equal((await endpoints.verify("acme", endpoint.id)).verification?.verified, true);
  await until(
    "what waited has come",
    async () => (await posthorn.jobs.list({ event: eventId }))[0]?.status === "succeeded",
  );
  assert.equal(requests.at(-1), "POST a");

  // at another place it has to show it again
  await endpoints.patch("acme", endpoint.id, { url: `${url}/other` });
  await until(
    "it has shown it there",
    async () => (await endpoints.get("acme", endpoint.id)).verification?.verified,
  );
});

test("a handshake asks for the sender's name, and allows nothing by a 200 alone", async (t) => {
  const posthorn = await opened(t);
  const { endpoints } = posthorn.webhooks;
  let allowed: Record<string, string> = {};
  const { url, requests } = await asked(t, (method) => (method === "OPTIONS" ? { headers: allowed } : {}));
  const verification = { method: "handshake", origin: "hooks.example.com" } as const;
  const { endpoint } = await endpoints.create("acme", { url, verification });
  const { eventId } = await posthorn.webhooks.send(sent);
  assert.equal((await verificationOf(posthorn, endpoint.id)).verified, false);
  const verify = async () => (await endpoints.verify("acme", endpoint.id)).verification;
  allowed = { "webhook-allowed-origin": "other.example.com" };
  assert.equal((await verify())?.verified, false);
  assert.deepEqual(new Set(requests), new Set(["OPTIONS hooks.example.com"]));
  allowed = { "webhook-allowed-origin": "*" };
  assert.equal((await verify())?.verified, true);
  await until(
    "what waited has come",
    async () => (await posthorn.jobs.list({ event: eventId }))[0]?.status === "succeeded",
  );
  await endpoints.patch("acme", endpoint.id, {
    verification: { method: "handshake", origin: "new.example.com" },
  });
  allowed = { "webhook-allowed-origin": "new.example.com" };
  assert.equal((await verify())?.verified, true, "for another name it is asked again");
});
