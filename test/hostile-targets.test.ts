import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import {
  httpReceiver,
  type Receiver as RawReceiver,
  rawReceiver,
  tlsReceiver,
} from "../src/webhooks/test-kit/receiver.ts";
import { problemOf } from "./support/api.ts";
import { serveHere } from "./support/in-process.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

const LOOPBACK_SPELLINGS = [
  ...["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.255.255.254"],
  ...["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0", "0.0.0.0"],
  ...["localhost", "localhost.", "LOCALHOST", "some.localhost", "127.0.0.1."],
];

/** One of each range that a webhook may not reach. */
const UNREACHABLE = [
  ...["10.1.2.3", "100.64.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1"],
  ...[
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
  ],
  ...["240.0.0.1", "255.255.255.255", "168.63.129.16"],
  ...["[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[100::1]", "[2001::1]", "[2001:db8::1]", "[2002:7f00:1::]"],
  ...["[3fff::1]", "[5f00::1]", "[fc00::1]", "[fd12::1]", "[fe80::1]", "[ff02::1]", "[::ffff:10.0.0.1]"],
];

test("a target that is not public is refused, however it is spelled", async (t) => {
  await using inner = await httpReceiver((_, response) => response.end());
  const { api } = await serveHere(t, { allowTargets: [] });
  for (const host of [...LOOPBACK_SPELLINGS, ...UNREACHABLE]) {
    for (const port of ["", `:${inner.port}`]) {
      const answer = await api.submit({ target_url: `http://${host}${port}/hook`, payload: 1 });
      const problem = problemOf(answer, 422);
      assert.deepEqual(
        problem.errors?.map(({ pointer }) => pointer),
        ["/target_url"],
        host,
      );
    }
  }
  assert.equal(inner.connections, 0);
  assert.deepEqual(await api.jobsThatAre("queued"), []);
});

test("a target that was allowed at acceptance is refused when the connection is made and it no longer is", async (t) => {
  await using inner = await httpReceiver((_, response) => response.end());
  const before = await serveHere(t, { worker: false });
  const id = await before.api.deliver({ target_url: `http://127.0.0.1:${inner.port}/`, payload: 1 });
  await before.stop();
  const { api } = await serveHere(t, { database: before.database, allowTargets: [] });
  const job = await api.becomes(id, "failed");
  assert.match(String(job.error), /127\.0\.0\.1/);
  assert.equal(inner.connections, 0);
});

interface Hostile {
  readonly open: () => Promise<RawReceiver>;
  readonly says: RegExp;
  readonly https?: true;
  /** The delivery's time limit, for receivers that nothing else ends. */
  readonly timeout?: "3s";
}

