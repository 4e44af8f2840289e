import assert from "node:assert/strict";
import { test } from "node:test";
import { RawConnection } from "../src/http/test-kit/raw-connection.ts";
import { acceptedId } from "./support/api.ts";
import { Receiver } from "./support/receiver.ts";
import { column, openRaw, scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { until } from "./support/until.ts";

test("SIGTERM: what runs is finished, what has not begun is given back uncounted, nothing is lost", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t, () => {}); // the test answers
  const server = await Server.start(t, database, "--concurrency", "4");
  const ids = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      server.api.deliver({ target_url: `${receiver.url}/${n % 4}`, payload: n }),
    ),
  );
  const begun = await receiver.received(4);
  server.signal("SIGTERM");
  await server.logs(/"msg":"waiting for running jobs/);
  const raw = openRaw(t, database);
  await until("only what has begun is leased", () => column(raw, "select job from leases").length === 4);
  for (const delivery of begun) delivery.answer(200);
  assert.equal(await server.ended(), 0);

  assert.equal(receiver.ledger.length, 4, "nothing was begun while stopping");
  assert.deepEqual(
    statusesOf(raw),
    new Map(ids.map((id) => [id, begun.some((delivery) => delivery.id === id) ? "succeeded" : "ready"])),
  );
  assert.deepEqual(column(raw, "select count(*) from finished"), [4]);
  assert.deepEqual(column(raw, "select count(*) from attempts"), [0]);
  assert.deepEqual(column(raw, "select max(attempts) from ready"), [0]);
  assert.deepEqual(column(raw, "select id from workers"), []);

  const next = await Server.start(t, database);
  for (const delivery of (await receiver.received(20)).slice(4)) delivery.answer(200);
  for (const id of ids) assert.equal((await next.api.becomes(id, "succeeded")).attempts, 1);
  assert.deepEqual([...receiver.counts().keys()].toSorted(), ids.toSorted());
});

test("past the drain timeout deliveries are aborted and given back, not failed", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t, () => {});
  const server = await Server.start(t, database, "--drain-timeout", "100ms");
  const id = await server.api.deliver({ target_url: receiver.url, payload: 1, max_attempts: 1 });
  const cutOff = await receiver.nth(0);
  server.signal("SIGTERM");
  await cutOff.over;
  assert.equal(await server.ended(), 0);
  const raw = openRaw(t, database);
  assert.deepEqual(statusesOf(raw), new Map([[id, "ready"]]));
  assert.deepEqual(column(raw, "select id from workers"), []);

  const next = await Server.start(t, database);
  (await receiver.nth(1)).answer(200);
  await next.api.becomes(id, "succeeded");
});

test("a second signal ends the server at once; what ran is recorded as lost, and runs again", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t, () => {});
  const server = await Server.start(t, database);
  const id = await server.api.deliver({ target_url: receiver.url, payload: 1 });
  await receiver.nth(0);
  server.signal("SIGTERM");
  await server.logs(/"msg":"waiting for running jobs/);
  server.signal("SIGTERM");
  assert.equal(await server.ended(), 128 + 15);

  const next = await Server.start(t, database);
  (await receiver.nth(1)).answer(200);
  await next.api.becomes(id, "succeeded");
  assert.deepEqual(
    (await next.api.attempts(id)).map(({ outcome }) => outcome),
    ["succeeded", "lost"],
  );
});

test("requests that come while the server stops are refused or durable, never accepted and lost", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t);
  const server = await Server.start(t, database);
  const accepted: string[] = [];
  const refused: string[] = [];
  const broken: unknown[] = [];
  const client = async () => {
    while (broken.length === 0) {
      try {
        const answer = await server.api.submit({ target_url: receiver.url, payload: 1 });
        if (answer.status === 202) accepted.push(acceptedId(answer));
        else refused.push(`${answer.status} ${answer.headers.get("retry-after") === null}`);
      } catch (error) {
        broken.push(error);
      }
    }
  };
  const clients = Array.from({ length: 12 }, client);
  await until("it is under load", () => accepted.length >= 200);
  server.signal("SIGTERM");
  await Promise.all(clients);
  assert.equal(await server.ended(), 0);
  assert.deepEqual(
    refused.filter((answer) => answer !== "503 false"),
    [],
  );

  const next = await Server.start(t, database);
  await until("all is delivered", async () => {
    const live = await Promise.all([next.api.jobsThatAre("queued"), next.api.jobsThatAre("running")]);
    return live.flat().length === 0;
  });
  const delivered = receiver.counts();
  assert.deepEqual(
    accepted.filter((id) => delivered.get(id) !== 1),
    [],
  );
});

test("a request that had begun before the signal is answered, and its job is durable", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t);
  const server = await Server.start(t, database);
  const body = JSON.stringify({ target_url: receiver.url, payload: "begun" });
  const connection = await RawConnection.open(server.url);
  connection.send(
    `POST /webhooks/deliver HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
  );
  // this one is answered, so the one before it has arrived as well
  await server.api.ask("GET", "/healthz");
  server.signal("SIGTERM");
  await server.logs(/"msg":"stopping: no new requests, no new jobs"/);
  await until("it listens no more", () =>
    fetch(server.url).then(
      () => false,
      () => true,
    ),
  );
  const answer = await connection.send(body.slice(10)).received(/\r\n\r\n.*\}/s);
  assert.match(answer, /^HTTP\/1.1 202 /);
  await connection.closed;
  assert.equal(await server.ended(), 0);

  await Server.start(t, database);
  assert.equal((await receiver.nth(0)).text, '"begun"');
  const { id } = await receiver.nth(0);
  assert.match(answer, new RegExp(id));
});

test("a client that waits for a job's end when the server stops is immediately told what is known", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t, () => {});
  const server = await Server.start(t, database);
  const waiting = server.api.submit({ target_url: receiver.url, payload: 1 }, { prefer: "wait=60" });
  const delivery = await receiver.nth(0);
  server.signal("SIGTERM");
  const answer = await waiting; // while the delivery is still held
  assert.equal(acceptedId(answer), delivery.id);
  delivery.answer(200);
  assert.equal(await server.ended(), 0);
  assert.deepEqual(statusesOf(openRaw(t, database)), new Map([[delivery.id, "succeeded"]]));
});

/** Which table each job is in; of those that have ended, how. */
function statusesOf(raw: ReturnType<typeof openRaw>): Map<unknown, unknown> {
  const rows = raw.prepare(`
    select j.id, f.status as place from jobs j join finished f on f.job = j.seq
    union all select j.id, 'ready' from jobs j join ready r on r.job = j.seq
    union all select j.id, 'scheduled' from jobs j join scheduled s on s.job = j.seq
    union all select j.id, 'leased' from jobs j join leases l on l.job = j.seq
    order by 1`);
  return new Map(rows.all().map(({ id, place }) => [id, place]));
}
