/**
 * What a delivery may cost PostgreSQL, counted rather than timed: see cost-of-a-delivery.test.ts for SQLite. Anyone who adds a
 * statement, a round trip or a written byte to the hot path fails here.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { openPostgresStore } from "../src/store/postgres/postgres-store.ts";
import { connectForTest, scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { acceptAndClaim, settleAll } from "./support/batches.ts";
import { serveHere } from "./support/in-process.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";
import { type Traffic, WireTap } from "./support/wire-tap.ts";
import { withoutRounds } from "./support/without-rounds.ts";

const server = scratchServer();

/** From the POST to the recorded success, alone: nothing else to share a transaction with. */
const ALONE = { commits: 2, statements: 10, roundTrips: 2 };
const IDEMPOTENCY_KEY = { statements: 2, roundTrips: 1 };
/** For each further delivery, in transactions that many share. */
const SHARED = { statements: 0, logBytes: 830 };

test("a delivery by itself takes two transactions, few statements and few round trips", async (t) => {
  withoutRounds(t);
  const direct = await server.newDatabase();
  const { tap, url } = await WireTap.start(t, direct);
  const observer = await connectForTest(t, direct);
  const recorded = async () =>
    Number((await observer.query("select count(*) from posthorn.finished")).rows[0].count);
  const receiver = await Receiver.start(t);
  const { api } = await serveHere(t, { database: url, masterKey: randomBytes(32).toString("base64") });
  const deliver = async (key?: string) => {
    const before = await recorded();
    return tap.during(async () => {
      await api.deliver(
        { target_url: receiver.url, payload: 1 },
        key ? { "idempotency-key": `"${key}"` } : {},
      );
      await until("its success is recorded", async () => (await recorded()) > before);
    });
  };
  await deliver(); // the first registers the worker, and prepares the statements

  // the median, because a NOTIFY may come between
  const plain = await medianOf(15, () => deliver());
  assert.equal(commitsIn(plain), ALONE.commits, listed(plain));
  assert.equal(plain.statements.length, ALONE.statements, listed(plain));
  assert.equal(plain.roundTrips, ALONE.roundTrips, listed(plain));

  const withKey = await medianOf(15, (number) => deliver(`key-${number}`));
  assert.equal(withKey.statements.length, ALONE.statements + IDEMPOTENCY_KEY.statements, listed(withKey));
  assert.equal(withKey.roundTrips, ALONE.roundTrips + IDEMPOTENCY_KEY.roundTrips, listed(withKey));
});

test("deliveries that share transactions share all statements, and write little to the log", async (t) => {
  const direct = await server.newDatabase();
  const { tap, url } = await WireTap.start(t, direct);
  const observer = await connectForTest(t, direct);
  const position = async () => {
    const { rows } = await observer.query(
      "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as bytes",
    );
    return Number(rows[0].bytes);
  };
  const store = await openPostgresStore({ url });
  t.after(() => store.close());
  const cost = async (jobs: number) => {
    const before = await position();
    const { statements } = await tap.during(async () => settleAll(store, await acceptAndClaim(store, jobs)));
    return { statements: statements.length, logBytes: (await position()) - before };
  };
  await cost(1);
  await observer.query("checkpoint"); // pages written whole after it are written whole before both measurements
  await cost(400);
  const [few, many] = [await cost(100), await cost(300)];
  assert.equal((many.statements - few.statements) / 200, SHARED.statements);
  const logBytes = (many.logBytes - few.logBytes) / 200;
  assert.ok(
    logBytes <= SHARED.logBytes,
    `${logBytes} bytes go to the log for each, more than ${SHARED.logBytes}`,
  );
});

async function medianOf(times: number, work: (number: number) => Promise<Traffic>): Promise<Traffic> {
  const all: Traffic[] = [];
  for (let number = 0; number < times; number++) all.push(await work(number));
  const middle = all.toSorted(
    (a, b) => a.statements.length - b.statements.length || a.roundTrips - b.roundTrips,
  )[Math.floor(times / 2)];
  assert.ok(middle);
  return middle;
}

function commitsIn({ statements }: Traffic): number {
  return statements.filter((text) => text === "commit").length;
}

function listed({ statements, roundTrips }: Traffic): string {
  const texts = statements.map((text) => text.replaceAll(/\s+/g, " ").trim().slice(0, 100));
  return `a delivery takes ${statements.length} statements in ${roundTrips} round trips:\n${texts.join("\n")}`;
}
