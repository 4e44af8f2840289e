import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import pg from "pg";
import { SECRETS } from "../../shelves/secrets.ts";
import { guardCallClaims } from "../../test-kit/queue/guard-call-claims.ts";
import { sessionClaims } from "../../test-kit/shelves/session-claims.ts";
import { openDatabase } from "../open.ts";
import { scratchServer } from "../test-kit/scratch.ts";
import { ShelfSession } from "./shelf-session.ts";

const server = scratchServer();

sessionClaims(open);
guardCallClaims(open);

test("an operation is one message to the server, whatever it does", async (context) => {
  const session = await open(context);
  const put = SECRETS.statement(SECRETS.insertion);
  await session.write(put.with("warm", "up")); // the connection is there
  const messages = context.mock.method(pg.Client.prototype, "query").mock;
  await session.write(...["a", "b", "c"].map((name) => put.with(name, "1")));
  assert.equal(messages.callCount(), 1);
});

async function open(context: TestContext) {
  const db = await openDatabase({ url: await server.newDatabase() });
  context.after(() => db.close());
  return new ShelfSession(db);
}
