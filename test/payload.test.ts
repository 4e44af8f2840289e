import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { serveHere } from "./support/in-process.ts";
import { Receiver } from "./support/receiver.ts";

const OWN_SECRET = `whsec_${Buffer.from("the secret of one request alone!").toString("base64")}`;

/** JSON that is a different string once parsed and written again. */
const PAYLOADS: Readonly<Record<string, string>> = {
  "numbers past 2^53": '{"id":9007199254740993,"sum":0.10000000000000000001,"e":1E+400}',
  "the order of keys": '{"b":1,"a":2,"10":3,"9":4,"__proto__":5}',
  escapes: String.raw`{"a":"\u0041\/\ud83d\ude00\u00e9","b":"\ud800"}`,
  "unicode as it is": '{"ß":"日本語 🎉 é e\u0301 \u2028"}',
  "duplicate keys": '{"a":1,"a":2}',
  "white space": '{ "a" :\t[ 1 ,\r\n 2 ]\n}',
  "negative zero": "-0",
  "a string": '"no object"',
  null: "null",
};

for (const [what, payload] of Object.entries(PAYLOADS)) {
  test(`the receiver gets the payload byte for byte, and verifies it: ${what}`, async (t) => {
    const receiver = await Receiver.start(t);
    const { api, posthorn } = await serveHere(t);
    const target = `"target_url":"${receiver.url}"`;
    await api.deliver(`{${target}, "payload":  ${payload} }`);
    await api.deliver(`{"payload":${payload},${target},"secret":"${OWN_SECRET}","event_id":"evt-1"}`);
    const [plain, own] = await Promise.all([receiver.nth(0), receiver.nth(1)]);
    const [servers, theirs] = plain.id === "evt-1" ? [own, plain] : [plain, own];
    assert.equal(servers.bytes.compare(Buffer.from(payload)), 0, servers.text);
    assert.equal(theirs.bytes.compare(Buffer.from(payload)), 0, theirs.text);

    verify(posthorn.signingSecret(), servers);
    verify(OWN_SECRET, theirs);
    assert.throws(() => verify(posthorn.signingSecret(), theirs), /No matching signature found/);
    assert.throws(() => verify(OWN_SECRET, servers), /No matching signature found/);
  });
}

/** With the reference implementation of Standard Webhooks. */
function verify(secret: string, { text, headers }: Awaited<ReturnType<Receiver["nth"]>>): void {
  const strings = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  new Webhook(secret).verify(text, strings);
}
