import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ConfigurationError } from "../core/errors.ts";
import type { AppOptions } from "./app-options.ts";
import { listen, type ServerLimits } from "./listen.ts";
import { ENDED, JOB_ID, testApp, unending } from "./test-kit/fake-posthorn.ts";
import { RawConnection } from "./test-kit/raw-connection.ts";

const BODY = '{"target_url":"https://example.com/hooks","payload":1}';
const JSON_TYPE = { "content-type": "application/json" };

async function serve(t: TestContext, limits: Partial<ServerLimits> = {}, options: Partial<AppOptions> = {}) {
  const made = testApp(options);
  const server = await listen(made.app, { host: "127.0.0.1", port: 0, limits });
  t.after(() => server.close());
  const open = async () => {
    const connection = await RawConnection.open(server.url);
    t.after(() => connection.destroy());
    return connection;
  };
  return { ...made, server, url: server.url, host: new URL(server.url).host, open };
}

function deliverHead(host: string, ...headers: string[]): string {
  return [
    "POST /webhooks/deliver HTTP/1.1",
    `Host: ${host}`,
    "Content-Type: application/json",
    ...headers,
    "",
    "",
  ].join("\r\n");
}

test("a delivery over a socket is answered 202", async (t) => {
  const { url, posthorn } = await serve(t);
  const answer = await fetch(`${url}/webhooks/deliver`, { method: "POST", headers: JSON_TYPE, body: BODY });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get("location"), `/webhooks/jobs/${JOB_ID}`);
  assert.deepEqual(await answer.json(), { job_id: JOB_ID, status: "queued" });
  assert.equal(posthorn.delivered.length, 1);
});

test("a body in chunks is read like any other", async (t) => {
  const { open, host } = await serve(t);
  const connection = await open();
  const chunks = [BODY.slice(0, 10), BODY.slice(10)].map(
    (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
  );
  connection.send(`${deliverHead(host, "Transfer-Encoding: chunked")}${chunks.join("")}0\r\n\r\n`);
  assert.match(await connection.received(/queued/), /^HTTP\/1\.1 202 /);
});

test("a body in chunks is refused as soon as it passes the limit, before it ends", async (t) => {
  const { open, host, posthorn, logged } = await serve(t, {}, { maxBodyBytes: 1_000 });
  const connection = await open();
  const chunk = `200\r\n${" ".repeat(0x200)}\r\n`;
  connection.send(deliverHead(host, "Transfer-Encoding: chunked") + chunk + chunk);
  assert.match(await connection.received(/body_too_large/), /^HTTP\/1\.1 413 /);
  await connection.closed; // the rest is not waited for
  assert.deepEqual([posthorn.delivered, logged], [[], []]);
});

test("a body that is declared too long is refused before any of it has come", async (t) => {
  const { open, host } = await serve(t);
  const connection = await open();
  connection.send(deliverHead(host, "Content-Length: 5000000000"));
  assert.match(await connection.received(/body_too_large/), /^HTTP\/1\.1 413 /);
  await connection.closed;
});

test("a client that sends all of a body that is too long still reads why it was refused", async (t) => {
  const { url } = await serve(t);
  const body = " ".repeat(8 * 1_048_576);
  const answer = await fetch(`${url}/webhooks/deliver`, { method: "POST", headers: JSON_TYPE, body });
  assert.equal(answer.status, 413);
});

test("a client that goes away in the middle of its body leaves nothing behind", async (t) => {
  const { open, host, url, posthorn, logged } = await serve(t, {}, { maxRequests: 1 });
  const connection = await open();
  connection.send(`${deliverHead(host, "Content-Length: 100", "Expect: 100-continue")}{`);
  await connection.received(/100 Continue/);
  connection.destroy();
  await untilAnswered(`${url}/webhooks/jobs`, 200);
  assert.deepEqual([posthorn.delivered, logged], [[], []]);
});

test("a client that goes away while it waits gives its room back", async (t) => {
  const { open, host, url, posthorn } = await serve(t, {}, { maxRequests: 1 });
  const begun = Promise.withResolvers<void>();
  posthorn.jobs.waitUntilEnded = (_id, _ms, signal) => {
    begun.resolve();
    return unending(signal);
  };
  const connection = await open();
  connection.send(`${deliverHead(host, `Content-Length: ${BODY.length}`, "Prefer: wait=60")}${BODY}`);
  await begun.promise;
  connection.destroy();
  await untilAnswered(`${url}/webhooks/jobs`, 200);
});

/** Asks until the answer has this status: the server learns of a closed connection in its own time. */
async function untilAnswered(url: string, status: number): Promise<void> {
  for (;;) {
    const answer = await fetch(url);
    await answer.arrayBuffer();
    if (answer.status === status) return;
  }
}

test("bytes that are not HTTP get a plain 400", async (t) => {
  const { open } = await serve(t);
  for (const text of ["GARBAGE\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"]) {
    const connection = await open();
    assert.match(await connection.send(text).received(/\r\n\r\n/), /^HTTP\/1\.1 400 /);
  }
});

test("an invalid Host, more than one, or no path is a 400 with a problem, and no error in the log", async (t) => {
  const { open, host, logged } = await serve(t);
  const cases: [string, string?][] = [
    ["GET /webhooks/jobs?limit=1 HTTP/1.1", "Host: 127.999.1.1"],
    ["GET /webhooks/jobs?limit=1 HTTP/1.1", "Host: 1.2.3.4.5"],
    ["GET /webhooks/jobs HTTP/1.1", "Host: 127.0.0.1:99999"],
    ["GET /webhooks/jobs HTTP/1.1", "Host: a b"],
    ["GET /webhooks/jobs HTTP/1.1", `Host: ${host}\r\nHost: ${host}`],
    ["GET /webhooks/jobs HTTP/1.1", `Host: ${host}\r\nhOST: evil.example`],
    ["OPTIONS * HTTP/1.1", `Host: ${host}`],
  ];
  for (const [line, headers] of cases) {
    const connection = await open();
    const answer = await connection.send(`${line}\r\n${headers}\r\n\r\n`).received(/\}$/);
    assert.match(answer, /^HTTP\/1\.1 400 /, `${line} ${headers}`);
    assert.match(answer, /content-type: application\/problem\+json/i);
  }
  assert.deepEqual(logged, []);
});

