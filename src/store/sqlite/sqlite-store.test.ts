import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../store.ts";
import { describeStore } from "../store-contract.ts";
import type { OpenedStore } from "../test-kit/store-under-test.ts";
import { openSqliteStore } from "./sqlite-store.ts";

describeStore("the SQLite store", open);

async function open(): Promise<OpenedStore> {
  const folder = await mkdtemp(join(tmpdir(), "posthorn-"));
  const file = join(folder, "posthorn.db");
  let opened: Store[] = [];
  const openFile = async (path: string) => {
    const store = await openSqliteStore({ file: path });
    opened.push(store);
    return store;
  };
  const another = () => openFile(file);
  const closeAll = async () => {
    for (const store of opened) await store.close();
    opened = [];
  };
  return {
    store: await another(),
    beside() {
      return another();
    },
    empty: () => openFile(join(folder, "empty.db")),
    async reopen() {
      await closeAll();
      return another();
    },
    async close() {
      await closeAll();
      await rm(folder, { recursive: true });
    },
  };
}