/** Receivers that do not answer as they should, and what the attempt says of it. */
const HOSTILE: Readonly<Record<string, Hostile>> = {
  "never answers": { open: () => rawReceiver(() => {}), says: /^timed out after 3000 ms$/, timeout: "3s" },
  "drips its head": {
    open: () => rawReceiver((socket) => drip(socket, "HTTP/1.1 200 ")),
    says: /^timed out after 3000 ms$/,
    timeout: "3s",
  },
  "drips its body": {
    open: () => rawReceiver((socket) => dripAfter(socket, "HTTP/1.1 500 No\r\n\r\n")),
    says: /^HTTP 500 from 127\.0\.0\.1:\d+; timed out after 3000 ms, in the middle of its answer$/,
    timeout: "3s",
  },
  resets: {
    open: () => rawReceiver((socket) => socket.resetAndDestroy()),
    says: /^127\.0\.0\.1:\d+ reset the connection before it answered \(ECONNRESET\)$/,
  },
  "closes without an answer": {
    open: () => rawReceiver((socket) => socket.end()),
    says: /^127\.0\.0\.1:\d+ closed the connection before it answered$/,
  },
  "closes in the middle of its answer": {
    open: () => rawReceiver((socket) => socket.end("HTTP/1.1 500 No\r\ncontent-length: 10\r\n\r\nhalf")),
    says: /^HTTP 500 from 127\.0\.0\.1:\d+; 127\.0\.0\.1:\d+ closed the connection in the middle of its answer$/,
  },
  "speaks something else": {
    open: () => rawReceiver((socket) => socket.end("220 mail.example.com ESMTP\r\n")),
    says: /^127\.0\.0\.1:\d+ answered with something that is not HTTP\/1\.1$/,
  },
  "has too long a head": {
    open: () => rawReceiver((socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(32_768)}\r\n\r\n`)),
    says: /^127\.0\.0\.1:\d+ answered with more than 16 KiB of headers$/,
  },
  "has a certificate of its own": {
    open: () => tlsReceiver({}, (socket) => socket.end()),
    says: /^the TLS certificate of 127\.0\.0\.1:\d+ was refused: /,
    https: true,
  },
  "has no TLS": {
    open: () => rawReceiver((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    says: /^TLS with 127\.0\.0\.1:\d+ failed: /,
    https: true,
  },
};

test("a hostile receiver fails its own attempts, with an error that says how; others are delivered", async (t) => {
  const healthy = await Receiver.start(t);
  const { api } = await serveHere(t);
  const payload = { n: 1 };
  await Promise.all(
    Object.entries(HOSTILE).map(async ([how, { open, says, https, timeout = "15s" }]) => {
      await using receiver = await open();
      const target_url = `${https ? "https" : "http"}://127.0.0.1:${receiver.port}/`;
      const id = await api.deliver({ target_url, payload, timeout });
      const lastId = await api.deliver({ target_url, payload, timeout, max_attempts: 1 });
      const meanwhile = await api.deliver({ target_url: healthy.url, payload });
      await api.becomes(meanwhile, "succeeded");
      await api.isRetried(id);
      const failed = await api.becomes(lastId, "failed");
      for (const attempt of [...(await api.attempts(id)), ...(await api.attempts(lastId))]) {
        assert.deepEqual([attempt.outcome, attempt.attempt], ["failed", 1], how);
        assert.match(String(attempt.error), says, how);
      }
      assert.match(String(failed.error), says, how);
    }),
  );
  assert.equal(healthy.ledger.length, Object.keys(HOSTILE).length);
});