test("a name of loopback in capitals is one over the wire as well", async (t) => {
  const { open } = await serve(t);
  const connection = await open();
  connection.send("GET /webhooks/jobs?limit=1 HTTP/1.1\r\nHost: LOCALHOST:8000\r\n\r\n");
  assert.match(await connection.received(/\}/), /^HTTP\/1\.1 200 /);
});

test("a transfer coding besides chunked is refused, not read as if it were chunked alone", async (t) => {
  const { open, host, posthorn } = await serve(t);
  const connection = await open();
  const chunk = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
  connection.send(`${deliverHead(host, "Transfer-Encoding: gzip, chunked")}${chunk}`);
  assert.match(await connection.received(/unsupported_transfer_coding/), /^HTTP\/1\.1 501 /);
  assert.equal(posthorn.delivered.length, 0);
});

test("a client that waits for 100 Continue is refused before it sends a body that would not be read", async (t) => {
  const { open, host } = await serve(t, {}, { maxBodyBytes: 1_000 });
  const cases: [string, RegExp][] = [
    [deliverHead(host, "Expect: 100-continue", "Content-Length: 99999999"), /^HTTP\/1\.1 413 /],
    [deliverHead("evil.example", "Expect: 100-continue", "Content-Length: 10"), /^HTTP\/1\.1 403 /],
  ];
  for (const [head, refused] of cases) {
    const connection = await open();
    assert.match(await connection.send(head).received(/\}$/), refused);
    await connection.closed; // or the body, should it come, would be taken for a request
  }
  const admitted = await open();
  admitted.send(deliverHead(host, "Expect: 100-continue", `Content-Length: ${BODY.length}`));
  await admitted.received(/^HTTP\/1\.1 100 /);
  assert.match(await admitted.send(BODY).received(/queued/), /^HTTP\/1\.1 202 /);
});

