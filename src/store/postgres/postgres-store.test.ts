import { after, before } from "node:test";
import type { Store } from "../store.ts";
import { describeStore } from "../store-contract.ts";
import type { OpenedStore } from "../test-kit/store-under-test.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { type Emptied, rememberNew } from "./test-kit/emptied.ts";
import { startTestServer, type TestServer } from "./test-kit/server.ts";

let server: TestServer;
let url: string;
let emptied: Emptied;

before(async () => {
  server = await startTestServer();
  url = await server.newDatabase();
  await (await openPostgresStore({ url })).close();
  emptied = await rememberNew(url);
});
after(async () => {
  await emptied.close();
  await server.stop();
});

describeStore("the PostgreSQL store", open);

/** One database for all, emptied after each: a small part of the time that a new one takes. */
async function open(): Promise<OpenedStore> {
  let opened: Store[] = [];
  const openUrl = async (database: string) => {
    const store = await openPostgresStore({ url: database });
    opened.push(store);
    return store;
  };
  const another = () => openUrl(url);
  const closeAll = async () => {
    for (const store of opened) await store.close();
    opened = [];
  };
  return {
    store: await another(),
    beside() {
      return another();
    },
    empty: async () => openUrl(await server.newDatabase()),
    async reopen() {
      await closeAll();
      return another();
    },
    async close() {
      await closeAll();
      await emptied.again();
    },
  };
}
