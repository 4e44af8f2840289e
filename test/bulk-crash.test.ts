import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { until } from "./support/until.ts";

const postgres = scratchServer();
const COUNT = 200;
const ENV = { POSTHORN_MASTER_KEY: Buffer.alloc(32, 7).toString("base64") };
/** Makes the whole run take minutes, so that it is killed in the middle even on a slow machine. */
const PACE = 2;

interface Run {
  readonly id: string;
  readonly state: string;
  readonly done: number;
  readonly skipped: Readonly<Record<string, number>>;
}

/** As many servers with workers as the store takes: a SQLite file has one, which is started again when it was killed. */
class Servers {
  readonly #t: TestContext;
  readonly #database: string;
  readonly #running: Server[] = [];

  private constructor(t: TestContext, database: string) {
    this.#t = t;
    this.#database = database;
  }

  static async start(t: TestContext, database: string, count: number): Promise<Servers> {
    const servers = new Servers(t, database);
    for (let n = 0; n < count; n++) await servers.#add();
    return servers;
  }

  get api() {
    const [server] = this.#running;
    assert.ok(server);
    return server.api;
  }

  /** Kills the one that has run the longest, and starts another. */
  async killOne(): Promise<void> {
    const killed = this.#running.shift();
    assert.ok(killed);
    killed.signal("SIGKILL");
    await killed.ended();
    await this.#add();
  }

  async #add(): Promise<void> {
    this.#running.push(await Server.startWith(this.#t, ENV, "--database", this.#database));
  }
}

async function runOf({ api }: Servers, id: string): Promise<Run> {
  return told<Run>(await api.ask("GET", `/bulk/${id}`));
}

/** Of an answer's body, what the test looks at. */
function told<Of>({ text }: { readonly text: string }): Of {
  return JSON.parse(text) as Of; // as the API's description says
}

/** The runs, whose worker was killed each time that all of them had made progress. */
async function killedTwice(servers: Servers, ids: readonly string[]): Promise<Run[]> {
  const each = () => Promise.all(ids.map((id) => runOf(servers, id)));
  let last = ids.map(() => 0);
  for (let kills = 0; kills < 2; kills++) {
    const runs = await until("they have made progress", async () => {
      const runs = await each();
      return runs.every(({ done }, n) => done > Number(last[n])) && runs;
    });
    last = runs.map(({ done }) => done);
    assert.ok(Math.max(...last) < COUNT, "they were killed in the middle");
    await servers.killOne();
  }
  for (const id of ids) await servers.api.ask("PATCH", `/bulk/${id}`, { pace: 10_000 });
  return until("they are done", async () => {
    const runs = await each();
    return runs.every(({ state }) => state === "done") && runs;
  });
}

const STORES = [
  { name: "SQLite", count: 1, database: async () => scratchDatabase() },
  { name: "PostgreSQL, with two workers", count: 2, database: () => postgres.newDatabase() },
] as const;

describe("two bulk runs whose workers are killed midway do their work once: one queues again all that failed, one makes all that was missing", () => {
  for (const { name, count, database } of STORES) {
    test(`on ${name}`, async (t) => {
      let status = 410;
      const failing = await Receiver.start(t, (delivery) => delivery.answer(status));
      const missing = await Receiver.start(t);
      const servers = await Servers.start(t, await database(), count);
      const { api } = servers;
      const failed = await Promise.all(
        Array.from({ length: COUNT }, (_, n) => api.deliver({ target_url: failing.url, payload: n })),
      );
      const sent = await Promise.all(
        Array.from({ length: COUNT }, async (_, n) => {
          const event = { tenant: "acme", type: "a", payload: n };
          return told<{ event_id: string }>(await api.post("/webhooks/events", event)).event_id;
        }),
      );
      await until("all failed", async () => (await api.jobsThatAre("failed")).length === COUNT);
      status = 200;
      const filter = { status: "failed", lane: `${failing.url}/` };
      const asked = { action: "redeliver", filter, starts_in: "0s", pace: PACE };
      const redelivery = told<Run>(await api.post("/bulk", asked));
      const made = await api.post("/tenants/acme/endpoints", { url: missing.url });
      const { endpoint_id } = told<{ endpoint_id: string }>(made);
      const replay = told<Run>(
        await api.post(`/tenants/acme/endpoints/${endpoint_id}/replay`, {
          ...{ since: "1h", what: "missing", starts_in: "0s", pace: PACE },
        }),
      );
      for (const { done, skipped } of await killedTwice(servers, [redelivery.id, replay.id]))
        assert.deepEqual([done, skipped], [COUNT, {}]);

      await until(
        "all are delivered",
        async () =>
          missing.counts().size === COUNT && (await servers.api.jobsThatAre("succeeded")).length >= 2 * COUNT,
      );
      for (const id of failed.slice(0, 40)) {
        const outcomes = (await servers.api.attempts(id)).map(({ outcome }) => outcome);
        assert.deepEqual(
          outcomes.filter((each) => each !== "lost"),
          ["succeeded", "failed"],
        );
      }
      assert.ok(failed.every((id) => Number(failing.counts().get(id)) >= 2));
      assert.deepEqual([...missing.counts().keys()].sort(), sent.toSorted());
      for (const id of sent) {
        const jobs = await servers.api.ask("GET", `/webhooks/events/${id}/jobs`);
        assert.equal(told<{ data: unknown[] }>(jobs).data.length, 1, id);
      }
    });
  }
});
