import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { SCHEDULES } from "../../shelves/schedules.ts";
import { SECRETS } from "../../shelves/secrets.ts";
import { name, nullable, text } from "../../shelves/tables/column.ts";
import type { Session } from "../../shelves/tables/session.ts";
import { Table } from "../../shelves/tables/table.ts";

const PUT = SECRETS.statement(SECRETS.insertion);
const GET = SECRETS.statement(`select ${SECRETS.fields} from posthorn.secrets where name = ?`);
/** As the table is not: its secrets may be null here, and are refused by the database. */
const LAX = new Table("secrets", ["name"], { name, sealed: nullable(text) });
const PUT_NOTHING = LAX.statement(LAX.insertion);

const SCHEDULE = { name: "s", cron: "* * * * *", timeZone: "UTC", missed: "all", job: "{}" } as const;
const ADD = SCHEDULES.statement(`${SCHEDULES.insertion} returning ${SCHEDULES.fields}`);

/** What the shelves rely on, whichever database they stand on. */
export function sessionClaims(open: (context: TestContext) => Promise<Session>): void {
  test("an operation is one transaction: nothing remains of one that fails", async (context) => {
    const session = await open(context);
    await assert.rejects(session.write(PUT.with("a", "1"), PUT_NOTHING.with("b", null)));
    assert.deepEqual(await session.read(GET.with("a")), []);
  });

  test("each statement of an operation sees what those before it wrote", async (context) => {
    const session = await open(context);
    const [before, put, after] = await session.write(GET.with("a"), PUT.with("a", "1"), GET.with("a"));
    assert.deepEqual([before, put, after], [[], [], [{ name: "a", sealed: "1" }]]);
  });

  test("true, false, null and large numbers come back as they were given", async (context) => {
    const session = await open(context);
    const given = [
      { ...SCHEDULE, name: "one", paused: true, nextAt: null, lastAt: 8.64e15 },
      { ...SCHEDULE, name: "two", paused: false, nextAt: 0, lastAt: null },
    ];
    const kept = await session.write(...given.map((each) => ADD.with(...SCHEDULES.valuesOf(each))));
    assert.deepEqual(kept.flat(), given);
  });
}
