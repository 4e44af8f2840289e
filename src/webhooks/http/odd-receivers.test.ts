import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { abortedBy } from "../../engine/test-kit/run-context.ts";
import { TargetPolicy } from "../targets/target-policy.ts";
import { httpReceiver, OK, rawReceiver } from "../test-kit/receiver.ts";
import { answered, broken } from "../test-kit/sent.ts";
import type { SendResult } from "./result.ts";
import { Sender, type SendRequest } from "./sender.ts";

const sender = new Sender({ policy: new TargetPolicy({ allow: ["127.0.0.1"] }), connections: 8 });
after(() => sender.close());

function send(url: string, more: Partial<SendRequest> = {}): Promise<SendResult> {
  const attempt = abortedBy(new AbortController().signal);
  return sender.send({ url, headers: { "content-type": "application/json" }, body: "{}", attempt, ...more });
}

function floodWith(socket: Socket, text: string): void {
  const flood = () => {
    while (socket.write(text));
  };
  socket.on("drain", flood);
  flood();
}

function writeInTurn(socket: Socket, pieces: readonly string[]): void {
  const [next, ...rest] = pieces;
  if (next === undefined) socket.end();
  else socket.write(next, () => setImmediate(writeInTurn, socket, rest));
}

/** Once undici has read the headers of an answer. */
function headersRead(): Promise<void> {
  return new Promise((resolve) => {
    const read = () => {
      unsubscribe("undici:request:headers", read);
      resolve();
    };
    subscribe("undici:request:headers", read);
  });
}

for (const [what, pieces] of Object.entries({
  "a 100": ["HTTP/1.1 100 Continue\r\n\r\n", OK],
  "all of them, several times, in one piece": [
    `${[100, 102, 103, 100, 100, 199].map((status) => `HTTP/1.1 ${status} x\r\nlink: <a>\r\n\r\n`).join("")}${OK}`,
  ],
  "a 100 and the answer, byte by byte": [..."HTTP/1.1 100 Continue\r\nx: y\r\n\r\n", ...OK],
  "a 100 without a reason, of HTTP/1.0, with line feeds only": ["HTTP/1.0 100\n\n", OK],
  "several, and a final answer with line feeds only": [
    "HTTP/1.1 100\n\nHTTP/1.1 103\n\n",
    OK.replaceAll("\r", ""),
  ],
  "a 100 with an extra line end": ["HTTP/1.1 100 Continue\r\n\r\n\r\n", OK],
})) {
  test(`informational answers that nobody asked for are passed over: ${what}`, async () => {
    await using receiver = await rawReceiver((socket) => writeInTurn(socket, pieces));
    const result = await answered(send(`http://127.0.0.1:${receiver.port}/`));
    assert.deepEqual([result.status, result.excerpt], [200, "ok"]);
    assert.equal(receiver.connections, 1);
  });
}

for (const [what, pieces] of Object.entries({
  "end with a line feed only": ["HTTP/1.1 200 OK\ncontent-length: 9\nconnection: close\n\n1\n 2\r\n\r\n3"],
  "end with a line feed only, and come in pieces": [
    "HTTP/1.1 200 OK\nx: y\nconte",
    "nt-length: 9\n",
    "\n1\n 2\r\n\r\n3",
  ],
  "are folded": ["HTTP/1.1 200 OK\r\nx: y\r\n\tz\ncontent-length:\r\n  9\r\n\r\n1\n 2\r\n\r\n3"],
})) {
  test(`an answer is read whose headers' lines ${what}; its body stays as it is`, async () => {
    await using receiver = await rawReceiver((socket) => writeInTurn(socket, pieces));
    const result = await answered(send(`http://127.0.0.1:${receiver.port}/`));
    assert.deepEqual([result.status, result.excerpt, result.cutShort], [200, "1\n 2\r\n\r\n3", undefined]);
  });
}