const OK_AT_FIRST: Readonly<Record<string, { open: () => Promise<RawReceiver>; notes: RegExp }>> = {
  "drips its body": {
    open: () => rawReceiver((socket) => dripAfter(socket, "HTTP/1.1 200 OK\r\n\r\n")),
    notes: /^timed out after 3000 ms, in the middle of its answer$/,
  },
  "closes in the middle of its answer": {
    open: () => rawReceiver((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")),
    notes: /^127\.0\.0\.1:\d+ closed the connection in the middle of its answer$/,
  },
};

test("a receiver that has answered 200 has the webhook, whatever happens to the rest of its answer, and is not sent it again", async (t) => {
  const { api } = await serveHere(t);
  for (const [how, { open, notes }] of Object.entries(OK_AT_FIRST)) {
    await using receiver = await open();
    const target_url = `http://127.0.0.1:${receiver.port}/`;
    const id = await api.deliver({ target_url, payload: 1, timeout: "3s" });
    const { result } = await api.becomes(id, "succeeded");
    assert.match(String(result && "note" in result && result.note), notes, how);
    const attempts = await api.attempts(id);
    assert.deepEqual(
      attempts.map(({ http_status, class: kind, error }) => [http_status, kind, error]),
      [[200, "2xx", null]],
    );
  }
});

test("a receiver that answers 410 or asks for a pause is listened to, whatever happens to the rest of its answer", async (t) => {
  const { api } = await serveHere(t);
  const cut = (head: string) =>
    rawReceiver((socket) => socket.end(`HTTP/1.1 ${head}\r\ncontent-length: 10\r\n\r\nhalf`));
  await using gone = await cut("410 Gone");
  const failed = await api.becomes(
    await api.deliver({ target_url: `http://127.0.0.1:${gone.port}/`, payload: 1 }),
    "failed",
  );
  assert.equal(failed.attempts, 1);
  for (const status of ["503 Busy", "500 Broken"]) {
    await using busy = await cut(`${status}\r\nretry-after: 172800`);
    const waiting = await api.isRetried(
      await api.deliver({ target_url: `http://127.0.0.1:${busy.port}/`, payload: 1 }),
    );
    const pauseMs = Date.parse(String(waiting.run_at)) - Date.parse(String(waiting.created_at));
    assert.ok(pauseMs >= 172_800_000 && pauseMs < 172_800_000 * 1.3, `${pauseMs} ms`);
    assert.match(String(waiting.error), /; it asked for a pause of 2d \(Retry-After\)$/);
    if (status.startsWith("503")) continue; // its lane rests for a minute
    await api.post(`/webhooks/jobs/${waiting.job_id}/redeliver`);
    const again = await api.isRetried(waiting.job_id, 2);
    const attempts = await api.attempts(waiting.job_id);
    assert.equal(attempts.length, 2);
    assert.notEqual(again.run_at, waiting.run_at);
    assert.ok(Date.parse(String(again.run_at)) >= Date.parse(attempts[0]?.started_at ?? "") + 172_800_000);
  }
});

test("an endless answer counts as given, and only its start is read and kept", async (t) => {
  const flood = "x".repeat(4_096);
  let ended = false;
  await using receiver = await rawReceiver((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    const pour = () => {
      while (socket.writable && socket.write(flood));
    };
    socket.on("drain", pour).on("close", () => {
      ended = true;
    });
    pour();
  });
  const { api } = await serveHere(t);
  const id = await api.deliver({ target_url: `http://127.0.0.1:${receiver.port}/`, payload: 1 });
  await api.becomes(id, "succeeded");
  await until("the connection was closed", () => ended);
  assert.equal((await api.attempts(id))[0]?.response?.length, 16 * 1_024);
});

test("a redirect is not followed, to loopback or anywhere", async (t) => {
  await using inner = await httpReceiver((_, response) => response.end("the inner one's secrets"));
  const location = `http://localhost:${inner.port}/latest/meta-data`;
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(307, "", { location }));
  const { api } = await serveHere(t);
  const id = await api.deliver({ target_url: receiver.url, payload: 1 });
  await api.isRetried(id);
  const [attempt] = await api.attempts(id);
  assert.deepEqual([attempt?.outcome, attempt?.http_status, attempt?.response], ["failed", 307, ""]);
  assert.match(String(attempt?.error), /redirects are not followed/);
  assert.equal(inner.connections, 0);
});

test("an endpoint that hangs with 2 000 jobs waiting does not stop twenty others", async (t) => {
  const hanging = await Receiver.start(t, () => {});
  const healthy = await Receiver.start(t);
  const { api, posthorn } = await serveHere(t);
  const deliver = (targetUrl: string) =>
    posthorn.webhooks.deliver({ targetUrl, payload: 1, timeout: "5m" }).then(({ jobId }) => jobId);
  const stuck = await Promise.all(Array.from({ length: 2_000 }, () => deliver(hanging.url)));
  await hanging.received(32);
  const others = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => deliver(`${healthy.url}/${n % 20}`)),
  );
  await healthy.received(1_000);
  await until("the others are done", async () => (await api.jobsThatAre("succeeded")).length === 1_000);

  assert.deepEqual(new Set(healthy.ledger.map(({ id }) => id)), new Set(others));
  assert.equal(hanging.ledger.length, 32, "no more than its share of the slots");
  for (const id of [stuck[0], hanging.ledger[0]?.id]) {
    assert.equal((await api.job(String(id))).status, "running");
  }
});

function dripAfter(socket: Socket, head: string): void {
  socket.write(head);
  drip(socket, "");
}

function drip(socket: Socket, text: string): void {
  const bytes = [...text, ..."x".repeat(1_000)];
  const timer = setInterval(() => socket.write(bytes.shift() ?? "x"), 50);
  socket.on("close", () => clearInterval(timer));
}
