import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { StoreUnavailableError, TransactionError } from "../../../core/errors.ts";
import { scratchFile } from "../test-kit/scratch.ts";
import { explain, explainCopying } from "./sqlite-errors.ts";

test("a transaction that read before another one wrote is told to begin again, not to wait", (context) => {
  const file = scratchFile(context);
  const [reader, writer] = [new DatabaseSync(file), new DatabaseSync(file)];
  context.after(() => {
    reader.close();
    writer.close();
  });
  writer.exec("pragma journal_mode = wal; create table notes (text)");
  reader.exec("begin; select * from notes");
  writer.exec("insert into notes values ('first')");
  const stale = explain(
    thrownBy(() => reader.exec("insert into notes values ('late')")),
    file,
  );
  assert.ok(stale instanceof TransactionError);
  assert.match(stale.message, /read from .* before another one wrote.*roll it back.*"begin immediate"/);
  reader.exec("rollback");

  writer.exec("begin immediate");
  const locked = explain(
    thrownBy(() => reader.exec("insert into notes values ('late')")),
    file,
  );
  assert.ok(locked instanceof StoreUnavailableError);
  assert.match(locked.message, /locked by another process/);
});

test("a copy that finds no space names its own folder, not the database", () => {
  const full = Object.assign(new Error("database or disk is full"), { errcode: 13 });
  const { message } = explainCopying(full, "/data/posthorn.db", "/backup");
  assert.match(
    message,
    /^no space is left in \/backup for a copy of \/data\/posthorn\.db; free some space there/,
  );
});

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