test("a connection that is closed as it is used again costs no attempt, and is tried again once", async () => {
  const [known, bodies] = [new WeakSet<Socket>(), [] as string[]];
  // each connection answers once, and is closed by the second request
  await using receiver = await httpReceiver(async (request, response) => {
    const isUsed = known.has(request.socket);
    known.add(request.socket);
    bodies.push(await text(request));
    if (isUsed) request.socket.end();
    else response.end();
  });
  const sender = new Sender({ policy: new TargetPolicy({ allow: ["127.0.0.1"] }), connections: 1 });
  const request = { url: `http://127.0.0.1:${receiver.port}/`, headers: {} };
  for (let n = 0; n < 4; n++) {
    const attempt = abortedBy(new AbortController().signal);
    assert.equal((await answered(sender.send({ ...request, body: String(n), attempt }))).status, 200);
  }
  assert.deepEqual(bodies, ["0", "1", "1", "2", "2", "3", "3"]);
  await sender.close();
});

test("a status below 100 is reported as what it is", async () => {
  await using receiver = await rawReceiver((socket) => {
    socket.end("HTTP/1.1 000 X\r\ncontent-length: 0\r\n\r\n");
  });
  const { error } = await broken(send(`http://127.0.0.1:${receiver.port}/`));
  assert.match(error, /answered with a status that is not HTTP\/1\.1$/);
});

test("a body that begins like an informational answer is a body, also on a connection that is used again", async () => {
  const body = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 No\r\n\r\n";
  await using receiver = await httpReceiver((request, response) => {
    request.resume().on("end", () => {
      response.writeContinue();
      response.write("", () => response.end(body));
    });
  });
  for (let n = 0; n < 3; n++) {
    const result = await answered(send(`http://127.0.0.1:${receiver.port}/`));
    assert.deepEqual([result.status, result.excerpt], [200, body]);
  }
  assert.ok(receiver.connections <= 2);
});

const CUT_SHORT: Readonly<
  Record<
    string,
    { readonly act: (socket: Socket) => void; readonly cutShort: RegExp; readonly excerpt?: string }
  >
