import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { checkRequest, type Fault } from "./check-request.ts";

const SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
const NOW = Date.parse("2030-01-31T09:00:00Z");
const SENT = '{"id":42,"note":"é"}';

function headersOf(body: string, at = NOW / 1_000): string {
  const mac = createHmac("sha256", Buffer.alloc(24, 7)).update(`msg_1.${at}.${body}`).digest("base64");
  return `content-type: application/json\nwebhook-id: msg_1\nWebhook-Timestamp: ${at}\nwebhook-signature: v1,AAAA v1,${mac}`;
}

test("a pasted request is genuine, or the answer says what is wrong with it", async () => {
  const good = { headers: headersOf(SENT), body: SENT, secret: SECRET };
  const cases: [Partial<typeof good>, Fault | undefined][] = [
    [{}, undefined],
    [{ headers: good.headers.replaceAll(/^(.+)$/gm, "-H '$1'") }, undefined],
    [{ headers: good.headers.replaceAll("ebhook-", "ebhook-x-") }, "no_headers"],
    [{ headers: good.headers.replace(/imestamp: \d+/, "imestamp: today") }, "no_timestamp"],
    [{ headers: good.headers.replaceAll("v1,", "v1a,") }, "no_v1"],
    [{ secret: "hunter2" }, "no_secret"],
    [{ secret: "whsec_ä" }, "no_secret"],
    [{ body: `${SENT}\n` }, "line_end"],
    [{ body: '{"id": 42, "note": "é"}' }, "reformatted"],
    [{ headers: headersOf('{"id": 42, "note": "é"}') }, "reformatted"],
    [{ headers: headersOf(JSON.stringify(JSON.parse(SENT), null, 2)) }, "reformatted"],
    [{ body: '{"id":43}' }, "other"],
    [{ secret: `whsec_${Buffer.alloc(24, 8).toString("base64")}` }, "other"],
  ];
  for (const [change, fault] of cases)
    assert.deepEqual(await checkRequest({ ...good, ...change }, NOW), { fault }, JSON.stringify(change));
});

test("one that was sent long ago says when", async () => {
  const at = NOW / 1_000 - 301;
  const verdict = await checkRequest({ headers: headersOf(SENT, at), body: SENT, secret: SECRET }, NOW);
  assert.deepEqual(verdict, { fault: undefined, sentAt: at * 1_000 });
});
