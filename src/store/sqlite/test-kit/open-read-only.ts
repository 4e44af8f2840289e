// Opens the database named first as a user who may read it but not write, and prints how that fails.
import { messageOf, PosthornError } from "../../../core/errors.ts";
import { openSqliteStore } from "../sqlite-store.ts";

const NOBODY = 65_534;
const [file = ""] = process.argv.slice(2);
if (process.geteuid?.() === 0) process.seteuid?.(NOBODY); // root may write everything
try {
  await openSqliteStore({ file });
  process.stdout.write(JSON.stringify({ code: "opened" }));
} catch (error) {
  const code = error instanceof PosthornError ? error.code : "unexpected";
  process.stdout.write(JSON.stringify({ code, message: messageOf(error) }));
}
