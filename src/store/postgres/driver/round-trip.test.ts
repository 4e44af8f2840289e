import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type pg from "pg";
import { connectForTest, scratchServer } from "../test-kit/scratch.ts";
import { RoundTrip } from "./round-trip.ts";
import { statement } from "./statement.ts";

const server = scratchServer();

const NUMBER = statement<{ number: number; nothing: string | null }>(
  "select $1::bigint as number, $2::text as nothing",
);
const QUOTIENT = statement<{ quotient: number }>("select 12 / $1::int as quotient");
const LATER = statement<{ word: string }>("select $1::text as word");
const NO_ROWS = statement("set local work_mem = '1MB'");

async function client(t: TestContext): Promise<pg.Client> {
  return connectForTest(t, await server.newDatabase());
}

/** Once the client has heard the answer, or lost it. */
function sent(client: pg.Client, trip: RoundTrip): Promise<Error | null> {
  return new Promise((resolve) => {
    trip.callback = resolve;
    void client.query(trip);
  });
}

test("each statement gets its own rows, even one that is sent twice, or gives none", async (t) => {
  const connection = await client(t);
  for (let round = 0; round < 2; round++) {
    const trip = new RoundTrip();
    const answers = [
      trip.add(NUMBER, [2 ** 40, null]),
      trip.add(NO_ROWS, []),
      trip.add(NUMBER, [7, "text"]),
      trip.add(LATER, ["ü"]),
    ];
    assert.equal(await sent(connection, trip), null);
    assert.deepEqual(await Promise.all(answers), [
      [{ number: 2 ** 40, nothing: null }],
      [],
      [{ number: 7, nothing: "text" }],
      [{ word: "ü" }],
    ]);
  }
});

test("what comes after a statement that failed fails as it did; all of them can be asked again on the same connection", async (t) => {
  const connection = await client(t);
  const first = new RoundTrip();
  const before = first.add(NUMBER, [1, null]);
  const failed = first.add(QUOTIENT, [0]);
  const after = first.add(LATER, ["word"]);
  assert.match(String(await sent(connection, first)), /division by zero/);
  assert.deepEqual(await before, [{ number: 1, nothing: null }]);
  await assert.rejects(failed, /division by zero/);
  await assert.rejects(after, /division by zero/);

  const second = new RoundTrip();
  const answers = [second.add(LATER, ["word"]), second.add(QUOTIENT, [3]), second.add(NUMBER, [2, null])];
  assert.equal(await sent(connection, second), null);
  assert.deepEqual(await Promise.all(answers), [
    [{ word: "word" }],
    [{ quotient: 4 }],
    [{ number: 2, nothing: null }],
  ]);
});

test("a statement that cannot be prepared is prepared again the next time", async (t) => {
  const connection = await client(t);
  const missing = statement<{ id: number }>("select id from soon_there");
  const ask = async () => {
    const trip = new RoundTrip();
    const answer = trip.add(missing, []);
    await sent(connection, trip);
    return answer;
  };
  await assert.rejects(ask(), /does not exist/);
  await connection.query("create table soon_there as select 5 as id");
  assert.deepEqual(await ask(), [{ id: 5 }]);
});

test("the server is asked to answer once, however many statements there are", async (t) => {
  const connection = await client(t);
  let answers = 0;
  connection.connection.on("readyForQuery", () => answers++);
  const trip = new RoundTrip();
  for (let number = 0; number < 20; number++) void trip.add(NUMBER, [number, null]);
  await sent(connection, trip);
  assert.equal(answers, 1);
});

test("what is added while another one is under way goes along; once it is sent nothing can be added", async (t) => {
  const connection = await client(t);
  const [first, second] = [new RoundTrip(), new RoundTrip()];
  void first.add(LATER, ["first"]);
  void second.add(LATER, ["second"]);
  void sent(connection, first);
  const done = sent(connection, second);
  assert.deepEqual([first.isSealed, second.isSealed], [true, false]);
  const added = second.add(LATER, ["too"]);
  await done;
  assert.deepEqual(await added, [{ word: "too" }]);
  assert.equal(second.isSealed, true);
});

test("when the connection is lost all that has no answer fails, and no more can be added", async (t) => {
  const connection = await client(t);
  const trip = new RoundTrip();
  const answers = [trip.add(LATER, ["word"]), trip.add(statement("select pg_sleep(60)"), [])];
  const done = sent(connection, trip);
  const next = new RoundTrip();
  const unsent = next.add(LATER, ["never"]);
  const nextDone = sent(connection, next);
  connection.connection.stream.destroy();
  assert.match(String(await done), /terminated/);
  assert.match(String(await nextDone), /terminated/);
  for (const answer of [...answers, unsent]) await assert.rejects(answer, /terminated/);
  assert.equal(next.isSealed, true);
});

test("a statement is described once on a connection", async (t) => {
  const connection = await client(t);
  let descriptions = 0;
  connection.connection.on("rowDescription", () => descriptions++);
  for (let round = 0; round < 3; round++) {
    const trip = new RoundTrip();
    const answers = [trip.add(LATER, ["word"]), trip.add(LATER, ["word"])];
    await sent(connection, trip);
    assert.deepEqual(await Promise.all(answers), [[{ word: "word" }], [{ word: "word" }]]);
  }
  assert.equal(descriptions, 1);
});

test("a statement that is nothing but a comment gives no rows", async (t) => {
  const connection = await client(t);
  const trip = new RoundTrip();
  const answers = [trip.add(statement("-- nothing"), []), trip.add(LATER, ["word"])];
  await sent(connection, trip);
  assert.deepEqual(await Promise.all(answers), [[], [{ word: "word" }]]);
});

test("its answer is waited for as long as that of its most impatient statement", async (t) => {
  const connection = await client(t);
  const trip = new RoundTrip();
  const slow = trip.add(statement("select pg_sleep(60)"), []);
  const impatient = trip.add({ ...LATER, patienceMs: 100 }, ["word"]);
  assert.match(String(await sent(connection, trip)), /timeout/);
  await assert.rejects(slow, /timeout/);
  await assert.rejects(impatient, /timeout/);
  connection.connection.stream.destroy(); // it would wait for the sleeper
});
