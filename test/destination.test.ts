import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { assemble } from "../src/assemble/assemble.ts";
import { systemClock } from "../src/core/clock.ts";
import { InvalidInputError } from "../src/core/errors.ts";
import type { Outcome } from "../src/core/outcome.ts";
import { Instrument } from "../src/observe/instrument.ts";
import { silentLog } from "../src/observe/log.ts";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { DEFAULT_RULES } from "../src/webhooks/breaker/breaker-state.ts";
import { type Destination, Destinations, type Message } from "../src/webhooks/destination.ts";
import { HttpDestination } from "../src/webhooks/http/http-destination.ts";

type Put = "put" | "full" | "gone";

/** A queue in memory, `memory:name`, of which one is full and one is gone. */
class MemoryDestination implements Destination<string, Put> {
  readonly kind = "memory";
  readonly schemes = ["memory:"];
  readonly headers = { "content-type": "application/json" };
  readonly messages: Message[] = [];
  closed = false;

  read(targetUrl: string): string {
    const name = targetUrl.slice("memory:".length);
    if (/^[a-z]+$/.test(name)) return name;
    throw new InvalidInputError([{ path: ["targetUrl"], detail: "must name a queue: memory:orders" }]);
  }

  async admit(targetUrl: string): Promise<string> {
    const name = this.read(targetUrl);
    if (name !== "forbidden") return name;
    throw new InvalidInputError([{ path: ["targetUrl"], detail: "is not a queue to deliver to" }]);
  }

  lane(name: string): string {
    return `memory:${name}`;
  }

  async send(message: Message): Promise<Put> {
    const name = this.read(message.targetUrl);
    if (name !== "orders") return name === "full" ? "full" : "gone";
    this.messages.push(message);
    return "put";
  }

  judge(result: Put, targetUrl: string): Outcome {
    if (result === "put") return { kind: "succeeded", result: JSON.stringify({ delivered_to: targetUrl }) };
    const error = `the queue is ${result}`;
    return { kind: "failed", error, retry: result === "full", class: "broken" };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

test("a second destination needs its contract only: it is accepted for, signed, sent to and judged", async (t) => {
  const memory = new MemoryDestination();
  const unused = () => assert.fail("it went to HTTP");
  const http = new HttpDestination({
    policy: { check: unused },
    sender: { send: unused, close: async () => {} },
    version: "1.0.0",
  });
  const posthorn = await assemble({
    store: await openSqliteStore({ file: ":memory:" }),
    clock: systemClock,
    log: silentLog,
    instrument: new Instrument(),
    masterKey: randomBytes(32).toString("base64"),
    destinations: new Destinations(http, memory),
    tasks: [],
    schedules: [],
    concurrency: 4,
    worker: true,
    retention: { jobsMs: 60_000 },
    keyRetentionMs: 60_000,
    duplicateKeys: "replay",
    drainMs: 1_000,
    breaker: DEFAULT_RULES,
  });
  t.after(() => posthorn.close());
  const deliver = (targetUrl: string) =>
    posthorn.webhooks.deliver({ targetUrl, payload: { paid: true }, headers: { "x-tenant": "acme" } });

  await assert.rejects(deliver("memory:"), /must name a queue/);
  await assert.rejects(deliver("memory:forbidden"), /is not a queue to deliver to/);

  const { jobId } = await deliver("memory:orders");
  const delivered = await posthorn.jobs.waitUntilEnded(jobId, 5_000);
  assert.deepEqual(
    [delivered.status, delivered.lane, delivered.result],
    ["succeeded", "memory:orders", { delivered_to: "memory:orders" }],
  );
  const [message] = memory.messages;
  assert.equal(message?.payload, '{"paid":true}');
  assert.equal(message?.headers["x-tenant"], "acme");
  assert.equal(message?.headers["webhook-id"], jobId);
  new Webhook(posthorn.signingSecret()).verify(message?.payload ?? "", { ...message?.headers });

  const gone = await posthorn.jobs.waitUntilEnded((await deliver("memory:gone")).jobId, 5_000);
  assert.deepEqual([gone.status, gone.error], ["failed", "the queue is gone"]);
  const [attempt] = await posthorn.jobs.attempts(gone.id);
  assert.deepEqual([attempt?.class, attempt?.code, attempt?.excerpt], ["broken", null, null]);

  const { jobId: again } = await posthorn.webhooks.redeliverMany({ targetUrl: "memory:gone" });
  assert.deepEqual((await posthorn.jobs.waitUntilEnded(again, "5s")).result, { redelivered: 1 });

  await posthorn.close();
  assert.ok(memory.closed);
});

test("a delivery of a kind that this process does not know does not end its job", () => {
  const http = new HttpDestination({
    policy: { check: () => assert.fail() },
    sender: { send: () => assert.fail(), close: async () => {} },
    version: "1.0.0",
  });
  const destinations = new Destinations(http);
  assert.equal(destinations.ofUrl("HTTPS://example.com"), http);
  assert.equal(destinations.kindToKeep(http), undefined);
  assert.throws(() => destinations.ofKind("memory"), /does not deliver to destinations of the kind memory/);
});
