import { sessionClaims } from "../../test-kit/session-claims.ts";
import { openDatabase } from "../open.ts";
import { ShelfSession } from "./shelf-session.ts";

sessionClaims(async (context) => {
  const db = await openDatabase({ file: ":memory:" });
  context.after(() => db.close());
  return new ShelfSession(db);
});
