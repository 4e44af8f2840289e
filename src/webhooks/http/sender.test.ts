import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { after, test } from "node:test";
import { setDefaultCACertificates, type TLSSocket } from "node:tls";
import { abortedBy } from "../../engine/test-kit/run-context.ts";
import { TargetPolicy } from "../targets/target-policy.ts";
import { HOOKS_TEST_PEM, httpReceiver, OK, rawReceiver, tlsReceiver } from "../test-kit/receiver.ts";
import { failure, ScriptedResolver } from "../test-kit/scripted-resolver.ts";
import { answered, broken } from "../test-kit/sent.ts";
import type { Broken, SendResult } from "./result.ts";
import { Sender, type SendRequest } from "./sender.ts";

const resolver = new ScriptedResolver({
  "hooks.test": [["127.0.0.1"]],
  "other.test": [["127.0.0.1"]],
  "private.example": [["127.0.0.1"]],
  "failing.test": [failure("ESERVFAIL")],
});
const policy = new TargetPolicy({ allow: ["127.0.0.1", "*.test"], resolver });
const sender = new Sender({ policy, connections: 8 });
after(() => sender.close());

/** Never told to stop. */
const attempt = abortedBy(new AbortController().signal);

function send(url: string, more: Partial<SendRequest> = {}): Promise<SendResult> {
  return sender.send({ url, headers: { "content-type": "application/json" }, body: "{}", attempt, ...more });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("the receiver gets the headers and the bytes as they are, the sender its answer", async () => {
  const got: { url?: string | undefined; headers?: IncomingMessage["headers"]; body?: string } = {};
  await using receiver = await httpReceiver(async (request, response) => {
    Object.assign(got, { url: request.url, headers: request.headers, body: String(await bodyOf(request)) });
    response.writeHead(201, { "retry-after": "7" }).end("made");
  });
  const headers = { "content-type": "application/json", "webhook-id": "msg_1" };
  const body = '{"n": 12345678901234567890, "é": "\\u0041"}';
  const result = await answered(send(`http://127.0.0.1:${receiver.port}/a%20b?c=d`, { headers, body }));
  assert.deepEqual(
    { ...result, durationMs: 0, timing: Object.keys(result.timing ?? {}) },
    {
      kind: "answered",
      status: 201,
      headers: { retryAfter: "7" },
      excerpt: "made",
      durationMs: 0,
      cutShort: undefined,
      timing: ["connect_ms", "first_byte_ms"],
    },
  );
  assert.ok(Number.isInteger(result.durationMs));
  assert.equal(got.url, "/a%20b?c=d");
  assert.equal(got.body, body);
  assert.equal(got.headers?.["webhook-id"], "msg_1");
  assert.equal(got.headers?.host, `127.0.0.1:${receiver.port}`);
  assert.equal(got.headers?.["content-length"], String(Buffer.byteLength(body)));
});

test("bytes are sent as bytes", async () => {
  await using receiver = await httpReceiver(async (request, response) => {
    response.end((await bodyOf(request)).toString("hex"));
  });
  const body = new Uint8Array([0, 255, 10]);
  assert.equal((await answered(send(`http://127.0.0.1:${receiver.port}/`, { body }))).excerpt, "00ff0a");
});

test("every status is an answer", async () => {
  await using receiver = await httpReceiver((request, response) => {
    response.writeHead(Number(request.url?.slice(1))).end();
  });
  for (const status of [200, 204, 299, 304, 404, 410, 429, 500, 503]) {
    assert.equal((await answered(send(`http://127.0.0.1:${receiver.port}/${status}`))).status, status);
  }
});

test("informational answers are not the answer", async () => {
  await using receiver = await rawReceiver((socket) => {
    socket.end(`HTTP/1.1 103 Early Hints\r\nretry-after: 1\r\n\r\n${OK}`);
  });
  const result = await answered(send(`http://127.0.0.1:${receiver.port}/`));
  assert.deepEqual([result.status, result.headers, result.excerpt], [200, {}, "ok"]);
});

test("a redirect to loopback is an answer, and is not followed", async () => {
  await using inner = await httpReceiver((_request, response) => response.end("secret"));
  await using outer = await httpReceiver((_request, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${inner.port}/` }).end();
  });
  assert.equal((await answered(send(`http://127.0.0.1:${outer.port}/`))).status, 307);
  assert.equal(inner.connections, 0);
});

test("a private address is refused when it is connected to, although nobody checked it before", async () => {
  await using receiver = await httpReceiver((_request, response) => response.end());
  const strict = new Sender({ policy: new TargetPolicy({ allow: [], resolver }), connections: 8 });
  for (const host of ["127.0.0.1", "private.example", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"]) {
    const url = `http://${host}:${receiver.port}/?token=secret`;
    const result = await broken(strict.send({ url, headers: {}, body: "", attempt }));
    assert.equal(result.class, "blocked");
    assert.match(result.error, /not .*public.*--allow-targets/);
    assert.doesNotMatch(result.error, /secret/);
  }
  assert.equal(receiver.connections, 0);
  await strict.close();
});

test("a receiver that never answers is given up on when the signal says so", async () => {
  const controller = new AbortController();
  const heard = Promise.withResolvers<Socket>();
  await using receiver = await rawReceiver(heard.resolve);
  const sent = broken(send(`http://127.0.0.1:${receiver.port}/`, { attempt: abortedBy(controller.signal) }));
  const gone = once(await heard.promise, "close");
  controller.abort(new Error("timed out after 15 s"));
  const { timing, ...timedOut } = await sent;
  assert.deepEqual({ ...timedOut, durationMs: 0 }, TIMED_OUT);
  assert.deepEqual(Object.keys(timing ?? {}), ["connect_ms"]);
  await gone;
});

test("the signal counts while a name is looked up, too", async () => {
  const controller = new AbortController();
  const lookup = Promise.withResolvers<string[]>();
  await using receiver = await httpReceiver((_request, response) => response.end());
  const slow = new ScriptedResolver({ "slow.test": [lookup.promise] });
  const waiting = new Sender({
    policy: new TargetPolicy({ allow: ["*.test"], resolver: slow }),
    connections: 8,
  });
  const url = `http://slow.test:${receiver.port}/`;
  const sent = broken(waiting.send({ url, headers: {}, body: "", attempt: abortedBy(controller.signal) }));
  while (slow.asked.length === 0) await new Promise(setImmediate);
  controller.abort(new Error("timed out after 15 s"));
  assert.deepEqual({ ...(await sent), durationMs: 0 }, { ...TIMED_OUT, timing: undefined });
  lookup.reject(failure("ENOTFOUND"));
  await waiting.close();
});

test("a signal that was aborted before sends nothing", async () => {
  await using receiver = await httpReceiver((_request, response) => response.end());
  const signal = AbortSignal.abort(new Error("timed out after 15 s"));
  const result = await broken(send(`http://127.0.0.1:${receiver.port}/`, { attempt: abortedBy(signal) }));
  assert.equal(result.error, "timed out after 15 s");
  assert.equal(receiver.connections, 0);
});

const TIMED_OUT: Broken = { kind: "broken", error: "timed out after 15 s", class: "timeout", durationMs: 0 };

test("broken: nobody listens", async () => {
  const receiver = await httpReceiver(() => {});
  await receiver[Symbol.asyncDispose]();
  const result = await broken(send(`http://hooks.test:${receiver.port}/?token=secret`));
  assert.equal(result.error, `hooks.test:${receiver.port} refused the connection (ECONNREFUSED)`);
});

test("broken: the name is unknown, or its name server fails", async () => {
  const unknown = await broken(send("http://unknown.test/"));
  assert.equal(unknown.error, "the name unknown.test is unknown (ENOTFOUND)");
  const failing = await broken(send("http://failing.test/"));
  assert.match(failing.error, /^the name failing\.test could not be looked up: .* \(ESERVFAIL\)$/);
});

test("broken, and not thrown: what cannot be a request", async () => {
  assert.match((await broken(send("no url"))).error, /not an http or https URL/);
  assert.match((await broken(send("ftp://hooks.test/"))).error, /not an http or https URL/);
  const headers = { "x-injected": "a\r\nb: secret" };
  const result = await broken(send("http://hooks.test/", { headers }));
  assert.match(result.error, /^the request cannot be sent: .*x-injected/);
  assert.doesNotMatch(result.error, /secret/);
});

test("a certificate that nobody trusts is refused, with the reason", async () => {
  await using receiver = await tlsReceiver({}, (socket) => socket.end(OK));
  const result = await broken(send(`https://hooks.test:${receiver.port}/`));
  assert.match(
    result.error,
    /^the TLS certificate of hooks\.test:\d+ was refused: .*self-signed.* \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
  );
});

test("https to a server that speaks plain http is a TLS failure", async () => {
  await using receiver = await rawReceiver((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const result = await broken(send(`https://hooks.test:${receiver.port}/`));
  assert.match(result.error, /^TLS with hooks\.test:\d+ failed: .*wrong version number/);
});

test("TLS asks for the name it was told, and takes a certificate for that name only", async () => {
  setDefaultCACertificates([HOOKS_TEST_PEM]);
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    const names: unknown[] = [];
    await using receiver = await tlsReceiver({ maxVersion }, (socket) => {
      names.push((socket as TLSSocket).servername); // a TLS server's sockets are that
      socket.end(OK);
    });
    assert.equal((await answered(send(`https://hooks.test:${receiver.port}/`))).excerpt, "ok");
    assert.deepEqual(names, ["hooks.test"]);
    for (const _time of ["first", "again, when the session could be resumed"]) {
      const result = await broken(send(`https://other.test:${receiver.port}/`));
      assert.match(result.error, /was refused: .*altnames.* \(ERR_TLS_CERT_ALTNAME_INVALID\)$/);
    }
    assert.deepEqual(names, ["hooks.test"], "no request reached the wrong name");
  }
});

test("the steps that were taken are measured, of what failed or made a connection", async () => {
  setDefaultCACertificates([HOOKS_TEST_PEM]);
  const steps = ({ timing }: SendResult) => timing && Object.keys(timing);
  await using plain = await httpReceiver((request, response) => {
    response.writeHead(Number(request.url?.slice(1))).end();
  });
  const url = `http://hooks.test:${plain.port}`;
  const own = new Sender({ policy, connections: 1 });
  const post = (path: string) => own.send({ url: url + path, headers: {}, body: "{}", attempt });
  assert.deepEqual(steps(await post("/200")), ["dns_ms", "connect_ms", "first_byte_ms"]);
  await new Promise(setImmediate);
  assert.equal(steps(await post("/200")), undefined, "over the same connection, and quick");
  await new Promise(setImmediate);
  assert.deepEqual(steps(await post("/500")), ["first_byte_ms"]);
  assert.equal(plain.connections, 1);
  await own.close();

  await using secure = await tlsReceiver({}, (socket) => socket.end(OK));
  const all = ["dns_ms", "connect_ms", "tls_ms", "first_byte_ms"];
  assert.deepEqual(steps(await answered(send(`https://hooks.test:${secure.port}/`))), all);
  const refused = await broken(send(`https://other.test:${secure.port}/`));
  assert.deepEqual(steps(refused), ["dns_ms", "connect_ms", "tls_ms"], "the last one failed");
  assert.deepEqual(steps(await broken(send("http://unknown.test/"))), ["dns_ms"]);
  const gone = await httpReceiver(() => {});
  await gone[Symbol.asyncDispose]();
  assert.deepEqual(steps(await broken(send(`http://127.0.0.1:${gone.port}/`))), ["connect_ms"]);
});

test("connections are used again", async () => {
  await using receiver = await httpReceiver((request, response) => {
    request.resume().on("end", () => response.end("ok"));
  });
  const url = `http://127.0.0.1:${receiver.port}/`;
  for (let n = 0; n < 100; n++) await answered(send(url));
  assert.ok(receiver.connections <= 2, "one is free again only in the next turn of the event loop");
  await Promise.all(Array.from({ length: 200 }, () => answered(send(url))));
  assert.equal(receiver.connections, 8);
});

test("a signal shared by a hundred requests is left with no listener", async () => {
  await using receiver = await httpReceiver((_request, response) => response.end());
  const { signal } = new AbortController();
  const url = `http://127.0.0.1:${receiver.port}/`;
  await Promise.all(Array.from({ length: 50 }, () => send(url, { attempt: abortedBy(signal) })));
  await Promise.all(
    Array.from({ length: 50 }, () => send("http://unknown.test/", { attempt: abortedBy(signal) })),
  );
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("what runs when the sender is closed is broken", async () => {
  const heard = Promise.withResolvers<Socket>();
  await using receiver = await rawReceiver(heard.resolve);
  const closing = new Sender({ policy, connections: 8 });
  const url = `http://127.0.0.1:${receiver.port}/`;
  const sent = broken(closing.send({ url, headers: {}, body: "", attempt }));
  await heard.promise;
  await closing.close();
  assert.equal((await sent).error, "the sender was shut down");
});
