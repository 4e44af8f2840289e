import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeStore } from "../store-contract.ts";
import { openedStore } from "../test-kit/store-under-test.ts";
import { openSqliteStore } from "./sqlite-store.ts";

describeStore("the SQLite store", async () => {
  const folder = await mkdtemp(join(tmpdir(), "posthorn-"));
  const fileOf = { data: join(folder, "posthorn.db"), "no data": join(folder, "empty.db") };
  return openedStore(
    (on) => openSqliteStore({ file: fileOf[on] }),
    () => rm(folder, { recursive: true }),
  );
});