test("a connection that takes nothing of its answer is cut", async (t) => {
  const limits = { stallMs: 300, checkEveryMs: 20, closeGraceMs: 600_000 };
  const { open, host, posthorn, server } = await serve(t, limits);
  const long = JSON.stringify("x".repeat(30 * 2 ** 20)); // more than the buffers of a connection take
  posthorn.kept = posthorn.kept.map((job) => ({ ...job, result: long }));
  const { socket } = await open();
  socket.removeAllListeners("data").pause();
  socket.write(`GET /jobs?limit=1 HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await new Promise((resolve) => socket.once("readable", resolve)); // and read no further
  await server.close(); // which waits for what is in flight
});

test("a body with two lengths is refused: it may be two requests", async (t) => {
  const { open, host } = await serve(t);
  const connection = await open();
  connection.send(`${deliverHead(host, "Content-Length: 5", "Transfer-Encoding: chunked")}0\r\n\r\n`);
  assert.match(await connection.received(/\r\n\r\n/), /^HTTP\/1\.1 400 /);
});

test("a head that is too long is 431", async (t) => {
  const { open, host } = await serve(t, { maxHeaderBytes: 2_048 });
  const connection = await open();
  connection.send(deliverHead(host, `X-Long: ${"x".repeat(4_096)}`));
  assert.match(await connection.received(/\r\n\r\n/), /^HTTP\/1\.1 431 /);
});

test("a head, or a body, that does not come is not waited for", async (t) => {
  const limits = { headersTimeoutMs: 60, requestTimeoutMs: 90, checkEveryMs: 10 };
  const { open, host } = await serve(t, limits);
  for (const begun of [
    "POST /webhooks/deliver HTTP/1.1\r\nHost: x",
    deliverHead(host, "Content-Length: 50"),
  ]) {
    const connection = await open();
    assert.match(await connection.send(begun).received(/\r\n\r\n/), /^HTTP\/1\.1 408 /);
    await connection.closed;
  }
});

test("HEAD and 405 leave the connection fit for the next request", async (t) => {
  const { open, host } = await serve(t);
  const connection = await open();
  const bare = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  connection.send(bare("HEAD", "/healthz"));
  const head = await connection.received(/\r\n\r\n/);
  assert.match(head, /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n$/);
  connection.send(bare("DELETE", "/healthz"));
  assert.match(
    await connection.received(/method_not_allowed/),
    /^HTTP\/1\.1 405 [\s\S]*allow: GET, HEAD\r\n/i,
  );
  connection.send(bare("GET", "/healthz"));
  assert.match(await connection.received(/"ok"/), /^HTTP\/1\.1 200 /);
});

test("a foreign Host is refused, in whichever way it is written", async (t) => {
  const { open, host } = await serve(t);
  for (const head of [
    "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    `GET http://evil.example/healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
  ]) {
    const connection = await open();
    assert.match(await connection.send(head).received(/forbidden/), /^HTTP\/1\.1 403 /);
  }
});

test("closing answers clients that wait, and closes connections that are idle or were never used", async (t) => {
  const { open, host, url, server, posthorn } = await serve(t);
  const begun = Promise.withResolvers<void>();
  posthorn.jobs.waitUntilEnded = (_id, _ms, signal) => {
    begun.resolve();
    return unending(signal);
  };
  const [unused, idle, waiting] = [await open(), await open(), await open()];
  idle.send(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  await idle.received(/"ok"/);
  waiting.send(`${deliverHead(host, `Content-Length: ${BODY.length}`, "Prefer: wait=60")}${BODY}`);
  await begun.promise;
  await server.close();
  assert.match(await waiting.received(/queued/), /^HTTP\/1\.1 202 /);
  await Promise.all([unused.closed, idle.closed, waiting.closed]);
  await assert.rejects(fetch(`${url}/healthz`));
  await server.close();
});

test("closing lets a request in flight finish", async (t) => {
  const { url, server, posthorn } = await serve(t);
  const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  posthorn.jobs.get = async () => {
    begun.resolve();
    await held.promise;
    return ENDED;
  };
  const answer = fetch(`${url}/webhooks/jobs/${JOB_ID}`);
  await begun.promise;
  const closed = server.close();
  held.resolve();
  assert.equal((await answer).status, 200);
  await closed;
});

test("closing cuts off clients that do not finish", async (t) => {
  const { open, host, server } = await serve(t, { closeGraceMs: 50 });
  const connection = await open();
  connection.send(`${deliverHead(host, "Content-Length: 100", "Expect: 100-continue")}{`);
  await connection.received(/100 Continue/);
  await server.close();
  await connection.closed;
});

test("an address that cannot be had is reported with what to do", async (t) => {
  const { app, url } = await serve(t);
  const port = Number(new URL(url).port);
  await assert.rejects(listen(app, { host: "127.0.0.1", port }), (error) => {
    assert.ok(error instanceof ConfigurationError);
    assert.match(error.message, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is in use.*--port`));
    return true;
  });
  await assert.rejects(listen(app, { host: "192.0.2.1", port: 0 }), /192\.0\.2\.1 is not an address.*--host/);
});
