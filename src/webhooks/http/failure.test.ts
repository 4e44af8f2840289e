import assert from "node:assert/strict";
import { test } from "node:test";
import { describeFailure } from "./failure.ts";

const target = new URL("https://user:pass@hooks.example/path?token=secret");

function sentenceFor(code: string, message: string): string {
  return describeFailure(Object.assign(new Error(message), { code }), target, "asked").error;
}

test("host and port are named, also where the URL leaves the port out", () => {
  assert.equal(
    sentenceFor("ECONNREFUSED", "connect ECONNREFUSED 10.0.0.1:443"),
    "hooks.example:443 refused the connection (ECONNREFUSED)",
  );
});

test("an unknown failure is reported by its code, not by a message that may hold anything", () => {
  const sentence = sentenceFor("EWEIRD", `while posting ${target}`);
  assert.equal(sentence, "the exchange with hooks.example:443 failed before it answered (EWEIRD)");
  assert.equal(
    describeFailure("thrown text", target, 200).error,
    "the exchange with hooks.example:443 failed in the middle of its answer",
  );
});

test("the reason of a certificate's refusal is kept short: it quotes the certificate", () => {
  const sentence = sentenceFor("ERR_TLS_CERT_ALTNAME_INVALID", "DNS:x.example, ".repeat(5_000));
  assert.ok(sentence.length < 400);
});
