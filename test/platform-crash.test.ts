import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { Child } from "../src/cli/test-kit/child.ts";
import { connectForTest, scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { open } from "./support/posthorn.ts";
import { Receiver } from "./support/receiver.ts";
import { openRaw, scratchDatabase } from "./support/scratch.ts";
import { Server } from "./support/server.ts";
import { until } from "./support/until.ts";

const MASTER_KEY = Buffer.alloc(32, 3).toString("base64");
/** More endpoints than one transaction makes jobs for. */
const ENDPOINTS = 430;
/** All but the last transaction of a fan-out, which makes 20 jobs in each. */
const BEFORE_THE_LAST = 420;
const SICK = 0;

/** A database, asked behind the product's back. */
interface Place {
  readonly database: string;
  run(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** From now on this statement fails, as if its process ended before it; until the returned function is called. */
  forbid(what: "insert" | "delete", table: string): Promise<() => Promise<void>>;
}

function onSqlite(t: TestContext): Place {
  const database = scratchDatabase();
  const run = async (sql: string) => openRaw(t, database).prepare(sql.replaceAll("posthorn.", "")).all();
  return {
    ...{ database, run },
    async forbid(what, table) {
      await run(
        `create trigger forbidden before ${what} on ${table} begin select raise(abort, 'forbidden'); end`,
      );
      return async () => void (await run("drop trigger forbidden"));
    },
  };
}

async function onPostgres(t: TestContext, database: string): Promise<Place> {
  const client = await connectForTest(t, database);
  const run = async (sql: string) => (await client.query(sql)).rows;
  return {
    ...{ database, run },
    async forbid(what, table) {
      await run(`
        create function public.forbidden() returns trigger language plpgsql as $$
        begin
          raise exception 'forbidden';
        end $$`);
      await run(
        `create trigger forbidden before ${what} on posthorn.${table} for each row execute function public.forbidden()`,
      );
      return async () => void (await run("drop function public.forbidden cascade"));
    },
  };
}

const count = async ({ run }: Place, from: string) =>
  Number((await run(`select count(*) as n from posthorn.${from}`))[0]?.n);

async function losesNothing(t: TestContext, place: Place): Promise<void> {
  const { database, run, forbid } = place;
  let isSickWell = false;
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(delivery.path === `/${SICK}` && !isSickWell ? 500 : 200),
  );
  const here = await open(t, { database, masterKey: MASTER_KEY, worker: false, allowTargets: ["127.0.0.1"] });
  await here.webhooks.tenants.create({ uid: "acme" });
  const retry = { attempts: 100, delays: ["1s"] } as const;
  await Promise.all(
    Array.from({ length: ENDPOINTS }, (_, n) => {
      const eventTypes = n === SICK ? ["sick", "all"] : ["all"];
      return here.webhooks.endpoints.create("acme", { url: `${receiver.url}/${n}`, eventTypes, retry });
    }),
  );
  await here.close();

  const env = { POSTHORN_MASTER_KEY: MASTER_KEY, POSTHORN_DATABASE: database };
  const startServer = () => Server.startWith(t, env, "--no-worker");
  const startWorker = async () => {
    const worker = new Child(t, ["worker", "--json", "--allow-targets", "127.0.0.1"], env);
    await worker.shows("stdout", /"pid":/);
    return worker;
  };
  const killWorker = async (worker: Child) => {
    worker.process.kill("SIGKILL");
    assert.equal(await worker.exit(), "SIGKILL");
  };
  /** By event: how many endpoints it has to reach. */
  const accepted = new Map<string, number>();
  const send = async (server: Server, type: string) => {
    const answer = await server.api.post("/webhooks/events", { tenant: "acme", type, payload: { type } });
    assert.equal(answer.status, 202, answer.text);
    const { event_id: id, jobs } = JSON.parse(answer.text);
    accepted.set(id, jobs);
  };

  // a server ends in the middle of a fan-out: what it began, a worker ends
  const allowEnd = await forbid("delete", "fanouts");
  const first = await startServer();
  await send(first, "all");
  await until("the last transaction is left", async () => (await count(place, "jobs")) === BEFORE_THE_LAST);
  first.signal("SIGKILL");
  assert.equal(await first.ended(), "SIGKILL");
  await allowEnd();
  assert.equal(await count(place, "fanouts"), 1);
  // the worker ends in the middle of the deliveries
  const worker = await startWorker();
  await receiver.received(300);
  await killWorker(worker);

  // another ends when it has opened a breaker, and nothing is parked yet
  const allowParking = await forbid("insert", "parked");
  const [server, second] = [await startServer(), await startWorker()];
  for (let n = 0; n < 15; n++) await send(server, "sick");
  await until(
    "a breaker is open",
    async () => (await count(place, "endpoint_health where breaker = 'open'")) === 1,
  );
  await killWorker(second);
  await allowParking();
  assert.equal(await count(place, "parked"), 0);
  const third = await startWorker();
  await until("what waits is parked", async () => (await count(place, "parked")) > 0);

  // and another when it has closed it, and nothing is let in yet
  isSickWell = true;
  const probe = "update posthorn.endpoint_health set probe_at = 1 where probe_at is not null";
  await run(probe);
  await until("it is closed", async () => {
    if ((await count(place, "endpoint_health where breaker = 'closed' and failures = 0")) === 1) return true;
    await run(`${probe} and breaker = 'open'`);
    return false;
  });
  await killWorker(third);
  server.signal("SIGKILL");
  await server.ended();

  const last = await startWorker();
  await until("all has ended", async () => {
    // what waits for its next step need not be waited for
    await run(`${probe} and breaker = 'closed'`);
    for (const table of ["fanouts", "parked", "scheduled", "ready", "leases"])
      if ((await count(place, table)) > 0) return false;
    return true;
  });
  last.process.kill("SIGTERM");
  assert.equal(await last.exit(), 0);
  const came = new Map<string, Set<string>>();
  for (const { id, path } of receiver.ledger) came.set(id, (came.get(id) ?? new Set()).add(path));
  assert.deepEqual(
    [...accepted].filter(([id, jobs]) => came.get(id)?.size !== jobs),
    [],
    "every event has come to each endpoint that wanted it",
  );
  assert.deepEqual([...accepted.values()], [ENDPOINTS, ...Array.from({ length: 15 }, () => 1)]);
  assert.equal(await count(place, "finished where status <> 'succeeded'"), 0);
}

describe("whichever process is killed in the middle of a fan-out, of deliveries or of a breaker's change, each event reaches each endpoint", () => {
  const server = scratchServer();

  test("on SQLite", (t) => losesNothing(t, onSqlite(t)));

  test("on PostgreSQL", async (t) => losesNothing(t, await onPostgres(t, await server.newDatabase())));
});
