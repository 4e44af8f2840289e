import type { TestContext } from "node:test";
import { guardCallClaims } from "../../test-kit/queue/guard-call-claims.ts";
import { sessionClaims } from "../../test-kit/shelves/session-claims.ts";
import { openDatabase } from "../open.ts";
import { ShelfSession } from "./shelf-session.ts";

sessionClaims(open);
guardCallClaims(open);

async function open(context: TestContext) {
  const db = await openDatabase({ file: ":memory:" });
  context.after(() => db.close());
  return new ShelfSession(db);
}
