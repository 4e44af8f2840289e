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
/** Minutes for the whole run, so that it is killed in the middle of it, on however slow a machine. */
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

/** Killed each time that it has come further. */
async function killedTwice(servers: Servers, id: string): Promise<Run> {
  for (let kills = 0, done = 0; kills < 2; kills++) {
    const before = done;
    done = (
      await until("it has come further", async () => {
        const run = await runOf(servers, id);
        return run.done > before ? run : undefined;
      })
    ).done;
    assert.ok(done < COUNT, "it was killed in the middle");
    await servers.killOne();
  }
  await servers.api.ask("PATCH", `/bulk/${id}`, { pace: 10_000 });
  return until("it is done", async () => {
    const run = await runOf(servers, id);
    return run.state === "done" ? run : undefined;
  });
}

const STORES = [
  { name: "SQLite", count: 1, database: async () => scratchDatabase() },
  { name: "PostgreSQL, with two workers", count: 2, database: () => postgres.newDatabase() },
] as const;

for (const { name, count, database } of STORES) {
  describe(`bulk runs on ${name}, their workers killed in the middle`, () => {
    test("all are queued again, each once", async (t) => {
      let status = 410;
      const receiver = await Receiver.start(t, (delivery) => delivery.answer(status));
      const servers = await Servers.start(t, await database(), count);
      const ids = await Promise.all(
        Array.from({ length: COUNT }, (_, n) =>
          servers.api.deliver({ target_url: receiver.url, payload: n }),
        ),
      );
      await until("all failed", async () => (await servers.api.jobsThatAre("failed")).length === COUNT);
      status = 200;
      const filter = { status: "failed", lane: `${receiver.url}/` };
      const asked = { action: "redeliver", filter, starts_in: "0s", pace: PACE };
      const { id } = told<Run>(await servers.api.post("/bulk", asked));
      const run = await killedTwice(servers, id);
      assert.deepEqual([run.done, run.skipped], [COUNT, {}]);
      await until(
        "all are delivered",
        async () => (await servers.api.jobsThatAre("succeeded")).length >= COUNT,
      );
      for (const id of ids.slice(0, 40)) {
        const outcomes = (await servers.api.attempts(id)).map(({ outcome }) => outcome);
        assert.deepEqual(
          outcomes.filter((each) => each !== "lost"),
          ["succeeded", "failed"],
        );
      }
      assert.ok(ids.every((id) => Number(receiver.counts().get(id)) >= 2));
    });

    test("all that was missing is made, each once", async (t) => {
      const receiver = await Receiver.start(t);
      const servers = await Servers.start(t, await database(), count);
      const sent = await Promise.all(
        Array.from({ length: COUNT }, async (_, n) => {
          const event = { tenant: "acme", type: "a", payload: n };
          return told<{ event_id: string }>(await servers.api.post("/webhooks/events", event)).event_id;
        }),
      );
      const made = await servers.api.post("/tenants/acme/endpoints", { url: receiver.url });
      const { endpoint_id } = told<{ endpoint_id: string }>(made);
      const asked = { since: "1h", what: "missing", starts_in: "0s", pace: PACE };
      const path = `/tenants/acme/endpoints/${endpoint_id}/replay`;
      const { id: replay } = told<Run>(await servers.api.post(path, asked));
      const run = await killedTwice(servers, replay);
      assert.deepEqual([run.done, run.skipped], [COUNT, {}]);
      await until("all are delivered", async () => receiver.counts().size === COUNT);
      assert.deepEqual([...receiver.counts().keys()].sort(), sent.toSorted());
      for (const id of sent) {
        const jobs = await servers.api.ask("GET", `/webhooks/events/${id}/jobs`);
        assert.equal(told<{ data: unknown[] }>(jobs).data.length, 1, id);
      }
    });
  });
}
