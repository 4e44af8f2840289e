import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { type TestContext, test } from "node:test";
import { bulkAnswer } from "../src/http/schemas/bulk.ts";
import { acceptedId } from "./support/api.ts";
import { type Delivery, Receiver } from "./support/receiver.ts";
import { column, openRaw, scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { until } from "./support/until.ts";

const KILLS = 10;
const CLIENTS = 16;

/** Clients that post one delivery after the other to whichever server is up, and remember what was answered 202. */
class Load {
  /** By job id: what was to be delivered. */
  readonly accepted = new Map<string, string>();
  readonly #target: string;
  readonly #clients: Promise<void>[];
  #server: Server | undefined;
  #stopped = false;
  #posted = 0;

  constructor(target: string) {
    this.#target = target;
    this.#clients = Array.from({ length: CLIENTS }, (_, client) => this.#run(client));
  }

  /** From now on, posts go there; undefined for nowhere. */
  aim(server: Server | undefined): void {
    this.#server = server;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #run(client: number): Promise<void> {
    while (!this.#stopped) {
      const server = await until("a server is up", () => this.#server ?? this.#stopped);
      if (server !== true) await this.#post(server, client);
    }
  }

  async #post(server: Server, client: number): Promise<void> {
    const payload = JSON.stringify({ n: ++this.#posted });
    try {
      const answer = await server.api.submit(
        `{"target_url":"${this.#target}/${client}","payload":${payload}}`,
      );
      this.accepted.set(acceptedId(answer), payload);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // fetch's word for a connection that broke: it was killed
      if (this.#server === server) this.#server = undefined;
    }
  }
}

test("killed ten times while it accepts and delivers, the server loses nothing that it answered 202", async (t) => {
  const database = scratchDatabase();
  // some answers take longer, so that a kill finds deliveries in every stage
  const receiver = await Receiver.start(t, (delivery) => {
    if (randomInt(4) > 0) delivery.answer(200);
    else setTimeout(() => delivery.answer(200), randomInt(60));
  });
  const load = new Load(receiver.url);
  t.after(() => load.stop());

  for (let kills = 0; kills < KILLS; kills++) {
    const server = await Server.start(t, database);
    const [accepted, delivered] = [load.accepted.size, receiver.ledger.length];
    load.aim(server);
    const more = randomInt(20, 200);
    await until(
      "it has accepted and delivered for a while",
      () => load.accepted.size >= accepted + more && receiver.ledger.length >= delivered + more / 2,
    );
    server.signal("SIGKILL");
    load.aim(undefined);
    assert.equal(await server.ended(), "SIGKILL");
  }
  await load.stop();

  outliveLeases(t, database);
  const last = await Server.start(t, database);
  await until("nothing is queued or running any more", async () => {
    const live = await Promise.all([last.api.jobsThatAre("queued"), last.api.jobsThatAre("running")]);
    return live.flat().length === 0;
  });
  assert.deepEqual(await last.api.jobsThatAre("failed"), []);
  const succeeded = new Set((await last.api.jobsThatAre("succeeded")).map((job) => job.job_id));
  assert.deepEqual(
    [...load.accepted.keys()].filter((id) => !succeeded.has(id)),
    [],
  );
  assert.equal(await last.stop(), 0);

  assert.deepEqual(missing(load.accepted, receiver), []);
  const outcomes = outcomesOf(t, database);
  assert.deepEqual(unexplained(receiver, outcomes), []);
  assert.ok([...outcomes.values()].flat().includes("lost"), "no kill met a delivery under way");
});

test("when one of two servers on a file is killed, the other delivers what it held", async (t) => {
  const database = scratchDatabase();
  const receiver = await Receiver.start(t, () => {}); // the test answers
  const [killed, other] = [await Server.start(t, database), await Server.start(t, database)];
  const ids = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      killed.api.deliver({ target_url: `${receiver.url}/${n}`, payload: n }),
    ),
  );
  await receiver.received(10);
  killed.signal("SIGKILL");
  await killed.ended();
  outliveLeases(t, database);
  for (const delivery of (await receiver.received(20)).slice(10)) delivery.answer(200);
  for (const id of ids) {
    await other.api.becomes(id, "succeeded");
    const outcomes = (await other.api.attempts(id)).map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ["succeeded", "lost"]);
  }
  assert.deepEqual(new Set(receiver.counts().values()), new Set([2]));
});

test("a redelivery by filter that was answered 202 is carried out, even though the server is killed immediately", async (t) => {
  const count = 1_200;
  const database = scratchDatabase();
  let status = 410;
  const receiver = await Receiver.start(t, (delivery) => delivery.answer(status));
  const first = await Server.start(t, database);
  const ids = await Promise.all(
    Array.from({ length: count }, (_, n) => first.api.deliver({ target_url: receiver.url, payload: n })),
  );
  await until("all have failed", async () => (await first.api.jobsThatAre("failed")).length === count);
  status = 200;
  const asked = acceptedId(await first.api.post("/webhooks/jobs/redeliver", {}));
  first.signal("SIGKILL");
  await first.ended();

  const next = await Server.start(t, database);
  const job = await next.api.becomes(asked, "succeeded");
  assert.ok(job.result && "redelivered" in job.result && job.result.redelivered <= count);
  await until(
    "all are delivered",
    async () => (await next.api.jobsThatAre("succeeded")).length === count + 1,
  );
  const counts = receiver.counts();
  assert.ok(ids.every((id) => Number(counts.get(id)) >= 2));
});

test("a bulk run whose first deliveries were lost with the server goes on: their receiver has failed none", async (t) => {
  const count = 200;
  const database = scratchDatabase();
  let judge = (delivery: Delivery) => delivery.answer(410);
  const receiver = await Receiver.start(t, (delivery) => judge(delivery));
  const first = await Server.start(t, database);
  await Promise.all(
    Array.from({ length: count }, (_, n) => first.api.deliver({ target_url: receiver.url, payload: n })),
  );
  await until("all have failed", async () => (await first.api.jobsThatAre("failed")).length === count);
  judge = () => {}; // from now on it takes its time
  const asked = { action: "redeliver", filter: { status: "failed" }, pace: 100, starts_in: "0s" };
  const { id } = JSON.parse((await first.api.post("/bulk", asked)).text);
  await receiver.received(count + 25);
  first.signal("SIGKILL");
  await first.ended();

  const next = await Server.start(t, database);
  const run = await until("it has ended, or paused", async () => {
    const found = bulkAnswer.parse(JSON.parse((await next.api.ask("GET", `/bulk/${id}`)).text));
    return found.ended_at === null ? undefined : found;
  });
  assert.deepEqual([run.state, run.reason, run.done], ["done", null, count]);
});

/** An hour's grace for every worker: none is found dead by its silence, only by its process that is gone. */
function outliveLeases(t: TestContext, database: string): void {
  openRaw(t, database).exec("update workers set deadline = deadline + 3600000");
}

/** What was answered 202 and never came, or came as something else. */
function missing(accepted: ReadonlyMap<string, string>, receiver: Receiver): string[] {
  const came = new Map(receiver.ledger.map(({ id, text }) => [id, text]));
  return [...accepted].filter(([id, payload]) => came.get(id) !== payload).map(([id]) => id);
}

/** By job id: the outcomes of its attempts, first to last. */
function outcomesOf(t: TestContext, database: string): Map<string, unknown[]> {
  const outcomes = new Map<string, unknown[]>();
  const raw = openRaw(t, database);
  const rows = raw.prepare(`
    select j.id, a.outcome
    from jobs j
    join (
      select job, n, outcome from attempts
      union all
      select job, attempts, status from finished where status = 'succeeded'
    ) a on a.job = j.seq
    order by j.seq, a.n`);
  for (const { id, outcome } of rows.all()) {
    outcomes.set(String(id), [...(outcomes.get(String(id)) ?? []), outcome]);
  }
  assert.deepEqual(column(raw, "select job from leases"), []);
  return outcomes;
}

/** Jobs that came more often than attempts lost with their worker account for. */
function unexplained(receiver: Receiver, outcomes: ReadonlyMap<string, unknown[]>): string[] {
  return [...receiver.counts()]
    .map(([id, count]) => ({ id, count, attempts: outcomes.get(id) ?? [] }))
    .filter(({ count, attempts }) => {
      const [last, ...earlier] = attempts.toReversed();
      return count > attempts.length || last !== "succeeded" || earlier.some((outcome) => outcome !== "lost");
    })
    .map(({ id, count, attempts }) => `${id} came ${count} times in attempts ${attempts.join(", ")}`);
}
