/**
 * What a delivery may cost the database, counted rather than timed, so that the machine's speed does not matter. Anyone who adds
 * a statement or a page to the hot path fails here: remove it again, or raise the number here and say why in bench/LOG.md,
 * with what `npm run bench` measured before and after.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSqliteStore } from "../src/store/sqlite/sqlite-store.ts";
import { acceptAndClaim, settleAll } from "./support/batches.ts";
import { serveHere } from "./support/in-process.ts";
import { Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";
import { StatementCount } from "./support/statement-count.ts";
import { turns, until } from "./support/until.ts";
import { withoutRounds } from "./support/without-rounds.ts";
import { framesIn, transactionsIn } from "./support/write-ahead-log.ts";

/** From the POST to the recorded success, alone: nothing else to share a transaction with. */
const ALONE = { statements: 11, transactions: 2, pages: 6 };
const IDEMPOTENCY_KEY_STATEMENTS = 2;
/** For each further delivery, in transactions that many share: jobs, leases; leases, finished. */
const SHARED = { statements: 4, pages: 0.15 };

test("a delivery by itself takes two transactions, few statements and few pages", async (t) => {
  const count = new StatementCount(t);
  withoutRounds(t);
  const now = Date.now();
  t.mock.method(Date, "now", () => now); // or the worker's lease is extended now and then
  const receiver = await Receiver.start(t);
  const { api, database } = await serveHere(t);
  const deliver = async (key?: string) => {
    const before = { frames: framesIn(`${database}-wal`), transactions: transactionsIn(`${database}-wal`) };
    const isRecorded = () => transactionsIn(`${database}-wal`) >= before.transactions + ALONE.transactions;
    const statements = await count.of(async () => {
      await api.deliver(
        { target_url: receiver.url, payload: 1 },
        key ? { "idempotency-key": `"${key}"` } : {},
      );
      await until("its success is recorded", isRecorded);
      await turns(); // the worker looks for more once
    });
    const transactions = transactionsIn(`${database}-wal`) - before.transactions;
    return { statements, transactions, pages: framesIn(`${database}-wal`) - before.frames };
  };
  await deliver(); // the first registers the worker

  // the median, because the look for more may come with the next one
  const plain = medianOf(await inTurn(31, () => deliver()));
  assert.equal(plain.transactions, ALONE.transactions);
  assert.equal(plain.statements, ALONE.statements, listed(plain.sql));
  assert.ok(plain.pages <= ALONE.pages, `${plain.pages} pages are written, more than ${ALONE.pages}`);

  const withKey = medianOf(await inTurn(31, (number) => deliver(`key-${number}`)));
  assert.equal(withKey.statements, ALONE.statements + IDEMPOTENCY_KEY_STATEMENTS, listed(withKey.sql));
});

test("deliveries that share transactions take a few statements each, and share their pages", async (t) => {
  const count = new StatementCount(t);
  const file = scratchDatabase();
  const store = await openSqliteStore({ file });
  t.after(() => store.close());
  const cost = async (jobs: number) => {
    const framesBefore = framesIn(`${file}-wal`);
    const statements = await count.of(async () => settleAll(store, await acceptAndClaim(store, jobs)));
    return { statements: statements.length, pages: framesIn(`${file}-wal`) - framesBefore };
  };
  await cost(1);
  const [few, many] = [await cost(100), await cost(300)];
  assert.equal((many.statements - few.statements) / 200, SHARED.statements);
  const pages = (many.pages - few.pages) / 200;
  assert.ok(pages <= SHARED.pages, `${pages} pages are written for each, more than ${SHARED.pages}`);
});

interface Cost {
  readonly statements: readonly string[];
  /** Transactions that wrote: each is one sync of the disk. */
  readonly transactions: number;
  readonly pages: number;
}

async function inTurn(times: number, work: (number: number) => Promise<Cost>): Promise<Cost[]> {
  const costs: Cost[] = [];
  for (let number = 0; number < times; number++) costs.push(await work(number));
  return costs;
}

function medianOf(costs: readonly Cost[]) {
  const middle = (by: (cost: Cost) => number) =>
    costs.toSorted((a, b) => by(a) - by(b))[Math.floor(costs.length / 2)];
  const sql = middle(({ statements }) => statements.length)?.statements ?? [];
  return {
    sql,
    statements: sql.length,
    transactions: middle(({ transactions }) => transactions)?.transactions,
    pages: middle(({ pages }) => pages)?.pages ?? Number.NaN,
  };
}

function listed(sql: readonly string[]): string {
  return `the statements of a delivery are now:\n${sql.map((text) => text.replaceAll(/\s+/g, " ").trim()).join("\n")}`;
}