> = {
  "that closes in the middle of a body of known length": {
    act: (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"),
    cutShort: /^127\.0\.0\.1:\d+ closed the connection in the middle of its answer$/,
    excerpt: "half",
  },
  "that said that it would close, and closes too soon": {
    act: (socket) => socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 100\r\n\r\nhalf"),
    cutShort: /sent a body that does not match its Content-Length$/,
    excerpt: "half",
  },
  "that closes in the middle of a chunked body": {
    act: (socket) => socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
    cutShort: /closed the connection in the middle of its answer$/,
    excerpt: "half",
  },
  "with an invalid chunk": {
    act: (socket) => socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n"),
    cutShort: /sent a body that is not HTTP\/1\.1 \(Invalid character in chunk size\)$/,
    excerpt: "half",
  },
  "with a status that has no body, and a body": {
    act: (socket) => socket.write("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello"),
    cutShort: /sent a Content-Length with a status that has no body$/,
    excerpt: "",
  },
};

for (const [what, { act, cutShort, excerpt }] of Object.entries(CUT_SHORT)) {
  test(`answered, whatever happened to the body: a receiver ${what}`, async () => {
    await using receiver = await rawReceiver(act);
    const result = await answered(send(`http://127.0.0.1:${receiver.port}/path?token=secret`));
    assert.match(result.cutShort ?? "", cutShort);
    assert.equal(result.excerpt, excerpt);
  });
}

test("answered: a receiver that resets the connection once its headers were read", async () => {
  await using receiver = await rawReceiver((socket) => {
    void headersRead().then(() => socket.resetAndDestroy());
    socket.write("HTTP/1.1 503 No\r\nretry-after: 3600\r\ncontent-length: 100\r\n\r\nhalf");
  });
  const result = await answered(send(`http://127.0.0.1:${receiver.port}/`));
  assert.deepEqual([result.status, result.headers], [503, { retryAfter: "3600" }]);
  assert.match(result.cutShort ?? "", /reset the connection in the middle of its answer \(ECONNRESET\)$/);
});

test("a receiver that drips its body has answered; the rest is given up on when the signal says so", async () => {
  const controller = new AbortController();
  await using receiver = await rawReceiver((socket) => {
    void headersRead().then(() => setImmediate(() => controller.abort(new Error("timed out after 15 s"))));
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nd");
  });
  const result = await answered(
    send(`http://127.0.0.1:${receiver.port}/`, { attempt: abortedBy(controller.signal) }),
  );
  assert.deepEqual(
    [result.status, result.excerpt, result.cutShort],
    [200, "d", "timed out after 15 s, in the middle of its answer"],
  );
});

test("a 200 with an endless body is an answer; 64 KiB are read, 16 KiB kept, and the connection is dropped", async () => {
  const dropped = Promise.withResolvers<void>();
  await using receiver = await rawReceiver((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    socket.on("close", () => dropped.resolve());
    floodWith(socket, "y".repeat(4096));
  });
  const result = await answered(send(`http://127.0.0.1:${receiver.port}/`));
  assert.equal(result.status, 200);
  assert.equal(result.excerpt, "y".repeat(16 * 1024));
  await dropped.promise;
});

test("a body that ends with its connection, without a length, is whole", async () => {
  await using receiver = await rawReceiver((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nall of it"));
  assert.equal((await answered(send(`http://127.0.0.1:${receiver.port}/`))).excerpt, "all of it");
});

const MISBEHAVIOUR: Readonly<
  Record<string, { readonly act: (socket: Socket) => void; readonly error: RegExp }>
> = {
  "resets before it answers": {
    act: (socket) => socket.resetAndDestroy(),
    error: /^127\.0\.0\.1:\d+ reset the connection before it answered \(ECONNRESET\)$/,
  },
  "closes before it answers": {
    act: (socket) => socket.end(),
    error: /^127\.0\.0\.1:\d+ closed the connection before it answered$/,
  },
  "speaks another protocol": {
    act: (socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"),
    error: /answered with something that is not HTTP\/1\.1$/,
  },
  "speaks another protocol, with line feeds only": {
    act: (socket) => socket.end("ok\n"),
    error: /answered with something that is not HTTP\/1\.1$/,
  },
  "sends endless headers": {
    act: (socket) => socket.write(`HTTP/1.1 200 OK\r\n${"x-filler: yyyyyyyyyyyyyyyy\r\n".repeat(2_000)}`),
    error: /answered with more than 16 KiB of headers$/,
  },
  "switches protocols unasked": {
    act: (socket) => socket.write("HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
    error: /switched to another protocol, which was not asked for \(bad upgrade\)$/,
  },
  "gives its Content-Length twice": {
    act: (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok"),
    error: /answered with a Content-Length that does not match: given twice/,
  },
  "gives a Content-Length with Transfer-Encoding": {
    act: (socket) =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
    error: /answered with a Content-Length that does not match: .* with Transfer-Encoding/,
  },
  "sends nothing but informational answers, without end": {
    act: (socket) => floodWith(socket, "HTTP/1.1 100 Continue\r\n\r\n"),
    error: /sent too many informational answers \(bad response\)$/,
  },
};

for (const [what, { act, error }] of Object.entries(MISBEHAVIOUR)) {
  test(`broken: a receiver that ${what}`, async () => {
    await using receiver = await rawReceiver(act);
    const result = await broken(send(`http://127.0.0.1:${receiver.port}/path?token=secret`));
    assert.match(result.error, error);
    assert.doesNotMatch(result.error, /secret|path/);
    assert.equal(result.class, "broken");
  });
}

test("broken: a receiver that drops the connection during the TLS handshake", async () => {
  for (const act of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
    await using receiver = await rawReceiver(act);
    const result = await broken(send(`https://127.0.0.1:${receiver.port}/`));
    assert.equal(result.class, "tls");
    assert.match(
      result.error,
      /^127\.0\.0\.1:\d+ dropped the connection during the TLS handshake \(ECONNRESET\)$/,
    );
  }
});
