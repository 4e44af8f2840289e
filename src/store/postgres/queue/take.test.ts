import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { newId } from "../../../core/id.ts";
import { claim, enqueue, newJob } from "../../test-kit/stored-jobs.ts";
import { RoundTrip } from "../driver/round-trip.ts";
import { connectForTest, openForTest, scratchServer } from "../test-kit/scratch.ts";
import { TAKE } from "./take.ts";

const LIMIT = 64;
const server = scratchServer();

interface PlanNode {
  readonly "Relation Name"?: string;
  readonly "Actual Loops": number;
  readonly Plans?: readonly PlanNode[];
}

/** How often a claim of `LIMIT` jobs seeks in `ready` where there is one job in each of these lanes. */
async function seeksOver(t: Parameters<typeof openForTest>[0], lanes: readonly string[]): Promise<number> {
  const url = await server.newDatabase();
  const store = await openForTest(t, url);
  await enqueue(
    store,
    lanes.map((lane) => newJob({ lane })),
  );
  const client = await connectForTest(t, url);
  await client.query("create table kept as table posthorn.ready");
  const add = mock.method(RoundTrip.prototype, "add");
  assert.equal((await claim(store, { limit: LIMIT })).length, LIMIT);
  const call = add.mock.calls.find(({ arguments: [statement] }) => statement.text === TAKE.text);
  add.mock.restore();
  assert.ok(call, "the claim ran the statement");
  await client.query("begin");
  await client.query("delete from posthorn.leases");
  await client.query("insert into posthorn.ready table kept on conflict do nothing");
  const { rows } = await client.query(`explain (analyze, format json) ${call.arguments[0].text}`, [
    ...call.arguments[1],
  ]);
  await client.query("rollback");
  const loopsOf = (node: PlanNode): number =>
    (node["Relation Name"] === "ready" ? node["Actual Loops"] : 0) +
    (node.Plans ?? []).reduce((sum, each) => sum + loopsOf(each), 0);
  return loopsOf(rows[0]["QUERY PLAN"][0].Plan);
}

/** To find the level, the turn without work, what is ready beyond, and to delete. */
const BESIDES = 12;

test("a claim seeks once for each lane and once for its jobs, whether a lane belongs to nobody or to a tenant of one endpoint", async (t) => {
  const plain = await seeksOver(
    t,
    Array.from({ length: 200 }, () => `https://${newId("ep")}.example`),
  );
  assert.ok(plain <= 2 * LIMIT + BESIDES, `${plain} seeks`);
  const tenants = await seeksOver(
    t,
    Array.from({ length: 200 }, () => `${newId("app")}/${newId("ep")}`),
  );
  assert.ok(tenants <= 2 * LIMIT + BESIDES, `${tenants} seeks`);
});

test("a tenant's other endpoints are stepped over by one seek, however many they are", async (t) => {
  const of = (tenant: string, count: number) =>
    Array.from({ length: count }, () => `${tenant}/${newId("ep")}`);
  const lanes = (count: number) => Array.from({ length: LIMIT }, () => of(newId("app"), count)).flat();
  const [few, many] = [await seeksOver(t, lanes(2)), await seeksOver(t, lanes(40))];
  assert.equal(many, few);
});
